"""Recording: encode once, commit, then fold into the state. Nothing else changes the state."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.clock import PointClock
from edge.point.maintenance import is_test
from edge.point.state import PointState
from edge.store.file import StoreFullError
from edge.store.outbox import NewFact, Outbox
from wire.base import WireModel
from wire.codec import Fact, decode_fact, new_fact
from wire.facts import Manual, Tap

STATE_HOURS_MS = 36 * 3_600_000
NEARLY_FULL = "the disk is nearly full: new visits are refused; free space or replace the card"
log = logging.getLogger(__name__)


@dataclass
class Recorder:
    """The only writer of the outbox; owned by the daemon's loop."""

    outbox: Outbox
    clock: PointClock
    state: PointState
    failed: str = ""
    """Why the last fact could not be written; while it stands, taps are being refused."""
    closing: bool = False
    """Little space is left: what was begun is still recorded, new visits are refused."""
    refused_cards: int = 0
    slowest_ms: int = 0
    """The longest commit since somebody looked."""
    _unlogged: list[tuple[int, Fact]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.failed = self.outbox.trouble

    @property
    def full(self) -> bool:
        """Whether a card is refused now."""
        return bool(self.failed) or self.closing

    @property
    def why(self) -> str:
        """Why cards are refused; "" when they are not."""
        return self.failed or (NEARLY_FULL if self.closing else "")

    def rebuild(self) -> None:
        """The state as it was, from the facts of the last day and a half."""
        if not self.outbox.usable:
            return
        state = PointState()
        newest = self.outbox.newest_wall_ms
        for n, line in self.outbox.lines_since((newest or 0) - STATE_HOURS_MS):
            state.apply(n, decode_fact(line))
        self.state = state

    def record(self, bodies: Sequence[WireModel]) -> list[Fact]:
        """Commit the bodies together, now; raises StoreFullError and records none of them.

        When this returns, "recorded" may be said aloud.
        """
        if self.closing and any(isinstance(body, Tap | Manual) for body in bodies):
            raise StoreFullError(NEARLY_FULL)
        stamp = self.clock.stamp()
        made = [
            new_fact(secrets.token_hex(16), stamp, body, test=is_test(self.state, body))
            for body in bodies
        ]
        numbers = self.outbox.append([NewFact(fact.id, stamp.wall_ms, line) for fact, line in made])
        self.slowest_ms = max(self.slowest_ms, self.clock.up_ms() - stamp.up_ms)
        facts = [fact for fact, _ in made]
        for n, fact in zip(numbers, facts, strict=True):
            self.state.apply(n, fact)
            self._unlogged.append((n, fact))
        return facts

    def log_recorded(self) -> None:
        """A line a fact; later than :meth:`record`, so that no signal waits for the log."""
        for n, fact in self._unlogged:
            log.info("recorded %s %s n=%d", fact.envelope.kind, fact.id, n)
        self._unlogged.clear()

    def try_record(self, bodies: Sequence[WireModel]) -> list[Fact]:
        """Record, or note that the store is full and record nothing."""
        if not bodies:
            return []
        try:
            facts = self.record(bodies)
        except StoreFullError as error:
            self.note_full(error)
            return []
        self.failed = ""
        return facts

    def note_full(self, error: StoreFullError) -> None:
        """Say so once, until something could be written again."""
        if not self.full:
            log.error("%s", error)
        if str(error) != NEARLY_FULL:
            self.failed = str(error) or "nothing written"
