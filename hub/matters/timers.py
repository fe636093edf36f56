"""What time does to a matter by itself. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.matters.model import SYSTEM, Event, Matter, State
from hub.matters.routing import then, watch, watched
from hub.matters.transitions import Doing, Now, Officers
from wire.day import business_day


@dataclass(frozen=True)
class Moment:
    """Now, and the clocks of the matter that may have run out by then."""

    at_ms: int
    closing_ms: int | None
    """When the desk closed on the day since which it is unclear."""
    accept_ms: int | None
    overdue_ms: int | None
    """Since when it is late; None when it is not."""
    above: str | None = None
    """Who stands above its owner (三级网格) and watches it from now on."""


def due_acts(matter: Matter, moment: Moment, officers: Officers) -> list[Event]:
    """What has to be recorded now; nothing when no clock has run out."""
    at = Doing(matter, SYSTEM, Now(moment.at_ms, officers))
    return list(_due(at, moment))


def _due(at: Doing, moment: Moment) -> Iterator[Event]:
    matter = at.matter
    if matter.state is State.UNCLEAR and _over(moment.closing_ms, moment):
        yield from _escalated(at, "下班前未厘清", moment.above)
    elif matter.state is State.ASSIGNED and _over(moment.accept_ms, moment):
        yield from _escalated(at, "逾期未接", moment.above)
    elif matter.state is State.SUSPENDED and matter.suspended_until is not None:
        if business_day(moment.at_ms) >= matter.suspended_until:
            yield at.event("resume", State.IN_PROGRESS, "到期恢复")
    elif _late_anew(matter, moment.overdue_ms):
        yield watch(at, "超时", moment.above)


def _late_anew(matter: Matter, overdue_ms: int | None) -> bool:
    """Late and not watched; nor have minutes ended the watch of just that."""
    if overdue_ms is None or matter.watch is not None or matter.ended:
        return False
    resumed_ms = matter.paused[-1][1] if matter.paused else None
    since_ms = max(overdue_ms, resumed_ms or overdue_ms)
    return matter.unwatched_ms is None or since_ms > matter.unwatched_ms


def _over(end_ms: int | None, moment: Moment) -> bool:
    return end_ms is not None and moment.at_ms >= end_ms


def _escalated(at: Doing, why: str, above: str | None) -> list[Event]:
    return then(at, at.event("escalate", State.TO_CONFER, why), *watched(at, why, above))
