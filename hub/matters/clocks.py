"""When something is due: working minutes from the first clock, stopped while suspended. Pure."""

from dataclasses import dataclass
from typing import Literal

from hub.matters.calendar import WorkingCalendar
from hub.matters.kinds import DAY_MIN, MatterKind
from hub.matters.model import Matter, State

CALL_BACK_MIN = 2 * DAY_MIN
WARN_PART = 0.8
Light = Literal["ok", "soon", "overdue", "paused", "done"]


@dataclass(frozen=True)
class Marks:
    """UTC milliseconds; None = this clock does not run now."""

    due_ms: int | None
    """What the resident was told."""
    next_ms: int | None
    """The earliest of what somebody has to do: accept, finish, call back."""
    warn_ms: int | None
    """When four fifths of that have passed."""

    def light(self, state: State, now_ms: int) -> Light:
        """Shown with its word and symbol."""
        if state in _DONE:
            return "done"
        if self.next_ms is None or self.warn_ms is None:
            return "paused"
        if now_ms >= self.next_ms:
            return "overdue"
        return "soon" if now_ms >= self.warn_ms else "ok"


_DONE = frozenset({State.CLOSED, State.DECLINED, State.MERGED})


def marks(matter: Matter, kind: MatterKind, calendar: WorkingCalendar) -> Marks:
    """Every clock of the matter as it stands."""
    if matter.ended:
        return Marks(None, None, None)
    if matter.state is State.TO_CALL_BACK:
        end, warn = _after(calendar, matter.since_ms, CALL_BACK_MIN)
        return Marks(None, end, warn)
    if matter.state is State.SUSPENDED:
        return Marks(None, None, None)
    paused_min = sum(
        max(0, calendar.working_minutes(begin, end))  # a clock set back meanwhile took nothing off
        for begin, end in matter.paused
        if end is not None
    )
    due, warn = _after(calendar, matter.received_ms, kind.due_min, paused_min)
    if matter.state is State.ASSIGNED:
        accept = calendar.add_working(matter.since_ms, kind.accept_min)
        if accept < due:
            return Marks(due, accept, _after(calendar, matter.since_ms, kind.accept_min)[1])
    return Marks(due, due, warn)


def accept_by(matter: Matter, kind: MatterKind, calendar: WorkingCalendar) -> int | None:
    """Until when the lead has to accept; None when it has, or need not."""
    if matter.state is not State.ASSIGNED:
        return None
    return calendar.add_working(matter.since_ms, kind.accept_min)


def call_again_ms(matter: Matter, kind: MatterKind, calendar: WorkingCalendar) -> int | None:
    """From when on another try to reach the reporter counts; None when any does."""
    if matter.tried_ms is None or kind.call_again_min == 0:
        return None
    return calendar.add_working(matter.tried_ms, kind.call_again_min)


def _after(
    calendar: WorkingCalendar, start_ms: int, minutes: int, paused_min: int = 0
) -> tuple[int, int]:
    end = calendar.add_working(start_ms, minutes + paused_min)
    warn = calendar.add_working(start_ms, int(minutes * WARN_PART) + paused_min)
    return end, warn
