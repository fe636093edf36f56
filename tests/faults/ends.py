"""The real ends of the way between a point and its hub, in this process; between them a broker."""

import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

import hub.config
from edge.clock import PointClock, system_time
from edge.config import EdgeConfig
from edge.events import Event, LinkChanged, MqttMessage
from edge.link.mqtt import BrokerLink
from edge.link.roster_cache import RosterCache
from edge.link.sender import Sender
from edge.link.uplink import Uplink
from edge.store.outbox import NewFact, Outbox
from hub.clock import hub_clock
from hub.db import write_session
from hub.intake.transport import Transport
from hub.intake.unit import Site
from hub.intake.worker import Intake
from hub.registry.publisher import Publisher
from hub.store import expect_points
from hub.web.deps import Health
from tests.programs import PATIENCE_S, until
from wire.broker import BrokerConfig
from wire.codec import encode, encode_fact
from wire.facts import Emptied
from wire.session import Status
from wire.topics import STATUS

COMMUNITY = "lhyy"
HASTE = 0.1
"""Of the waiting times of a point, so that what takes seconds in the field takes tenths here."""


@dataclass
class HubEnd:
    """Transport, intake and publisher over a store."""

    engine: Engine
    config: hub.config.HubBroker
    points: tuple[str, ...]
    health: Health = field(default_factory=Health)

    def __post_init__(self) -> None:
        with write_session(self.engine) as session:
            expect_points(session, COMMUNITY, self.points)
        self.site = Site(COMMUNITY, frozenset(self.points), hub_clock(0))

    def start(self) -> None:
        self.transport = Transport(self.config, COMMUNITY, self.site.now_ms, self.health)
        _hurry(self.transport._client)
        intake = Intake(self.engine, self.site, self.transport, self.health)
        publisher = Publisher(self.engine, self.site, self.transport)
        self.transport.on_up = publisher.connected
        intake.on_roster_held = publisher.roster_held
        self._threads = (publisher, intake)
        for thread in self._threads:
            thread.start()
        self.transport.start()

    def stop(self) -> None:
        self.transport.stop()
        for thread in self._threads:
            thread.stop()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def lines(self, point: str = "") -> list[bytes]:
        """The facts held, in order of arrival."""
        where = f"WHERE point = '{point}'" if point else ""
        return [
            bytes(row[0]) for row in self.rows(f"SELECT line FROM fact {where} ORDER BY arrival")
        ]


@contextmanager
def hub_end(
    engine: Engine, config: hub.config.HubBroker, *points: str, connected: bool = True
) -> Iterator[HubEnd]:
    end = HubEnd(engine, config, points)
    end.start()
    try:
        if connected:
            until(lambda: end.transport.up, "the hub is connected")
        yield end
    finally:
        end.stop()


class PointEnd(threading.Thread):
    """Outbox, sender, uplink and link of a point, without its devices; one loop owns them."""

    def __init__(self, folder: Path, point: str, broker: BrokerConfig) -> None:
        super().__init__(name=point)
        self.point = point
        self.findings: list[str] = []
        self.told: list[LinkChanged] = []
        self.up = False
        self.welcomed = False
        self.waiting = 0
        self.keepalive_s = 15
        self._folder, self._broker = folder / point, broker
        self._folder.mkdir(parents=True, exist_ok=True)
        self._events: queue.Queue[Event] = queue.Queue()
        self._wishes: queue.Queue[Callable[[Outbox], None]] = queue.Queue()
        self._stopping = threading.Event()
        self._lines: list[bytes] = []

    def record(self, count: int) -> None:
        """Facts of a bin that is emptied, committed when this returns."""
        done = threading.Event()

        def wish(outbox: Outbox) -> None:
            stamp = self._clock.stamp()
            facts = []
            for no in range(count):
                fact_id = secrets.token_hex(16)
                body = Emptied(bin=1 + no % 14, grams=9, level_g=0)
                facts.append(NewFact(fact_id, stamp.wall_ms, encode_fact(fact_id, stamp, body)))
            outbox.append(facts)
            self._lines += [fact.line for fact in facts]
            self.waiting = outbox.waiting
            done.set()

        self._wishes.put(wish)
        assert done.wait(20), f"{self.point} records nothing"

    @property
    def lines(self) -> list[bytes]:
        """Everything ever recorded here."""
        return list(self._lines)

    def run(self) -> None:
        system = system_time()
        outbox = Outbox(self._folder / "outbox.db", COMMUNITY, self.point)
        self._clock = PointClock(system, "hub", outbox.boot, outbox.newest_wall_ms)
        roster = RosterCache(self._folder)
        sender = Sender(outbox, self.point, self._clock.boot_id, "test", jitter=HASTE,
                        roster_version=lambda: roster.version)  # fmt: skip
        where = {"community": COMMUNITY, "point": self.point}
        config = EdgeConfig.model_construct(**where)  # type: ignore[arg-type]
        will = encode(Status(online=False, boot=outbox.boot, nonce=sender.nonce))
        self.link = BrokerLink(
            "hub", self._broker, subscriptions=Uplink.subscriptions(config), events=self._events,
            up_ms=system.up_ms, will=(STATUS.of(COMMUNITY, self.point), will),
        )  # fmt: skip
        _hurry(self.link._client)
        uplink = Uplink(config, sender, roster, self._clock, self.link)
        uplink.on_finding = self.findings.append
        self.uplink = uplink
        self.link.start()
        while not self._stopping.is_set():
            self._turn(uplink, outbox)
        self.link.stop()
        outbox.close()

    def _turn(self, uplink: Uplink, outbox: Outbox) -> None:
        try:
            event = self._events.get(timeout=0.01)
            if isinstance(event, LinkChanged):
                self.told.append(event)
                self.up = event.up
                uplink.connected(up=event.up)
            elif isinstance(event, MqttMessage):
                uplink.handle(event)
        except queue.Empty:
            pass
        while not self._wishes.empty():
            self._wishes.get()(outbox)
        uplink.send()
        self.link.tend(self._clock.up_ms())
        self.waiting = outbox.waiting
        self.welcomed = uplink.sender.welcomed

    def stop(self) -> None:
        self._stopping.set()
        self.join(20)
        assert not self.is_alive()


@contextmanager
def point_end(
    folder: Path, point: str, broker: BrokerConfig, *, welcomed: bool = True
) -> Iterator[PointEnd]:
    end = PointEnd(folder, point, broker)
    end.start()
    try:
        if welcomed:
            until(lambda: end.welcomed, f"{point} is welcomed")
        yield end
    finally:
        end.stop()


def arrived(hub: HubEnd, *points: PointEnd, seconds: float = PATIENCE_S) -> None:
    """Nothing lost, nothing twice, in order, and every point knows it."""
    until(lambda: all(one.waiting == 0 for one in points), "every fact has its receipt", seconds)
    for one in points:
        assert hub.lines(one.point) == one.lines, f"{one.point}: {len(one.lines)} recorded"


def _hurry(client: Any) -> None:
    client.reconnect_delay_set(HASTE, 3 * HASTE)
