"""Recording: encode once, commit, then fold into the state. Nothing else changes the state."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from edge.clock import PointClock
from edge.point.state import PointState
from edge.store.outbox import NewFact, Outbox
from wire.base import WireModel
from wire.codec import Fact, decode_fact, encode_fact

STATE_HOURS_MS = 36 * 3_600_000
log = logging.getLogger(__name__)


@dataclass
class Recorder:
    """The only writer of the outbox; owned by the daemon's loop."""

    outbox: Outbox
    clock: PointClock
    state: PointState

    def rebuild(self) -> None:
        """The state as it was, from the facts of the last day and a half."""
        newest = self.outbox.newest_wall_ms
        for n, line in self.outbox.lines_since((newest or 0) - STATE_HOURS_MS):
            self.state.apply(n, decode_fact(line))

    def record(self, bodies: Sequence[WireModel]) -> list[Fact]:
        """Commit the bodies together, now; raises StoreFullError and records none of them.

        When this returns, "recorded" may be said aloud.
        """
        stamp = self.clock.stamp()
        new = []
        for body in bodies:
            fact_id = secrets.token_hex(16)
            new.append(NewFact(fact_id, stamp.wall_ms, encode_fact(fact_id, stamp, body)))
        numbers = self.outbox.append(new)
        facts = [decode_fact(item.line) for item in new]
        for n, fact in zip(numbers, facts, strict=True):
            self.state.apply(n, fact)
            log.info("recorded %s %s n=%d", fact.envelope.kind, fact.id, n)
        return facts
