"""What a node says, made by hand: lines, batches, hellos."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from hub.intake.inbound import Inbound, Outbound
from hub.intake.unit import Site, Unit
from wire import codec, facts
from wire.base import WireModel
from wire.session import FactsHeader, Hello, Receipt, Welcome
from wire.topics import FACTS, HELLO

COMMUNITY = "lhyy"
POINTS = ("p01", "p02")
T_MS = 1_777_766_401_234  # 2026-05-03 08:00:01.234 in Shanghai
SHIFT = "5f" * 16
SITE = Site(COMMUNITY, frozenset(POINTS), lambda: T_MS)


def name(*parts: object) -> str:
    """128 bits, the same for the same parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def card(no: int) -> str:
    """A card token."""
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    return "k1." + "".join(digits[(no >> 5 * place) % 32] for place in range(52))


def line(
    fact_id: str,
    body: WireModel,
    *,
    up_ms: int = 1000,
    wall_ms: int = T_MS,
    trust: str = "kernel",
    boot_id: str = "boot-1",
) -> bytes:
    """One fact line."""
    stamp = facts.Stamp.model_validate(
        {"boot": 1, "boot_id": boot_id, "up_ms": up_ms, "wall_ms": wall_ms, "trust": trust}
    )
    return codec.encode_fact(fact_id, stamp, body)


def tap(no: int = 1) -> facts.Tap:
    """A known card at the reader, somebody on duty."""
    return facts.Tap(
        card=card(no), reader="reader-1", known="known", signal="recorded", shift=SHIFT
    )


def verdict(visit: str, value: str = "accepted") -> facts.Verdict:
    """A single verdict."""
    said = {"visit": visit, "value": value, "by": "v01", "shift": SHIFT, "command_id": "cc" * 16}
    return facts.Verdict.model_validate(said)


@dataclass
class Node:
    """One start of one node with one outbox."""

    point: str = "p01"
    epoch: str = "e0" * 16
    nonce: str = "a0" * 16
    lines: list[bytes] = field(default_factory=list)
    acked: int = 0
    hub_generation: str | None = None

    def hello(self, nonce: str | None = None, roster: int | None = None) -> Inbound:
        said = Hello(
            node=self.point, epoch=self.epoch, boot=1, boot_id="boot-1",
            next_seq=len(self.lines) + 1, acked=self.acked, nonce=nonce or self.nonce,
            software="test", roster=roster, hub_generation=self.hub_generation,
        )  # fmt: skip
        return Inbound(HELLO.of(COMMUNITY, self.point), codec.encode(said), T_MS)

    def batch(self, first_seq: int, count: int, nonce: str | None = None) -> Inbound:
        """Lines from ``first_seq`` as this node holds them."""
        return self.say(first_seq, self.lines[first_seq - 1 : first_seq - 1 + count], nonce)

    def say(self, first_seq: int, lines: Sequence[bytes], nonce: str | None = None) -> Inbound:
        """Any lines under any position."""
        header = FactsHeader(
            epoch=self.epoch, first_seq=first_seq, count=len(lines), nonce=nonce or self.nonce
        )
        payload = codec.encode_batch(header, list(lines))
        return Inbound(FACTS.of(COMMUNITY, self.point), payload, T_MS)

    def chain(self, upto: int) -> str:
        """This node's own chain."""
        chain = codec.chain_seed(self.epoch)
        for one in self.lines[:upto]:
            chain = codec.chain_next(chain, one)
        return chain.hex()


def take(engine: Engine, *messages: Inbound, site: Site = SITE) -> Unit:
    """One group, committed."""
    with engine.execution_options(writes=True).begin() as connection:
        unit = Unit(connection, site)
        for message in messages:
            unit.take(message)
        unit.finish()
    return unit


def receipts(answers: Sequence[Outbound]) -> list[Receipt]:
    """The receipts among answers."""
    return [
        codec.decode(answer.payload, Receipt)
        for answer in answers
        if answer.topic.endswith("/receipt")
    ]


def welcomes(answers: Sequence[Outbound]) -> list[Welcome]:
    """The welcomes among answers."""
    return [
        codec.decode(answer.payload, Welcome)
        for answer in answers
        if answer.topic.endswith("/welcome")
    ]
