"""What time alone brings about: clock facts, the daily closing, a forgotten shift's end. Pure."""

from datetime import timedelta

from edge.point.state import PointState
from wire.base import TRUSTED
from wire.day import business_day
from wire.facts import Clock, DayEnd, Shift, Stamp

MOST_AT_ONCE = 31
STEP_MS = 2000
"""A believed clock that moved by more against CLOCK_BOOTTIME was set."""
LONGEST_SHIFT_MS = 14 * 3_600_000
"""A morning and an evening with the pause between; whoever forgot to hand over is not on duty."""


def day_ends_due(state: PointState, now_ms: int) -> list[DayEnd]:
    """One for each day that ended since the last one; none before the first day is over.

    Call with a believed time only: a day_end of a wrong day would call it complete.
    """
    yesterday = business_day(now_ms) - timedelta(days=1)
    if state.last_day_end is not None:
        day = state.last_day_end.day + timedelta(days=1)
        if day > yesterday + timedelta(days=2):
            day = yesterday  # the last one was said by a clock that has been set back since
    elif state.first_day is not None:
        day = state.first_day
    else:
        return []
    day = max(day, yesterday - timedelta(days=MOST_AT_ONCE - 1))
    counts = state.day_counts
    due: list[DayEnd] = []
    while day <= yesterday:
        due.append(
            DayEnd(
                day=day,
                taps=counts.taps if not due else 0,
                deposits=counts.deposits if not due else 0,
                verdicts=counts.verdicts if not due else 0,
                unjudged=len(state.unjudged),
            )
        )
        day += timedelta(days=1)
    return due


def shift_end_due(state: PointState, now_ms: int) -> list[Shift]:
    """The end of a shift nobody ended; its unjudged visits are the office's then."""
    shift = state.shift
    if shift is None or now_ms - shift.since_ms <= LONGEST_SHIFT_MS:
        return []
    return [
        Shift(action="closed", person=shift.person, by="plan", shift=shift.shift, unjudged="left")
    ]


def clock_due(state: PointState, stamp: Stamp, uncertainty_ms: int) -> list[Clock]:
    """The first believed time of a machine boot, and every one that was set to another since."""
    if stamp.trust not in TRUSTED:
        return []
    said_ms = state.dated_boots.get(stamp.boot_id)
    moved_ms = 0 if said_ms is None else abs(stamp.wall_ms - stamp.up_ms - said_ms)
    if said_ms is not None and moved_ms <= STEP_MS + uncertainty_ms:
        return []
    source = "kernel" if stamp.trust == "kernel" else "hub"
    return [Clock(source=source, utc_ms=stamp.wall_ms, uncertainty_ms=uncertainty_ms)]
