"""五步曲: what residents see of a matter, derived from its events and never stored. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from hub.matters.model import Event, Matter, State

NAMES = ("民提", "民议", "民决", "民办", "民评")
_DECIDING = {"assign", "decide", "settle_on_spot", "decline", "transfer", "merge"}
_DONE_STATES = {State.TO_VERIFY, State.TO_CALL_BACK, State.CLOSED}
Is = Callable[[Event], bool]


@dataclass(frozen=True)
class Step:
    """One of the five; ``at_ms`` when it was reached."""

    name: str
    state: Literal["done", "now", "todo"]
    at_ms: int | None


def steps(matter: Matter, events: Sequence[Event]) -> tuple[Step, ...]:
    """Raised, discussed, decided, done, rated."""
    raised = events[0].at_ms
    decided = _first(events, lambda event: event.act in _DECIDING)
    discussed = _first(events, lambda event: event.act in {"doubt", "propose", "confer"}) or decided
    done = _last(events, lambda event: event.to in _DONE_STATES)
    if matter.state in {State.IN_PROGRESS, State.SUSPENDED, State.TO_CONFER, State.ASSIGNED}:
        done = None
    rated = matter.rated_ms if matter.rating is not None else None
    reached = (raised, discussed, decided, done, rated)
    if matter.state in {State.DECLINED, State.MERGED}:
        return tuple(_step(no, at, len(NAMES)) for no, at in enumerate(reached))
    now = next((no for no, at in enumerate(reached) if at is None), len(NAMES))
    return tuple(_step(no, at, now) for no, at in enumerate(reached))


def _step(no: int, at_ms: int | None, now: int) -> Step:
    if at_ms is not None:
        return Step(NAMES[no], "done", at_ms)
    return Step(NAMES[no], "now" if no == now else "todo", None)


def _first(events: Sequence[Event], is_it: Is) -> int | None:
    return next((event.at_ms for event in events if is_it(event)), None)


def _last(events: Sequence[Event], is_it: Is) -> int | None:
    return next((event.at_ms for event in reversed(events) if is_it(event)), None)
