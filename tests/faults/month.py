"""A point's real code under a virtual clock, and its way to a hub afterwards.

What a supervisor and the residents of a day do goes through the same functions as in the daemon:
taps, weighing, attribution, verdicts, hand-over, the closing of the day, the outbox.
"""

import multiprocessing
import queue
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

from edge.bins import Bins
from edge.clock import PointClock, SystemTime, system_time
from edge.config import EdgeConfig
from edge.days import day_ends_due
from edge.events import Event, LinkChanged, MqttMessage, Weights
from edge.link.mqtt import BrokerLink
from edge.link.roster_cache import RosterCache
from edge.link.sender import Sender
from edge.link.uplink import Uplink
from edge.point.attribution import claims_of_tap, unclaimed
from edge.point.commands import Desk, decide
from edge.point.pins import PinGuard
from edge.point.state import PointState
from edge.point.taps import CardAtReader, decide_tap
from edge.readings import WeightRead
from edge.recorder import Recorder
from edge.store.outbox import Outbox
from tests.edge.points import card
from wire.base import WireModel
from wire.point_bus import Command
from wire.roster import RosterPerson, Settings

COMMUNITY = "lhyy"
DAY_MS = 24 * 3_600_000
SHANGHAI_MS = 8 * 3_600_000
WORTH_A_PROCESS = 2000
"""Visits; an interpreter of its own takes a second to start."""
OPENS_MS = 7 * 3_600_000
SETTINGS = Settings()
SWEEP_MS = 450
EMPTY_G, FULL_G = 4_000, 40_000
BINS = range(1, 5)


def config_of(folder: Path, point: str, broker_port: int) -> EdgeConfig:
    """A point with four scales; its devices are played."""
    bins = [
        {"no": no, "category": "kitchen", "format": "esphome", "topic": f"b{no}/state"}
        for no in BINS
    ]
    return EdgeConfig.model_validate({
        "community": COMMUNITY, "point": point, "node": point, "data": folder / point,
        "sync_source": "kernel", "card_keys": {1: folder / "key.hex"}, "bins": bins,
        "hub_broker": {"port": broker_port, "username": point, "password": "n"},
        "point_bus": {"port": 1, "username": f"edge-{point}", "password": "e"},
        "readers": [{"name": "reader-1", "kind": "rdm6300", "port": "none"}],
    })  # fmt: skip


class MonthPoint:
    """One point; ``now_ms`` is its wall clock and, less the start, its CLOCK_BOOTTIME."""

    def __init__(self, config: EdgeConfig, start_ms: int) -> None:
        self.config, self.now_ms = config, start_ms
        self.chance = Random(config.point)
        system = SystemTime(
            up_ms=lambda: self.now_ms - start_ms + 1000, wall_ms=lambda: self.now_ms,
            kernel_synced=lambda: True, boot_id="month",
        )  # fmt: skip
        config.data.mkdir(parents=True, exist_ok=True)
        self.outbox = Outbox(config.data / "outbox.db", COMMUNITY, config.point)
        clock = PointClock(system, "kernel", self.outbox.boot, None)
        self.recorder = Recorder(self.outbox, clock, PointState())
        self.bins = Bins(config.bins)
        self.levels_g = dict.fromkeys(BINS, EMPTY_G)
        number = config.point[1:]
        self.person = RosterPerson(person=f"v{number}", number=number, card=card(9000))

    @property
    def facts(self) -> int:
        return self.outbox.next_seq - 1

    def day(self, visits: int) -> None:
        """From the opening to the hand-over; at the end it is the next midnight."""
        midnight_ms = self.now_ms
        self.now_ms = midnight_ms + OPENS_MS
        self._sweep(8)
        self.tap(self.person.card or "", self.person)
        for number in range(visits):
            self.now_ms += self.chance.randrange(20_000, 90_000)
            self.tap(card(self.chance.randrange(1, 900)))
            if number % 8:
                self._throw()
            self._judge()
        self._command(action="hand_over", unjudged="all_accepted")
        self.now_ms = midnight_ms + DAY_MS
        self.recorder.try_record(day_ends_due(self.recorder.state, self.now_ms + 1))
        self.recorder.log_recorded()

    def tap(self, token: str, person: RosterPerson | None = None) -> str:
        """The last fact that the card became."""
        at_reader = CardAtReader(token, None, "reader-1", "known", person, roster_loaded=True)
        state = self.recorder.state
        facts = self.recorder.record(decide_tap(state, at_reader).facts)
        visit = state.visits.get(facts[-1].id) if facts else None
        if visit is not None:
            up_ms = self.recorder.clock.up_ms()
            self.recorder.try_record(claims_of_tap(state, visit, up_ms, SETTINGS))
        return facts[-1].id if facts else ""

    def _throw(self) -> None:
        bin_no = self.chance.choice(BINS)
        if self.levels_g[bin_no] > FULL_G:
            self.levels_g[bin_no] = EMPTY_G
            self._sweep(8)
        self.levels_g[bin_no] += self.chance.randrange(300, 3000)
        self._sweep(6)
        up_ms = self.recorder.clock.up_ms()
        self.recorder.try_record(unclaimed(self.recorder.state, up_ms, SETTINGS))

    def _sweep(self, times: int) -> None:
        """What the scales say, as the bus brings it."""
        for _ in range(times):
            self.now_ms += SWEEP_MS
            readings = tuple((no, WeightRead(g, True)) for no, g in self.levels_g.items())
            for body in self.bins.feed(Weights(readings, self.recorder.clock.up_ms())):
                facts = self.recorder.record([body])
                assign = self.bins.assignment(facts, self.recorder.state, SETTINGS)
                self.recorder.try_record([assign] if assign else [])

    def _judge(self) -> None:
        """Everything that waits, as the next resident comes."""
        for visit in self.recorder.state.unjudged[:3]:
            self.now_ms += 900
            value = "rejected" if self.chance.random() < 0.1 else "accepted"
            reason = "mixed" if value == "rejected" else None
            self._command(action="judge", visit=visit.visit, value=value, reason=reason)

    def _command(self, **what: object) -> None:
        state = self.recorder.state
        head = {"command_id": secrets.token_hex(16), "screen_rev": state.screen_rev}
        people = {self.person.person: self.person}
        desk = Desk(
            state, SETTINGS, people, self.config.point, self.now_ms, lambda _door: True, PinGuard()
        )
        bodies: Sequence[WireModel] = decide(Command.model_validate(head | what), desk).facts
        self.recorder.try_record(bodies)


def write_month(folder: Path, points: Sequence[str], days: int, visits: int) -> int:
    """Outboxes of that many days that ended last night, two written at a time; how many facts."""
    start_ms = (time.time_ns() // 10**6 // DAY_MS - days) * DAY_MS - SHANGHAI_MS
    if days * visits * len(points) < WORTH_A_PROCESS:
        return sum(_write(folder, point, start_ms, days, visits) for point in points)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        tasks = [pool.submit(_write, folder, point, start_ms, days, visits) for point in points]
        return sum(task.result() for task in tasks)


def _write(folder: Path, name: str, start_ms: int, days: int, visits: int) -> int:
    point = MonthPoint(config_of(folder, name, broker_port=1), start_ms)
    for _ in range(days):
        point.day(visits)
    point.outbox.close()
    return point.facts


class Online:
    """The same point with its link: what the daemon's loop does with the hub's messages."""

    def __init__(self, point: MonthPoint) -> None:
        self.point, self.outbox = point, point.outbox
        self.events: queue.Queue[Event] = queue.Queue()
        system = replace(system_time(), kernel_synced=lambda: True)
        clock = PointClock(system, "kernel", self.outbox.boot, None)
        point.recorder.clock = clock
        config = point.config
        self.link = BrokerLink(
            "hub", config.hub_broker, subscriptions=Uplink.subscriptions(config),
            events=self.events, up_ms=system.up_ms,
        )  # fmt: skip
        self.sender = Sender(self.outbox, config.node, clock.boot_id, "test")
        self.uplink = Uplink(config, self.sender, RosterCache(config.data), clock, self.link)
        self.link.start()

    def turn(self) -> bool:
        """Whatever has come, and what is due then; whether anything had come."""
        heard = not self.events.empty()
        while not self.events.empty():
            event = self.events.get_nowait()
            if isinstance(event, LinkChanged):
                self.uplink.connected(up=event.up)
            elif isinstance(event, MqttMessage):
                self.uplink.handle(event)
        self.uplink.send()
        return heard

    @property
    def drained(self) -> bool:
        """Every fact has its receipt."""
        return self.outbox.acked == self.outbox.next_seq - 1


def stop_all(nodes: Sequence[Online]) -> None:
    """Together: a link may need a second to end."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: node.link.stop(), nodes))
    for node in nodes:
        node.outbox.close()


def turn_all(nodes: Sequence[Online]) -> None:
    """One round; rests when nobody had anything."""
    if not sum(node.turn() for node in nodes):
        time.sleep(0.002)
