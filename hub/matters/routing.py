"""Giving a matter to somebody: by rule, by two taps, for the time being; and watching it. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from hub.matters.model import Basis, Event, Matter, Side, State
from hub.matters.transitions import Doing, Officers
from hub.matters.triage import Responsibility

CHECK_AFTER_DAYS = 1
Next = Callable[[Doing], Event]


def tasks_for(to: Responsibility, officers: Officers) -> list[dict[str, str]]:
    """One task a side, each with a person from the start."""
    sides: list[Side] = [side for side in (to.lead, to.co) if side]
    return [{"body": side, "person": officers.person_for(side)} for side in sides]


def assign(
    at: Doing, to: Responsibility, basis: Basis, decided_by: Sequence[str], reason: str = ""
) -> Event:
    """→ 已派. The first clock goes on: what is routed again is not younger."""
    return at.event(
        "assign", State.ASSIGNED, reason, lead=to.lead, co=to.co, basis=basis,
        decided_by=list(decided_by), tasks=tasks_for(to, at.now.officers),
    )  # fmt: skip


def first_taken(matter: Matter) -> dict[str, Any]:
    """The receiver's side leads for the time being (首接), and the clock runs."""
    side: Side = "property" if matter.receiver_body == "property" else "committee"
    return {
        "lead": side, "co": None, "basis": "first_taken", "decided_by": [matter.receiver],
        "tasks": [{"body": side, "person": matter.receiver}],
    }  # fmt: skip


def doubt(at: Doing, reason: str) -> Event:
    """受理 → 待厘清."""
    return at.event("doubt", State.UNCLEAR, reason, **first_taken(at.matter))


def watch(at: Doing, why: str, person: str | None = None, day: date | None = None) -> Event:
    """A watch entry, by a named person, from tomorrow unless said otherwise."""
    check = day or at.now.today + timedelta(days=CHECK_AFTER_DAYS)
    who = person or at.matter.owner
    return at.event("watch", None, why, person=who, next_check=check.isoformat(), why=why)


def watched(at: Doing, why: str, person: str | None = None) -> tuple[Next, ...]:
    """A watch entry unless there is one."""
    return () if at.matter.watch else (lambda later: watch(later, why, person),)


def then(at: Doing, first: Event, *more: Next) -> list[Event]:
    """An event, and others that follow from the matter after it."""
    events = [first]
    at = at.later(first)
    for make in more:
        events.append(make(at))
        at = at.later(events[-1])
    return events
