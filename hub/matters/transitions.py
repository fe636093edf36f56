"""Which act leads from where to where: thirty transitions between twelve states. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from hub.matters.fold import after
from hub.matters.model import Actor, Event, Matter, Side, State
from wire.day import business_day

S = State
DAY_MS = 86_400_000
RATABLE_DAYS = 30
TRANSITIONS: Mapping[str, Mapping[State, frozenset[State]]] = {
    act: {begin: frozenset(ends) for begin, ends in moves.items()}
    for act, moves in {
        "settle_on_spot": {S.RECEIVED: {S.TO_CALL_BACK}},
        "assign": {S.RECEIVED: {S.ASSIGNED}, S.UNCLEAR: {S.ASSIGNED}, S.TO_CONFER: {S.ASSIGNED}},
        "doubt": {S.RECEIVED: {S.UNCLEAR}},
        "transfer": {S.RECEIVED: {S.TRANSFERRED}, S.IN_PROGRESS: {S.TRANSFERRED}},
        "decline": {S.RECEIVED: {S.DECLINED}},
        "merge": {S.RECEIVED: {S.MERGED}, S.IN_PROGRESS: {S.MERGED}},
        "escalate": {S.UNCLEAR: {S.TO_CONFER}, S.ASSIGNED: {S.TO_CONFER}},
        "accept": {S.ASSIGNED: {S.IN_PROGRESS}},
        "return": {S.ASSIGNED: {S.UNCLEAR}},
        "suspend": {S.IN_PROGRESS: {S.SUSPENDED}},
        "confer": {S.IN_PROGRESS: {S.TO_CONFER}, S.SUSPENDED: {S.TO_CONFER}},
        "resume": {S.SUSPENDED: {S.IN_PROGRESS}},
        "finish": {S.IN_PROGRESS: {S.TO_VERIFY}},
        "decide": {S.TO_CONFER: {S.IN_PROGRESS, S.SUSPENDED, S.TRANSFERRED, S.TO_VERIFY}},
        "verify": {S.TO_VERIFY: {S.TO_CALL_BACK, S.IN_PROGRESS}},
        "outside_receipt": {S.TRANSFERRED: {S.TO_CALL_BACK}},
        "call": {S.TO_CALL_BACK: {S.CLOSED, S.IN_PROGRESS}},
        "rate": {S.TO_CALL_BACK: {S.CLOSED, S.IN_PROGRESS}, S.CLOSED: {S.IN_PROGRESS}},
        "reopen": {S.CLOSED: {S.IN_PROGRESS}},
    }.items()
}
STAYING: Mapping[str, frozenset[State]] = {
    "propose": frozenset({S.UNCLEAR}),
    "accept": frozenset({S.ASSIGNED, S.IN_PROGRESS, S.SUSPENDED}),
    "finish": frozenset({S.IN_PROGRESS}),
    "call": frozenset({S.TO_CALL_BACK}),
    "rate": frozenset({S.CLOSED}),
    "reassign": frozenset({S.ASSIGNED, S.IN_PROGRESS, S.SUSPENDED}),
    "watch": frozenset(S) - {S.CLOSED, S.DECLINED, S.MERGED},
    "progress": frozenset(S) - {S.CLOSED, S.DECLINED, S.MERGED},
    "note": frozenset(S),
    "join": frozenset(S),
    "unwatch": frozenset(S) - {S.CLOSED, S.DECLINED, S.MERGED},
}
"""Acts that may leave the state as it is."""


class IllegalActError(Exception):
    """The state does not admit it, or something it needs is not so; ``possible`` acts are."""

    def __init__(self, detail: str, possible: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.possible = possible


class TooEarlyError(IllegalActError):
    """It would be possible later."""


class NotYoursError(Exception):
    """Somebody else has to do it."""


class Officers(Protocol):
    """Who stands for a side: on duty, or registered for it. Always somebody."""

    def person_for(self, side: Side) -> str:
        """The officer who gets a new task of this side."""


@dataclass(frozen=True)
class Now:
    """What a decision knows beside the matter."""

    at_ms: int
    officers: Officers
    client_ms: int | None = None
    call_again_ms: int | None = None
    """Before then a try to reach the reporter does not count."""

    @property
    def today(self) -> date:
        """The business day."""
        return business_day(self.at_ms)


def possible(matter: Matter) -> tuple[str, ...]:
    """Acts that the state admits, the desk's own before the timer's and the minutes'."""
    internal = {"assign", "escalate", "decide", "join", "unwatch"}
    names = {act for act, moves in TRANSITIONS.items() if matter.state in moves}
    names |= {act for act, states in STAYING.items() if matter.state in states}
    if matter.watch is None:
        names.discard("progress")
    if matter.returned:
        names.discard("return")
    if matter.state is S.CLOSED and not matter.not_reached:
        names.discard("rate")
    return tuple(sorted(names - internal))


def possible_at(matter: Matter, at_ms: int) -> tuple[str, ...]:
    """The same without what a reporter has had the time for."""
    late = {"rate", "reopen"} if closed_long_ago(matter, at_ms) else set()
    return tuple(act for act in possible(matter) if act not in late)


def closed_long_ago(matter: Matter, at_ms: int) -> bool:
    """Who reported it may no longer say how it was done, nor have it opened again."""
    return matter.closed_ms is not None and at_ms - matter.closed_ms > RATABLE_DAYS * DAY_MS


@dataclass(frozen=True)
class Doing:
    """Somebody does something to a matter at a moment."""

    matter: Matter
    by: Actor
    now: Now

    def event(self, act: str, to: State | None = None, reason: str = "", **data: Any) -> Event:
        """An event whose move stands in the table; IllegalActError when it does not."""
        begin = self.matter.state
        end = begin if to is None else to
        stays = end is begin and begin in STAYING.get(act, ())
        if not stays and end not in TRANSITIONS.get(act, {}).get(begin, ()):
            msg = f"{act} does not lead from {begin.value} to {end.value}"
            raise IllegalActError(msg, possible(self.matter))
        return Event(act, self.now.at_ms, self.by, end, reason, data, self.now.client_ms)

    def later(self, *events: Event) -> "Doing":
        """The same after these events."""
        matter = self.matter
        for recorded in events:
            matter = after(matter, recorded)
        return replace(self, matter=matter)
