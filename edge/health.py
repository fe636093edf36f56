"""What a technician sees of a point: ports with counters, and the status message."""

import logging
from dataclasses import dataclass, field

from edge.events import PortEvent, PortHeard, PortUp
from wire.session import PortStatus

log = logging.getLogger(__name__)


@dataclass
class _Port:
    kind: str
    up: bool = False
    bytes: int = 0
    frames: int = 0
    errors: int = 0
    last_error: str = ""


@dataclass
class Health:
    """Counters since the start of the daemon, by port name."""

    ports: dict[str, _Port] = field(default_factory=dict)

    def add(self, name: str, kind: str) -> None:
        """A port of the configuration, or a link."""
        self.ports[name] = _Port(kind)

    def take(self, event: PortEvent) -> None:
        """One event of a port's thread."""
        port = self.ports[event.name]
        if isinstance(event, PortUp):
            port.up = True
        elif isinstance(event, PortHeard):
            port.bytes += event.bytes
            port.frames += event.frames
            port.errors += len(event.bad)
            if event.bad:
                port.last_error = f"{event.bad[-1].reason}: {event.bad[-1].detail}"[:200]
        else:
            port.up = False
            port.errors += 1
            port.last_error = event.reason[:200]
            log.warning("%s: %s; trying again", event.name, event.reason)

    def note(self, name: str, *, up: bool, error: str = "") -> None:
        """The state of a link."""
        port = self.ports[name]
        port.up = up
        if error:
            port.errors += 1
            port.last_error = error[:200]

    def dropped(self, name: str, count: int) -> None:
        """Readings that came faster than the loop could weigh them."""
        port = self.ports.get(name)
        if port is not None:
            port.errors += count
            port.last_error = f"flood: {count} readings dropped; let it send less often"
            log.warning("%s: %s", name, port.last_error)

    def statuses(self) -> tuple[PortStatus, ...]:
        """For the status message."""
        return tuple(
            PortStatus(
                name=name,
                kind=port.kind,
                up=port.up,
                bytes=port.bytes,
                frames=port.frames,
                errors=port.errors,
                last_error=port.last_error,
            )
            for name, port in self.ports.items()
        )
