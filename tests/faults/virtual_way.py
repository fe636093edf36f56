"""The point's uplink and the hub's intake over a network and a clock that the test owns.

Everything is the real code but sockets and time: what a broker could do to a message is done here.
"""

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, text

from edge.clock import PointClock, SyncSource, SystemTime
from edge.config import EdgeConfig
from edge.events import MqttMessage
from edge.link.mqtt import BrokerLink
from edge.link.roster_cache import RosterCache
from edge.link.sender import Sender
from edge.link.uplink import Uplink
from edge.store.outbox import NewFact, Outbox
from hub.intake.inbound import Inbound
from hub.intake.unit import Site
from tests.hub.nodes import COMMUNITY, POINTS, T_MS, take
from wire.codec import encode_fact
from wire.facts import Emptied

SECOND_MS = 1000
DAY_MS = 86_400_000
_UP_MS = 5_000


@dataclass(frozen=True)
class Letter:
    """A message on the way."""

    topic: str
    payload: bytes


@dataclass
class Line:
    """What the uplink says while the line is up; the network is a list."""

    up: bool = True
    sent: list[Letter] = field(default_factory=list)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        if self.up:
            self.sent.append(Letter(topic, payload))


class VirtualWay:
    """One point, one hub, one clock."""

    def __init__(
        self, folder: Path, engine: Engine, point: str = "p01", source: SyncSource = "kernel"
    ) -> None:
        self.engine, self.point = engine, point
        self.ms = 0
        self.wall_off_ms, self.synced = 0, True
        """How wrong the point's wall clock is, and whether its kernel says that it is right."""
        self.down: list[Letter] = []
        self.line = Line()
        self.findings: list[str] = []
        self.lines: list[bytes] = []
        self.site = Site(COMMUNITY, frozenset(POINTS), lambda: self.true_ms)
        system = SystemTime(
            up_ms=lambda: _UP_MS + self.ms, wall_ms=lambda: self.true_ms + self.wall_off_ms,
            kernel_synced=lambda: self.synced, boot_id="boot-1",
        )  # fmt: skip
        (folder / point).mkdir(parents=True, exist_ok=True)
        self.outbox = Outbox(folder / point / "outbox.db", COMMUNITY, point)
        self.clock = PointClock(system, source, self.outbox.boot, None)
        roster = RosterCache(folder / point)
        sender = Sender(self.outbox, point, "boot-1", "test", jitter=1)
        where = {"community": COMMUNITY, "point": point}
        config = EdgeConfig.model_construct(**where)  # type: ignore[arg-type]
        link = cast("BrokerLink", self.line)
        self.uplink = Uplink(config, sender, roster, self.clock, link)
        self.uplink.on_finding = self.findings.append
        self.uplink.connected(up=True)

    @property
    def true_ms(self) -> int:
        """The hub's clock, which is right."""
        return T_MS + self.ms

    @property
    def sent(self) -> list[Letter]:
        """On its way to the hub."""
        return self.line.sent

    def record(self, count: int) -> None:
        stamp = self.clock.stamp()
        made = []
        for no in range(count):
            fact_id = secrets.token_hex(16)
            body = Emptied(bin=1 + no % 14, grams=9, level_g=0)
            made.append(NewFact(fact_id, stamp.wall_ms, encode_fact(fact_id, stamp, body)))
        self.outbox.append(made)
        self.lines += [fact.line for fact in made]

    def after(self, ms: int) -> None:
        """Let time pass; the uplink says what is due."""
        self.ms += ms
        self.uplink.send()

    def to_hub(self, *letters: Letter) -> None:
        """One group at the intake; its answers are on their way."""
        messages = [Inbound(one.topic, one.payload, self.true_ms) for one in letters]
        answers = take(self.engine, *messages, site=self.site).answers
        self.down += [Letter(one.topic, one.payload) for one in answers]

    def to_point(self, letter: Letter) -> None:
        self.uplink.handle(
            MqttMessage("hub", letter.topic, letter.payload, False, _UP_MS + self.ms)
        )

    def flow(self, *, lose: Callable[[], bool] = lambda: False) -> None:
        """Everything on its way arrives, in order, but what is lost."""
        sent, self.line.sent = self.sent, []
        if letters := [one for one in sent if not lose()]:
            self.to_hub(*letters)
        down, self.down = self.down, []
        for letter in down:
            if not lose():
                self.to_point(letter)

    def drop_line(self) -> None:
        """What was on its way is lost at both ends."""
        self.line.up = False
        self.line.sent, self.down = [], []
        self.uplink.connected(up=False)

    def raise_line(self) -> None:
        self.line.up = True
        self.uplink.connected(up=True)

    def drain(self) -> None:
        """A good network, until the point knows that everything arrived."""
        for _ in range(60 + len(self.lines) // 50):
            self.after(31 * SECOND_MS if self.outbox.waiting else SECOND_MS)
            self.flow()
            if self.uplink.sender.welcomed and not self.outbox.waiting and not self.sent:
                return
        raise AssertionError(f"{self.outbox.waiting} facts still wait")

    def held(self) -> list[bytes]:
        return [bytes(row[0]) for row in self.rows("SELECT line FROM fact ORDER BY arrival")]

    def letters(self) -> list[str]:
        """Why messages became dead letters."""
        return [str(row[0]) for row in self.rows("SELECT reason FROM dead_letter ORDER BY letter")]

    def rows(self, sql: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql)))

    def arrived(self) -> None:
        """Nothing lost, nothing twice."""
        self.drain()
        assert sorted(self.held()) == sorted(self.lines)


@contextmanager
def virtual_way(
    folder: Path, engine: Engine, point: str = "p01", source: SyncSource = "kernel"
) -> Iterator[VirtualWay]:
    way = VirtualWay(folder, engine, point, source)
    try:
        yield way
    finally:
        way.outbox.close()


def of_a_kind(letters: list[Letter], name: str) -> list[Letter]:
    return [one for one in letters if one.topic.endswith(f"/{name}")]


def mostly(chance: random.Random, part: float) -> Callable[[], bool]:
    """True now and then."""
    return lambda: chance.random() < part
