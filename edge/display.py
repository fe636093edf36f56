"""What the point shows: the screen on its bus, the status at the hub's broker."""

from dataclasses import dataclass, field
from importlib.metadata import version

from edge.bins import Bins
from edge.bus.terminal import Terminal
from edge.config import EdgeConfig
from edge.health import Health
from edge.link.roster_cache import RosterCache
from edge.link.uplink import Uplink
from edge.point.screen import Surroundings, screen_of
from edge.recorder import Recorder
from edge.signals.signals import Signals
from wire.session import PortStatus, Status

SCREEN_EVERY_MS = 250
STATUS_EVERY_MS = 2000
SOON_MS = 10
MOST_IN_STATUS = 40
SOFTWARE = f"lianxin {version('lianxin')}"


@dataclass
class Display:
    """Reads everything, changes nothing; owned by the daemon's loop."""

    config: EdgeConfig
    recorder: Recorder
    roster: RosterCache
    bins: Bins
    health: Health
    uplink: Uplink
    terminal: Terminal
    signals: Signals
    _screen_due_ms: int = 0
    _status_due_ms: int = 0
    _ports: tuple[PortStatus, ...] = ()
    _ports_up: list[bool] = field(default_factory=list)

    @property
    def due_ms(self) -> int:
        """When :meth:`refresh` has something to do."""
        return min(self._screen_due_ms, self._status_due_ms)

    def hurry(self) -> None:
        """A broker came back: show everything at once."""
        self._screen_due_ms = self._status_due_ms = 0

    def soon(self) -> None:
        """Show the screen in a moment: painting it at once would hold up the signal on its way."""
        due_ms = self.recorder.clock.up_ms() + SOON_MS
        self._screen_due_ms = min(self._screen_due_ms, due_ms)

    def refresh(self, now_ms: int) -> None:
        """Show again what has not been shown for a while."""
        if now_ms >= self._screen_due_ms:
            self.show()
        if now_ms >= self._status_due_ms:
            self._status_due_ms = now_ms + STATUS_EVERY_MS
            self.publish_status(online=True)

    def show(self) -> None:
        """Publish the screen now: something was decided."""
        self._screen_due_ms = self.recorder.clock.up_ms() + SCREEN_EVERY_MS
        stamp = self.recorder.clock.stamp()
        around = Surroundings(
            point=self.config.point,
            now_ms=stamp.wall_ms,
            trust=stamp.trust,
            link_up=self.uplink.sender.welcomed,
            waiting=self.recorder.outbox.waiting,
            reader_ok=all(self.health.ports[item.name].up for item in self.config.readers),
            full=self.recorder.full,
            speaker=self.signals.state,
            roster=self.roster.version,
            ports=self._ports_now(),
        )
        self.terminal.show(
            screen_of(
                self.recorder.state,
                around,
                self.bins.on_screen(),
                self.roster.door_of,
                self.roster.settings,
            )
        )

    def _ports_now(self) -> tuple[PortStatus, ...]:
        """Counters of two seconds ago will do; which port is away is shown at once."""
        up = [port.up for port in self.health.ports.values()]
        if up != self._ports_up:
            self._ports_up, self._ports = up, self.health.statuses()
        return self._ports

    def publish_status(self, *, online: bool) -> None:
        """Retained at the hub's broker; ``online`` false is the goodbye."""
        state, stamp = self.recorder.state, self.recorder.clock.stamp()
        ok, total = self.bins.health()
        self._ports = self.health.statuses()
        self.uplink.publish_status(
            Status(
                online=online,
                boot=self.recorder.outbox.boot,
                nonce=self.uplink.sender.nonce,
                at_ms=stamp.wall_ms,
                trust=stamp.trust,
                attended=state.shift is not None,
                taps=state.day_counts.taps,
                deposits=state.day_counts.deposits,
                verdicts=state.day_counts.verdicts,
                unjudged=len(state.unjudged),
                waiting=self.recorder.outbox.waiting,
                oldest_waiting_ms=self.recorder.outbox.oldest_waiting_ms(),
                scales_ok=ok,
                scales_total=total,
                ports=self._ports[:MOST_IN_STATUS],
                software=SOFTWARE,
            )
        )
