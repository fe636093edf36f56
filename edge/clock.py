"""Time at a point: a moment is never corrected afterwards, it says why it may be believed."""

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wire.base import Trust
from wire.facts import Stamp

SyncSource = Literal["kernel", "hub", "none"]
MAX_ROUND_TRIP_MS = 10_000
ANSWER_HOLDS_MS = 1000
_TIMEX_BYTES = 512
_TIME_ERROR = 5
_EARLIEST_MS, _LATEST_MS = -62_135_000_000_000, 253_400_000_000_000
_adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class SystemTime:
    """The machine's clocks, replaceable by virtual ones."""

    up_ms: Callable[[], int]
    wall_ms: Callable[[], int]
    kernel_synced: Callable[[], bool]
    boot_id: str


def system_time() -> SystemTime:
    """The clocks of the machine this runs on."""

    def up_ms() -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    return SystemTime(
        up_ms=up_ms,
        wall_ms=lambda: time.time_ns() // 1_000_000,
        kernel_synced=_OnceASecond(_kernel_synced, up_ms),
        boot_id=_BOOT_ID.read_text(encoding="ascii").replace("-", "")[:16],
    )


class _OnceASecond:
    """An answer that changes seldom and is asked for with every stamp."""

    def __init__(self, ask: Callable[[], bool], up_ms: Callable[[], int]) -> None:
        self._ask = ask
        self._up_ms = up_ms
        self._asked_ms: int | None = None
        self._answer = False

    def __call__(self) -> bool:
        now_ms = self._up_ms()
        if self._asked_ms is None or now_ms - self._asked_ms >= ANSWER_HOLDS_MS:
            self._asked_ms, self._answer = now_ms, self._ask()
        return self._answer


def _kernel_synced() -> bool:
    """What adjtimex answers; a virtual machine without time service honestly says no."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    state: int = _adjtimex(timex)
    return state not in (-1, _TIME_ERROR)


class PointClock:
    """Stamps facts. ``floor_ms`` is the newest wall time in the outbox: time ran at least so far.

    With trust ``hub`` the wall time is the hub's, carried on by CLOCK_BOOTTIME, so that a step of
    the system clock does not move it.
    """

    def __init__(
        self, system: SystemTime, source: SyncSource, boot: int, floor_ms: int | None
    ) -> None:
        self._system = system
        self._source = source
        self._boot = boot
        self._floor_ms = floor_ms
        self._hub_minus_up_ms: int | None = None
        self.uncertainty_ms = 0

    def begin(self, boot: int, floor_ms: int | None) -> None:
        """The outbox could be opened after all, or again."""
        self._boot, self._floor_ms = boot, floor_ms

    def up_ms(self) -> int:
        """CLOCK_BOOTTIME now."""
        return self._system.up_ms()

    @property
    def boot_id(self) -> str:
        """The machine boot that ``up_ms`` counts from."""
        return self._system.boot_id

    @property
    def trust(self) -> Trust:
        """Why the wall time may be believed now."""
        if self._source == "hub" and self._hub_minus_up_ms is not None:
            return "hub"
        if self._source == "kernel" and self._system.kernel_synced():
            return "kernel"
        return "none" if self._floor_ms is None else "restored"

    def learn_from_hub(self, utc_ms: int, sent_up_ms: int, now_up_ms: int) -> bool:
        """Take a welcome's time; False when the way was too slow to say anything."""
        round_trip_ms = now_up_ms - sent_up_ms
        if not 0 <= round_trip_ms <= MAX_ROUND_TRIP_MS:
            return False
        self._hub_minus_up_ms = utc_ms - (sent_up_ms + round_trip_ms // 2)
        self.uncertainty_ms = round_trip_ms // 2 + 1
        return True

    def stamp(self) -> Stamp:
        """Now, for a fact."""
        up_ms, trust = self.up_ms(), self.trust
        if trust == "hub" and self._hub_minus_up_ms is not None:
            wall_ms = up_ms + self._hub_minus_up_ms
        else:
            wall_ms = self._system.wall_ms()
            if trust in ("restored", "none") and self._floor_ms is not None:
                wall_ms = max(wall_ms, self._floor_ms)
        return Stamp(
            boot=self._boot,
            boot_id=self.boot_id,
            up_ms=up_ms,
            wall_ms=min(max(wall_ms, _EARLIEST_MS), _LATEST_MS),
            trust=trust,
        )
