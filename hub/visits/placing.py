"""When something happened, and whether that may be believed. Pure."""

from dataclasses import dataclass
from datetime import date

from wire.base import TRUSTED
from wire.day import business_day

MAX_AHEAD_MS = 120_000
"""R20: a fact dated further ahead of its receipt is not believed."""

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


@dataclass(frozen=True)
class Placed:
    """A moment; the day is None when the moment may not be believed."""

    occurred_ms: int
    trusted: bool
    day: date | None


def place(stamp: Stamped, boot: BootTime | None) -> Placed:
    """The wall time of a synchronised node; else what its boot's clock fact says."""
    if stamp.clock_trust in TRUSTED:
        moment: int | None = stamp.wall_ms
    elif boot is not None:
        moment = boot.utc_ms - (boot.up_ms - stamp.up_ms)
    else:
        moment = None
    if moment is None or not _believable(moment, stamp.received_ms):
        return Placed(stamp.wall_ms, trusted=False, day=None)
    return Placed(moment, trusted=True, day=business_day(moment))


def _believable(moment: int, received_ms: int) -> bool:
    return _MIN_MS <= moment <= _MAX_MS and moment - received_ms <= MAX_AHEAD_MS


def better(new: BootTime, held: BootTime | None) -> bool:
    """The less uncertain clock fact dates a boot; the earlier one among equals."""
    return held is None or new.uncertainty_ms < held.uncertainty_ms
