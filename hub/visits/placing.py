"""When something happened, and whether that may be believed. Pure."""

from dataclasses import dataclass, replace
from datetime import date

from wire.base import TRUSTED
from wire.day import business_day

MAX_AHEAD_MS = 120_000
"""R20: a fact dated further ahead of its receipt is not believed."""

SET_BACK_MS = 7 * 86_400_000
"""Receipts that go back by more show that the hub's own clock was wrong before."""
STEP_MS = 600_000
"""Two clocks of one machine boot that differ by more are no drift: one of them was wrong."""

_MIN_MS, _MAX_MS = -62_135_000_000_000, 253_400_000_000_000


@dataclass(frozen=True)
class Stamped:
    """A fact's own clocks and its receipt."""

    up_ms: int
    wall_ms: int
    clock_trust: str
    received_ms: int


@dataclass(frozen=True)
class BootTime:
    """One believed moment of a machine boot."""

    up_ms: int
    utc_ms: int
    uncertainty_ms: int

    @property
    def disputed(self) -> bool:
        """Its clocks contradict each other, and nobody knows since when which was wrong."""
        return self.uncertainty_ms > STEP_MS

    def at(self, up_ms: int) -> int:
        """The moment of another stamp of the same boot."""
        return self.utc_ms - (self.up_ms - up_ms)


@dataclass(frozen=True)
class Placed:
    """A moment; the day is None when the moment may not be believed."""

    occurred_ms: int
    trusted: bool
    day: date | None


def place(stamp: Stamped, boot: BootTime | None) -> Placed:
    """The wall time of a synchronised node; else what its boot's clock fact says.

    What contradicts the boot's clock has no moment, however synchronised the node said it was.
    """
    moment = None if boot is None else boot.at(stamp.up_ms)
    if stamp.clock_trust in TRUSTED:
        agrees = moment is None or abs(stamp.wall_ms - moment) <= STEP_MS
        moment = stamp.wall_ms if agrees else None
    disputed = boot is not None and boot.disputed
    if moment is None or disputed or not _believable(moment, stamp.received_ms):
        return Placed(stamp.wall_ms, trusted=False, day=None)
    return Placed(moment, trusted=True, day=business_day(moment))


def _believable(moment: int, received_ms: int) -> bool:
    return _MIN_MS <= moment <= _MAX_MS and moment - received_ms <= MAX_AHEAD_MS


def newest_day(received_ms: int) -> date:
    """The latest day that anything accepted before this receipt may count for."""
    return business_day(received_ms + SET_BACK_MS)


def merged(new: BootTime, held: BootTime | None) -> BootTime:
    """The less uncertain clock fact dates a boot; the earlier one among equals.

    Two that contradict each other leave it as uncertain as they are apart, for good.
    """
    if held is None:
        return new
    apart_ms = abs(new.at(0) - held.at(0))
    if held.disputed or apart_ms > STEP_MS:
        return replace(held, uncertainty_ms=max(held.uncertainty_ms, apart_ms))
    return new if new.uncertainty_ms < held.uncertainty_ms else held
