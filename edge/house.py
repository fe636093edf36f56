"""What the point's loop does once a second: silences, lasting faults, the day, the shift."""

import contextlib
from dataclasses import dataclass, field

from edge import keeper
from edge.bins import Bins
from edge.clock import PointClock
from edge.config import EdgeConfig
from edge.days import clock_due, day_ends_due, shift_end_due
from edge.health import Health
from edge.link.roster_cache import RosterCache
from edge.link.sender import Sender
from edge.point.attribution import unclaimed
from edge.point.faults import Condition, FaultWatch, conditions
from edge.point.maintenance import end_due
from edge.recorder import Recorder
from edge.store.file import StoreFullError
from edge.wireless import names_of
from wire.base import TRUSTED

ASK_MS = 15_000
LINKS = ("hub", "loudspeaker", keeper.NAME)
"""Not devices of the point: offline is normal, no sound card no fault; the store has a keeper."""


@dataclass
class House:
    """Reads everything and records what time brings; owned by the daemon's loop."""

    config: EdgeConfig
    recorder: Recorder
    roster: RosterCache
    bins: Bins
    health: Health
    sender: Sender
    keeper: keeper.Keeper
    _faults: FaultWatch = field(default_factory=FaultWatch)

    def keep(self, now_ms: int) -> None:
        """Once a second; ``now_ms`` is CLOCK_BOOTTIME."""
        self.bins.silence(now_ms)
        self.keeper.keep(now_ms)
        state, clock = self.recorder.state, self.recorder.clock
        waited_ms = now_ms - self.sender.hello_sent_ms
        if self.sender.welcomed and not self.roster.version and waited_ms > ASK_MS:
            self.sender.greet_soon()  # no roster at all: the greeting says so
        self.recorder.try_record(unclaimed(state, now_ms, self.roster.settings))
        self.recorder.try_record(self._faults.due(state, self._conditions(), now_ms))
        stamp = clock.stamp()
        self.recorder.try_record(end_due(state, stamp.wall_ms))
        if stamp.trust in TRUSTED:
            self.date_this_boot(clock)
            self._close_the_day(stamp.wall_ms)

    def date_this_boot(self, clock: PointClock) -> None:
        """The first believed time dates every fact of this machine boot."""
        state = self.recorder.state
        self.recorder.try_record(clock_due(state, clock.stamp(), clock.uncertainty_ms))

    def _conditions(self) -> list[Condition]:
        ports = {
            name: (port.up, port.last_error)
            for name, port in self.health.ports.items()
            if name not in LINKS
        }
        needs = {name: "bus" for name, _ in names_of(self.config)}
        needs |= {f"scale-{bin_.no}": bin_.bus for bin_ in self.config.bins if bin_.bus}
        return conditions(ports, self.bins.states(), needs) + self.keeper.conditions()

    def _close_the_day(self, now_ms: int) -> None:
        state = self.recorder.state
        if day_ends := day_ends_due(state, now_ms):
            self.recorder.try_record(day_ends)
            with contextlib.suppress(StoreFullError):  # tried again tomorrow
                self.recorder.outbox.prune(now_ms)
        self.recorder.try_record(shift_end_due(state, now_ms))
