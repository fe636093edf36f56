"""Which broadcast is due. Pure: the time is an argument."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from edge.signals.config import WEEKDAYS, BroadcastConfig
from wire.day import SHANGHAI, local_time, utc_ms

LATE_MS = 59_000
"""Shorter than the minute between two broadcasts: after a step or a stop at most one is due."""
REMEMBERED = 500


class Schedule:
    """Says each broadcast at most once a day, and only while its moment passes.

    What was missed (stopped, no believed time, clock put forward) is missed.
    """

    def __init__(self, broadcasts: Sequence[BroadcastConfig]) -> None:
        self._broadcasts = broadcasts
        self._before_ms: int | None = None
        self._said: dict[tuple[int, date], None] = {}

    def turn(self, now_ms: int, *, trusted: bool) -> BroadcastConfig | None:
        """What became due since the last call; call it every few seconds."""
        before_ms, self._before_ms = self._before_ms, now_ms if trusted else None
        if before_ms is None or not trusted:
            return None
        for number, day in self._passed(max(before_ms, now_ms - LATE_MS), now_ms):
            if (number, day) not in self._said:
                self._remember(number, day)
                return self._broadcasts[number]
        return None

    def _passed(self, after_ms: int, until_ms: int) -> Iterator[tuple[int, date]]:
        today = local_time(until_ms).date()
        for number, broadcast in enumerate(self._broadcasts):
            for day in (today - timedelta(days=1), today):
                moment_ms = utc_ms(datetime.combine(day, broadcast.at, SHANGHAI))
                on_this_day = WEEKDAYS[day.weekday()] in broadcast.days
                if on_this_day and after_ms < moment_ms <= until_ms:
                    yield number, day

    def _remember(self, number: int, day: date) -> None:
        self._said[number, day] = None
        if len(self._said) > REMEMBERED:
            del self._said[next(iter(self._said))]
