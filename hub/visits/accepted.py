"""One fact as the hub accepted it."""

from dataclasses import dataclass
from typing import Any

from hub.visits.placing import Stamped
from wire.base import WireModel
from wire.codec import Fact


@dataclass(frozen=True)
class Accepted:
    """A fact with its position in the intake, its point and its receipt."""

    arrival: int
    point: str
    received_ms: int
    fact: Fact

    @property
    def id(self) -> str:
        """The fact's name."""
        return self.fact.id

    @property
    def body(self) -> WireModel:
        """What happened."""
        return self.fact.body

    @property
    def boot(self) -> tuple[str, str]:
        """Which machine boot the fact's up_ms counts from."""
        return self.point, self.fact.envelope.boot_id

    @property
    def stamp(self) -> Stamped:
        """What placing the fact needs."""
        head = self.fact.envelope
        return Stamped(head.up_ms, head.wall_ms, head.trust, self.received_ms)

    def timed(self) -> dict[str, Any]:
        """The columns of every projection row that a clock fact can place."""
        head = self.fact.envelope
        return {
            "point": self.point,
            "boot_id": head.boot_id,
            "up_ms": head.up_ms,
            "wall_ms": head.wall_ms,
            "clock_trust": head.trust,
            "received_ms": self.received_ms,
            "arrival": self.arrival,
        }
