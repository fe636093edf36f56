"""Matters as GeoReport requests. No reporter's name, phone or door leaves, wherever it stands."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, and_, select
from sqlmodel import Session

from hub.db import table
from hub.matters.book import Book
from hub.matters.model import SIDE_ZH, STATE_ZH, State
from hub.matters.tables import MatterEvent, MatterReporter, MatterRow
from hub.open311.asking import Wanted
from hub.registry.tables import Holder, Household
from hub.rewards.views import at_local

_m, _e = table(MatterRow).c, table(MatterEvent).c
_r, _h, _d = table(MatterReporter).c, table(Holder).c, table(Household).c
_PUBLIC = {"open311", "terminal", "patrol", "device"}
"""Channels whose words were meant for others; what was told at a desk stays there."""
_PLACE = re.compile(r"^坐标 (-?[0-9.]+),(-?[0-9.]+)$")
_HIDDEN = "**"
_INSIDE = {"note", "progress", "watch", "call", "rate", "reopen", "verify", "propose", "reassign"}
"""Acts whose words the office wrote for itself, or the reporter said to it."""
Row = RowMapping


def requests(session: Session, community: str, asked: Wanted, book: Book) -> list[dict[str, Any]]:
    """The newest first."""
    found = _select(community, book)
    if asked.ids is not None:
        found = found.where(_m.matter.in_(asked.ids))
    else:
        found = found.where(_m.received_ms >= asked.from_ms, _m.received_ms <= asked.to_ms)
        if asked.codes:
            found = found.where(_m.kind.in_(asked.codes))
        if asked.open is not None:
            found = found.where(_m.open.is_(asked.open))
    page = found.limit(asked.size).offset((asked.page - 1) * asked.size)
    rows = [row._mapping for row in session.execute(page)]  # noqa: SLF001
    return _shown(session, community, rows, book, notes=asked.notes)


def request(session: Session, community: str, number: int, book: Book) -> list[dict[str, Any]]:
    """One with its notes, or none."""
    found = session.execute(_select(community, book).where(_m.matter == number))
    rows = [row._mapping for row in found]  # noqa: SLF001
    return _shown(session, community, rows, book, notes=True)


def _select(community: str, book: Book) -> Select[Any]:
    offered = [kind.kind for kind in book.kinds.values() if kind.open311]
    last = and_(_e.community == _m.community, _e.matter == _m.matter, _e.seq == _m.version)
    return (
        select(table(MatterRow), _e.act, _e.reason, _e.data)
        .join(table(MatterEvent), last)
        .where(_m.community == community, _m.kind.in_(offered))
        .order_by(_m.matter.desc())
    )


def _shown(
    session: Session, community: str, rows: Sequence[Row], book: Book, *, notes: bool
) -> list[dict[str, Any]]:
    numbers = [row["matter"] for row in rows]
    secrets = _secrets(session, community, numbers)
    said = _notes(session, community, numbers) if notes else {}
    return [
        _request(row, book, secrets.get(row["matter"], ()), said.get(row["matter"])) for row in rows
    ]


def _request(
    row: Row, book: Book, secrets: Iterable[str], notes: list[Row] | None
) -> dict[str, Any]:
    public = row["channel"] in _PUBLIC
    kind = book.kinds[row["kind"]].name
    place = row["place"] if public else None
    at = _PLACE.match(place or "")
    shown: dict[str, Any] = {
        "service_request_id": str(row["matter"]),
        "status": "open" if row["open"] else "closed",
        "status_notes": hidden(_status_notes(row["state"], row), secrets),
        "service_name": kind,
        "service_code": row["kind"],
        "description": hidden(row["text"], secrets) if public else kind,
        "agency_responsible": agency(row["lead"], row["co"]),
        "service_notice": None,
        "requested_datetime": at_local(row["received_ms"]),
        "updated_datetime": at_local(row["updated_ms"]),
        "expected_datetime": None if row["due_ms"] is None else at_local(row["due_ms"]),
        "address": hidden(place, secrets) if place and not at else None,
        "address_id": None,
        "zipcode": None,
        "lat": float(at[1]) if at else None,
        "long": float(at[2]) if at else None,
        "media_url": None,
    }
    if notes is not None:
        shown["notes"] = [_note(note, secrets) for note in notes]
    return shown


def _note(row: Row, secrets: Iterable[str]) -> dict[str, Any]:
    ended = State(row["to_state"]) in {State.CLOSED, State.DECLINED, State.MERGED}
    words = _status_notes(row["to_state"], row)
    return {
        "datetime": at_local(row["at_ms"]),
        "status": "closed" if ended else "open",
        "description": hidden(words, secrets),
    }


def _status_notes(state: str, event: Row) -> str:
    """The label, and why or what came of it where that was said for others."""
    label = STATE_ZH[State(state)]
    if event["act"] in _INSIDE:
        return label
    given = json.loads(event["data"])
    why = event["reason"] or given.get("told") or given.get("result") or ""
    return f"{label}:{why}" if why else label


def agency(lead: str | None, co: str | None) -> str | None:
    """``联合(牵头:物业)``, one side, or nobody yet."""
    if lead is None:
        return None
    return f"联合(牵头:{SIDE_ZH[lead]})" if co else SIDE_ZH[lead]


def _notes(session: Session, community: str, numbers: Sequence[int]) -> dict[int, list[Row]]:
    found = select(_e.matter, _e.act, _e.to_state, _e.reason, _e.data, _e.at_ms).where(
        _e.community == community, _e.matter.in_(numbers)
    )
    notes: dict[int, list[Row]] = {number: [] for number in numbers}
    for row in session.execute(found.order_by(_e.matter, _e.seq)):
        notes[row.matter].append(row._mapping)  # noqa: SLF001
    return notes


def _secrets(
    session: Session, community: str, numbers: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """What must not be read: names and phones of reporters and of their households."""
    door = and_(_d.community == _r.community, _d.household_id == _r.household_id)
    home = and_(_h.community == _r.community, _h.household_id == _r.household_id)
    found = session.execute(
        select(
            _r.matter,
            _r.name,
            _r.phone,
            _h.name.label("holder"),
            _h.phone.label("home_phone"),
            _d.building,
            _d.unit,
            _d.room,
        )
        .select_from(table(MatterReporter).outerjoin(table(Holder), home))
        .outerjoin(table(Household), door)
        .where(_r.community == community, _r.matter.in_(numbers))
    )
    words: dict[int, set[str]] = {}
    for row in found:
        mine = words.setdefault(row.matter, set())
        for name in (row.name, row.holder):
            mine.update(_parts(name or ""))
        mine.update(phone for phone in (row.phone, row.home_phone) if phone)
        if row.building is not None:
            mine.update(_doors(row.building, row.unit, row.room))
    return {number: tuple(sorted(mine, key=len, reverse=True)) for number, mine in words.items()}


def _doors(building: str, unit: str, room: str) -> set[str]:
    """Where the reporter lives, as people write it."""
    return {
        f"{building}-{unit}-{room}", f"{building}号楼{room}", f"{unit}单元{room}",
        f"{building}号楼{unit}单元{room}", f"{building}栋{unit}单元{room}",
    }  # fmt: skip


def _parts(name: str) -> set[str]:
    """A name, its words, and what a Chinese one ends with; single letters hide too much."""
    parts = {name, *name.split()}
    if not name.isascii() and " " not in name:
        parts |= {name[begin:] for begin in range(1, len(name))}
        parts.add(name[:2] if len(name) > 3 else name)
    return {part for part in parts if len(part) > 1}


def hidden(text: str, secrets: Iterable[str]) -> str:
    """A text without them, whatever the case of its letters."""
    for secret in secrets:
        text = re.sub(re.escape(secret), _HIDDEN, text, flags=re.IGNORECASE)
    return text
