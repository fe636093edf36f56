"""What to send to the hub next, and what its answers mean: the protocol without any transport.

The outbox is the only memory. A receipt counts when the hub's chain at its ``upto`` equals ours;
otherwise this file is an older image of what the hub has seen, and every row that we had not
ourselves recorded as acknowledged goes out again under a new epoch.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from edge.store.outbox import Outbox
from wire.base import Hex128
from wire.codec import encode_batch
from wire.facts import Void
from wire.session import (
    MAX_BATCH_BYTES,
    MAX_BATCH_LINES,
    MAX_UNRECEIPTED,
    FactsHeader,
    Hello,
    Receipt,
    Welcome,
)

FIRST_WAIT_MS = 2000
LONGEST_WAIT_MS = 30_000
_HEADER_BYTES = 256

Finding = Literal["new_epoch", "resent_to_restored_hub", "quarantined", "hub_lost_facts"]


@dataclass
class Sender:
    """State of one node's conversation with its hub. Times are CLOCK_BOOTTIME milliseconds."""

    outbox: Outbox
    node: str
    boot_id: str
    software: str
    jitter: float = field(default_factory=lambda: 1 + secrets.randbelow(1000) / 2000)
    roster_version: Callable[[], int] = lambda: 0
    nonce: Hex128 = field(default_factory=lambda: secrets.token_hex(16))
    connected: bool = False
    welcomed: bool = False
    quarantined: bool = False
    hello_sent_ms: int = 0
    _sent: int = 0
    _wait_ms: int = FIRST_WAIT_MS
    _due_ms: int = 0

    def hello(self, now_ms: int) -> Hello:
        """The greeting for now; the welcome starts the sending after the hub's cursor again."""
        self.hello_sent_ms = now_ms
        self._sent = self.outbox.acked
        self._due_ms = now_ms + self._backoff()
        return Hello(
            node=self.node,
            epoch=self.outbox.epoch,
            boot=self.outbox.boot,
            boot_id=self.boot_id,
            next_seq=self.outbox.next_seq,
            acked=self.outbox.acked,
            nonce=self.nonce,
            software=self.software,
            roster=self.roster_version(),
            hub_generation=self.outbox.hub_generation,
        )

    def on_connect(self) -> None:
        """The broker is there; nothing is known of the hub."""
        self.connected = True
        self.greet_soon()

    def on_disconnect(self) -> None:
        """The broker is gone; what was sent may not have arrived."""
        self.connected = self.welcomed = False

    def on_welcome(self, welcome: Welcome, now_ms: int, wall_ms: int) -> Finding | None:
        """Start sending after what the hub has; tells what was found wrong, if anything."""
        if welcome.nonce != self.nonce or welcome.epoch != self.outbox.epoch:
            return None
        self.quarantined = welcome.state == "quarantined"
        if self.quarantined:
            self.welcomed = False
            return "quarantined"
        return self._learn(
            _HubCursor(welcome.upto, welcome.chain, welcome.hub_generation),
            now_ms,
            wall_ms,
            greeted=True,
        )

    def on_receipt(self, receipt: Receipt, now_ms: int, wall_ms: int) -> Finding | None:
        """Acknowledge what the hub proves to have; tells what was found wrong, if anything."""
        if not self.welcomed or receipt.epoch != self.outbox.epoch:
            return None
        cursor = _HubCursor(receipt.upto, receipt.chain_at_upto, receipt.hub_generation)
        if cursor.upto < self.outbox.acked and cursor.generation == self.outbox.hub_generation:
            return None  # an older receipt, overtaken
        return self._learn(cursor, now_ms, wall_ms, greeted=False)

    def _learn(
        self, cursor: "_HubCursor", now_ms: int, wall_ms: int, *, greeted: bool
    ) -> Finding | None:
        acked = self.outbox.acked
        finding = self._compare(cursor, wall_ms)
        self.welcomed = finding != "new_epoch"
        self._sent = self.outbox.acked if finding else max(self._sent, self.outbox.acked)
        if self.welcomed and not greeted and self.outbox.acked == acked:
            return finding  # a gap: without progress the greeting stays due
        self._wait_ms = FIRST_WAIT_MS
        # A new epoch is greeted at once: until then nothing can be sent.
        self._due_ms = now_ms if finding == "new_epoch" else now_ms + self._backoff()
        return finding

    def _compare(self, cursor: "_HubCursor", wall_ms: int) -> Finding | None:
        own = self.outbox.chain_at(cursor.upto)
        if own is None or own.hex() != cursor.chain:
            self.outbox.new_epoch(lost=self._lost(cursor))
            return "new_epoch"
        finding: Finding | None = None
        if cursor.generation != self.outbox.hub_generation:
            finding = self._meet_another_hub(cursor)
        elif cursor.upto < self.outbox.acked:
            finding = "hub_lost_facts"
        if cursor.upto > self.outbox.acked:
            self.outbox.acknowledge(cursor.upto, wall_ms)
        return finding

    def _lost(self, cursor: "_HubCursor") -> list[Void]:
        """What an older image had not sent when it was overwritten: nobody knows how much."""
        if self.outbox.hub_generation not in (None, cursor.generation):
            return []  # it is the hub that was restored
        detail = f"the hub has other facts up to {cursor.upto}, this outbox {self.outbox.acked}"
        return [
            Void(
                reason="older_image",
                epoch=self.outbox.epoch,
                first_seq=cursor.upto + 1,
                detail=detail,
            )
        ]

    def _meet_another_hub(self, cursor: "_HubCursor") -> Finding | None:
        """A restored or a new hub: what it lacks goes out again, what it has it drops by id."""
        finding: Finding | None = None
        if self.outbox.hub_generation is not None and cursor.upto == 0:
            self.outbox.new_epoch(everything=True)
            finding = "new_epoch"
        elif cursor.upto < self.outbox.acked:
            self.outbox.forget_after(cursor.upto)
            finding = "resent_to_restored_hub"
        self.outbox.remember_hub(cursor.generation)
        return finding

    def hello_due(self, now_ms: int) -> bool:
        """No welcome, or facts without a receipt for too long: greet (again)."""
        waiting = not self.welcomed or self._sent > self.outbox.acked
        if not self.connected or not waiting or now_ms < self._due_ms or not self.outbox.usable:
            return False
        self.welcomed = False
        return True

    def greet_soon(self) -> None:
        """The hub came (back) to the broker: it may be another one, or know less than before."""
        self.welcomed = False
        self._wait_ms = FIRST_WAIT_MS
        self._due_ms = 0

    def next_batch(self, now_ms: int) -> bytes | None:
        """The next facts payload, within the window; None when there is nothing to send."""
        if not (self.connected and self.welcomed and self.outbox.usable):
            return None
        room = min(MAX_BATCH_LINES, MAX_UNRECEIPTED - (self._sent - self.outbox.acked))
        if room <= 0 or self._sent + 1 >= self.outbox.next_seq:
            return None
        lines: list[bytes] = []
        size = _HEADER_BYTES
        for row in self.outbox.pending(self._sent + 1, room):
            size += len(row.line) + 1
            if lines and size > MAX_BATCH_BYTES:
                break
            lines.append(row.line)
        if self._sent == self.outbox.acked:
            self._due_ms = now_ms + self._backoff()
        header = FactsHeader(
            epoch=self.outbox.epoch,
            first_seq=self._sent + 1,
            count=len(lines),
            nonce=self.nonce,
        )
        self._sent += len(lines)
        return encode_batch(header, lines)

    def _backoff(self) -> int:
        wait_ms = round(self._wait_ms * self.jitter)
        self._wait_ms = min(2 * self._wait_ms, LONGEST_WAIT_MS)
        return wait_ms


@dataclass(frozen=True)
class _HubCursor:
    """What the hub says it has of the present epoch."""

    upto: int
    chain: str
    generation: str
