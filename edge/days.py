"""What time alone brings about: the daily closing fact, the end of a forgotten shift. Pure."""

from datetime import timedelta

from edge.point.state import PointState
from wire.day import business_day
from wire.facts import DayEnd, Shift

MOST_AT_ONCE = 31
LONGEST_SHIFT_MS = 14 * 3_600_000
"""A morning and an evening with the pause between; whoever forgot to hand over is not on duty."""


def day_ends_due(state: PointState, now_ms: int) -> list[DayEnd]:
    """One for each day that ended since the last one; none before the first day is over.

    Call with a believed time only: a day_end of a wrong day would call it complete.
    """
    yesterday = business_day(now_ms) - timedelta(days=1)
    if state.last_day_end is not None:
        day = state.last_day_end.day + timedelta(days=1)
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
