"""A point as the hub's intake meets it: facts in batches under one epoch, sent again at will."""

import hashlib

from sqlalchemy import Connection

from hub.intake.inbound import Inbound
from hub.intake.unit import Site, Unit
from tests.hub.rewards.registry_rows import card_token
from wire.codec import decode, decode_fact, encode, encode_batch, encode_fact
from wire.facts import Stamp, Tap, Verdict
from wire.session import FactsHeader, Hello, Receipt
from wire.topics import FACTS, HELLO, RECEIPT

BATCH = 30


def hex_id(name: str) -> str:
    """128 bits for a name; names keep their order."""
    return name.encode().hex().ljust(32, "0")[:32]


class PointNode:
    """Sends lines for one point; what the hub said about each line is returned."""

    def __init__(self, community: str, point: str) -> None:
        self.community, self.point = community, point
        self.epoch = hashlib.sha256(f"{community}/{point}".encode()).hexdigest()[:32]
        self.seq = 0

    def hello(self, unit: Unit) -> None:
        hello = Hello(
            node=self.point,
            epoch=self.epoch,
            boot=1,
            boot_id="boot-1",
            next_seq=1,
            acked=0,
            nonce=self.epoch,
            software="test",
        )
        unit.take(Inbound(HELLO.of(self.community, self.point), encode(hello), 0))

    def send(self, connection: Connection, lines: list[bytes], received_ms: int) -> list[str]:
        """accepted | duplicate | conflict, line by line."""
        site = Site(self.community, frozenset({self.point}), lambda: received_ms)
        unit, first = Unit(connection, site), self.seq + 1
        if self.seq == 0:
            self.hello(unit)
        for start in range(0, len(lines), BATCH):
            self._take(unit, lines[start : start + BATCH], received_ms)
        unit.finish()
        taken = {accepted.id for accepted in unit.accepted}
        topic = RECEIPT.of(self.community, self.point)
        receipts = [decode(item.payload, Receipt) for item in unit.answers if item.topic == topic]
        assert receipts[-1].upto == self.seq
        refused = {item.seq for receipt in receipts for item in receipt.rejected}
        return [
            "conflict"
            if seq in refused
            else "accepted"
            if decode_fact(line).id in taken
            else "duplicate"
            for seq, line in enumerate(lines, first)
        ]

    def _take(self, unit: Unit, lines: list[bytes], received_ms: int) -> None:
        header = FactsHeader(
            epoch=self.epoch, first_seq=self.seq + 1, count=len(lines), nonce=self.epoch
        )
        topic = FACTS.of(self.community, self.point)
        unit.take(Inbound(topic, encode_batch(header, lines), received_ms))
        self.seq += len(lines)


def stamp(wall_ms: int, *, trusted: bool = True) -> Stamp:
    return Stamp(
        boot=1,
        boot_id="boot-1",
        up_ms=1000,
        wall_ms=wall_ms,
        trust="kernel" if trusted else "none",
    )


def crowd_lines(
    cards: list[str], tapped_ms: int, approved_ms: int, shift: str
) -> tuple[list[bytes], list[bytes]]:
    """A tap and an acceptance for each card, by its name in a case."""
    taps, verdicts = [], []
    for card in cards:
        visit = hex_id(f"e{card}")
        tap = Tap(card=card_token(card), reader="r", known="known", signal="recorded", shift=shift)
        taps.append(encode_fact(visit, stamp(tapped_ms), tap))
        said = Verdict(visit=visit, value="accepted", by="v1", shift=shift, command_id="0" * 32)
        verdicts.append(encode_fact(hex_id(f"v{card}"), stamp(approved_ms), said))
    return taps, verdicts


__all__ = ["PointNode", "crowd_lines", "encode_fact", "hex_id", "stamp"]
