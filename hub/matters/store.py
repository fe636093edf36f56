"""Matters in the store: events in, the row that lists read beside them, and back."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import Session

from hub.db import insert_many, table, upsert
from hub.matters.book import Book
from hub.matters.clocks import marks
from hub.matters.fold import after, folded
from hub.matters.model import Actor, Event, Matter, State
from hub.matters.search import grams
from hub.matters.tables import NEVER_MS, MatterEvent, MatterGram, MatterRow
from hub.web.problem import ProblemError

Key = tuple[str, int]
"""Community and number of a matter."""


_TURN = 730_002


def take_turn(session: Session) -> None:
    """One writer of matters at a time; on SQLite the write transaction is that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def events_of(session: Session, community: str, number: int) -> list[Event]:
    """In their order; none for a matter that is not there."""
    events = table(MatterEvent)
    e = events.c
    mine = e.community == community, e.matter == number
    return [_event(row) for row in session.execute(select(events).where(*mine).order_by(e.seq))]


def require_events(session: Session, community: str, number: int) -> list[Event]:
    """In their order; 404 for a matter that is not there."""
    events = events_of(session, community, number)
    if not events:
        raise ProblemError(404, "no-matter", f"matter {number} is not known")
    return events


def next_number(session: Session, community: str) -> int:
    """What the next matter is called; within a write session."""
    c = table(MatterRow).c
    newest = session.scalar(select(func.max(c.matter)).where(c.community == community))
    return int(newest or 0) + 1


def append(
    session: Session, key: Key, before: Matter | None, events: Sequence[Event], book: Book
) -> Matter:
    """Write events and what follows from them; the matter after them."""
    community, number = key
    version, matter = before.version if before else 0, before
    rows = []
    for seq, event in enumerate(events, start=version + 1):
        matter = after(matter, event)
        rows.append(_row(community, number, seq, event))
    if matter is None:
        msg = f"matter {number}: no event to write"
        raise ValueError(msg)
    connection = session.connection()
    insert_many(connection, MatterEvent, rows)
    updated_ms = events[-1].at_ms if events else matter.received_ms
    upsert(connection, MatterRow, [projected(community, number, matter, book, updated_ms)])
    if before is None:
        found = grams(f"{matter.place}\n{matter.text}")
        index = [{"community": community, "gram": gram, "matter": number} for gram in found]
        insert_many(connection, MatterGram, index)
    return matter


def projected(
    community: str, number: int, matter: Matter, book: Book, updated_ms: int
) -> dict[str, Any]:
    """The row that lists read."""
    kind = book.kinds[matter.kind]
    at = marks(matter, kind, book.calendar)
    watch = matter.watch
    return {
        "community": community, "matter": number, "version": matter.version,
        "state": matter.state.value, "open": not matter.ended, "kind": matter.kind,
        "place": matter.place, "text": matter.text, "channel": matter.channel,
        "lead": matter.lead, "co": matter.co, "basis": matter.basis, "owner": matter.owner,
        "helper": matter.helper, "watched": watch is not None,
        "next_check": watch.next_check.isoformat() if watch else None,
        "due_ms": at.due_ms, "next_ms": at.next_ms or NEVER_MS, "warn_ms": at.warn_ms,
        "received_ms": matter.received_ms, "updated_ms": updated_ms,
    }  # fmt: skip


def tag_of(number: int, version: int) -> str:
    """The ETag of a matter as it stands."""
    return hashlib.sha256(f"matter {number} {version}".encode()).hexdigest()


def reprojected(session: Session, community: str, numbers: Iterable[int], book: Book) -> int:
    """Project matters again, after a kind or the calendar changed; how many."""
    rows = []
    for number in numbers:
        events = events_of(session, community, number)
        rows.append(projected(community, number, folded(events), book, events[-1].at_ms))
    upsert(session.connection(), MatterRow, rows)
    return len(rows)


def _row(community: str, number: int, seq: int, event: Event) -> dict[str, Any]:
    return {
        "community": community, "matter": number, "seq": seq, "act": event.act,
        "to_state": event.to.value, "actor": event.by.id, "body": event.by.body,
        "device": event.by.device, "reason": event.reason,
        "data": json.dumps(event.data, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
        "at_ms": event.at_ms, "client_ms": event.client_ms,
    }  # fmt: skip


def _event(row: Any) -> Event:
    by = Actor(row.actor, row.body, row.device)
    return Event(
        row.act, row.at_ms, by, State(row.to_state), row.reason, json.loads(row.data),
        row.client_ms,
    )  # fmt: skip
