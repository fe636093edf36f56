"""What the API shows of a matter."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from types import SimpleNamespace
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session

from hub.db import table
from hub.desks.tables import Officer
from hub.matters.acting import Known
from hub.matters.book import Book
from hub.matters.clocks import Light, Marks
from hub.matters.model import ENDED, SIDE_ZH, STATE_ZH, Event, Matter, State
from hub.matters.steps import steps
from hub.matters.store import projected
from hub.matters.tables import NEVER_MS
from hub.matters.transitions import possible_at
from hub.rewards.views import at_local
from hub.web.keyset import Page


class MatterLine(BaseModel):
    """A matter in a list. ``next_at`` is the earliest of accept, finish, call back."""

    matter: int
    version: int
    state: str
    state_zh: str
    kind: str
    kind_zh: str
    place: str
    text: str
    channel: str
    lead: str | None
    co: str | None
    belongs: str
    basis: str | None
    person: str
    person_name: str
    phone: str
    received_at: str
    due_at: str | None
    next_at: str | None
    warn_at: str | None
    light: Light
    watch: bool
    next_check: str | None


class MatterPage(Page):
    """Matters, in the order of their queue."""

    items: list[MatterLine]


class TaskView(BaseModel):
    """What one side has to do."""

    body: str
    person: str
    person_name: str
    accepted_at: str | None
    done_at: str | None
    result: str | None


class LogLine(BaseModel):
    """One line about a matter."""

    at: str
    by: str
    text: str


class WatchView(BaseModel):
    """督办: who looks again, and when."""

    person: str
    person_name: str
    next_check: date
    opened_at: str
    why: str
    log: list[LogLine]


class ProposalView(BaseModel):
    """One side's tap, waiting for the other."""

    person: str
    body: str
    lead: str
    co: str | None
    at: str


class StepView(BaseModel):
    """One of 民提, 民议, 民决, 民办, 民评."""

    name: str
    state: Literal["done", "now", "todo"]
    at: str | None


class MatterView(MatterLine):
    """A matter whole; ``allowed`` are the acts that its state admits."""

    household: str | None
    reporters: int
    provisional: bool
    returned: bool
    tasks: list[TaskView]
    proposals: list[ProposalView]
    watch_entry: WatchView | None
    steps: list[StepView]
    allowed: list[str]
    result: str | None
    told: str | None
    where: str | None
    rating: str | None
    tries: int
    not_reached: bool
    suspended_until: date | None
    merged_into: int | None
    reopened: int
    first_receiver: str


class Names:
    """Names and phones of officers; somebody else is called by the account's name."""

    def __init__(self, session: Session, community: str) -> None:
        o = table(Officer).c
        rows = session.execute(select(o.person_id, o.name, o.phone).where(o.community == community))
        self._known: dict[str, tuple[str, str]] = {
            row.person_id: (row.name, row.phone) for row in rows
        }

    def of(self, person: str) -> str:
        """The name to show."""
        return self._known.get(person, (person, ""))[0]

    def phone(self, person: str) -> str:
        """Empty when it is not known."""
        return self._known.get(person, ("", ""))[1]


def belongs(lead: str | None, co: str | None, basis: str | None) -> str:
    """归属 in words."""
    if lead is None:
        return "未定"
    if co is not None:
        return f"联合(牵头 {SIDE_ZH[lead]} / 协办 {SIDE_ZH[co]})"
    return f"{SIDE_ZH[lead]}(首接)" if basis == "first_taken" else SIDE_ZH[lead]


def line_of(row: Mapping[str, object], book: Book, names: Names, now_ms: int) -> MatterLine:
    """A row of the projection as a list shows it."""
    return MatterLine.model_validate(_line(row, book, names, now_ms))


def _line(of: Mapping[str, object], book: Book, names: Names, now_ms: int) -> dict[str, object]:
    # Not a MatterRow: to make one takes twice as long as all the rest of a list.
    row: Any = SimpleNamespace(**of)
    state = State(row.state)
    next_ms = None if row.next_ms == NEVER_MS else row.next_ms
    at = Marks(row.due_ms, next_ms, row.warn_ms)
    kind = book.kinds.get(row.kind)
    return {
        "matter": row.matter, "version": row.version, "state": row.state,
        "state_zh": STATE_ZH[state], "kind": row.kind, "kind_zh": kind.name if kind else row.kind,
        "place": row.place, "text": row.text, "channel": row.channel, "lead": row.lead,
        "co": row.co, "belongs": belongs(row.lead, row.co, row.basis), "basis": row.basis,
        "person": row.owner, "person_name": names.of(row.owner), "phone": names.phone(row.owner),
        "received_at": at_local(row.received_ms), "due_at": _at(row.due_ms),
        "next_at": _at(next_ms), "warn_at": _at(row.warn_ms), "light": at.light(state, now_ms),
        "watch": row.watched, "next_check": row.next_check,
    }  # fmt: skip


def view_of(session: Session, community: str, known: Known, book: Book, now_ms: int) -> MatterView:
    """A matter as its events have made it."""
    matter, names = known.matter, Names(session, community)
    updated_ms = known.events[-1].at_ms
    row = projected(community, known.number, matter, book, updated_ms)
    told = ("returned", "result", "told", "where", "rating", "tries", "not_reached",
            "suspended_until", "merged_into", "reopened", "household")  # fmt: skip
    return MatterView.model_validate(
        _line(row, book, names, now_ms)
        | {name: getattr(matter, name) for name in told}
        | {
            "reporters": _reporters(known),
            "provisional": matter.basis == "first_taken",
            "tasks": _tasks(matter, names),
            "proposals": [
                ProposalView(
                    person=p.person, body=p.body, lead=p.lead, co=p.co, at=at_local(p.at_ms)
                )
                for p in matter.proposals
            ],
            "watch_entry": _watch(known, names),
            "steps": [
                StepView(name=step.name, state=step.state, at=_at(step.at_ms))
                for step in steps(matter, known.events)
            ],
            "allowed": list(possible_at(matter, now_ms)),
            "first_receiver": matter.receiver,
        }
    )


def _reporters(known: Known) -> int:
    joined = (event.data.get("reporters", 1) for event in known.events if event.act == "join")
    return 1 + int(sum(joined))


def _tasks(matter: Matter, names: Names) -> list[TaskView]:
    return [
        TaskView(
            body=task.body, person=task.person, person_name=names.of(task.person),
            accepted_at=_at(task.accepted_ms), done_at=_at(task.done_ms), result=task.result,
        )
        for task in matter.tasks
    ]  # fmt: skip


def _watch(known: Known, names: Names) -> WatchView | None:
    watch = known.matter.watch
    if watch is None:
        return None
    log = [
        LogLine(at=at_local(event.at_ms), by=event.by.id, text=event.reason)
        for event in _since_watched(known)
        if event.act in {"progress", "watch"}
    ]
    return WatchView(
        person=watch.person, person_name=names.of(watch.person), next_check=watch.next_check,
        opened_at=at_local(watch.opened_ms), why=watch.why, log=log,
    )  # fmt: skip


def _since_watched(known: Known) -> Iterator[Event]:
    """By their order: a clock that was set back hides none."""
    ends = (
        place
        for place, event in enumerate(known.events, start=1)
        if event.act == "unwatch" or event.to in ENDED
    )
    return islice(known.events, max(ends, default=0), None)


def _at(at_ms: int | None) -> str | None:
    return None if at_ms is None else at_local(at_ms)
