"""Between which moments something undated must have happened. Pure.

A point records in order: what stands before it in the same outbox happened before, what stands
after it happened after, and nothing happened after it was received. Within one machine boot
CLOCK_BOOTTIME carries a bound from one stamp to every other. No clock is believed here that the
projection did not believe.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from hub.visits.placing import MAX_AHEAD_MS


@dataclass(frozen=True)
class Undated:
    """One visit of a boot without a believed clock, and where it stands in its outbox."""

    epoch: str
    seq: int
    up_ms: int
    received_ms: int


@dataclass
class Dated:
    """Believed moments of one outbox, by position in order."""

    seqs: list[int] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._newest = list(accumulate(self.moments, max))
        self._oldest = list(accumulate(reversed(self.moments), min))[::-1]

    def before(self, seq: int) -> int | None:
        """The newest moment that stands before this position."""
        at = bisect_left(self.seqs, seq)
        return self._newest[at - 1] if at else None

    def after(self, seq: int) -> int | None:
        """The oldest moment that stands behind it."""
        at = bisect_left(self.seqs, seq)
        return self._oldest[at] if at < len(self.seqs) else None


@dataclass(frozen=True)
class Bounds:
    """``earliest_ms`` None: nothing is known on that side."""

    earliest_ms: int | None
    latest_ms: int


def bounds(up_ms: int, boot: Iterable[Undated], dated: Mapping[str, Dated]) -> Bounds:
    """For the stamp ``up_ms`` of a boot, by everything of that boot; it holds at least one."""
    earliest: list[int] = []
    latest: list[int] = []
    for seen in boot:
        known, shift_ms = dated.get(seen.epoch, Dated()), up_ms - seen.up_ms
        if (before := known.before(seen.seq)) is not None:
            earliest.append(before + shift_ms)
        if (after := known.after(seen.seq)) is not None:
            latest.append(after + shift_ms)
        latest.append(seen.received_ms + MAX_AHEAD_MS + shift_ms)
    return Bounds(max(earliest, default=None), min(latest))
