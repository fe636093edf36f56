"""The feed on a real broker: subscribes, decodes, survives, notices."""

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from kiosk.config import KioskConfig
from kiosk.feed import BusDown, BusUp, Feed, Heard, Unreadable
from tests.kiosk.point_bus import Broker, PointOnBus, config_for, point_on
from tests.kiosk.scripted_point import ScriptedPoint
from tests.programs import PATIENCE_S
from wire.codec import encode
from wire.point_bus import Command, Reply, Screen
from wire.topics import REPLY, SCREEN

Kind = TypeVar("Kind")


class Ear:
    """Collects what the feed tells."""

    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()

    def next(self, kind: type[Kind], seconds: float = PATIENCE_S) -> Kind:
        deadline = time.monotonic() + seconds
        while True:
            heard = self.heard.get(timeout=max(0.01, deadline - time.monotonic()))
            if isinstance(heard, kind):
                return heard


@contextmanager
def feed_on(config: KioskConfig) -> Iterator[tuple[Feed, Ear]]:
    ear = Ear()
    feed = Feed(config, ear.heard.put)
    feed.start()
    try:
        yield feed, ear
    finally:
        feed.stop()


def test_the_retained_screen_comes_after_the_bus(broker: Broker, point: PointOnBus) -> None:
    point.tap("11-1-102")
    with feed_on(config_for(broker, point.script.point)) as (_feed, ear):
        ear.next(BusUp)
        while not (screen := ear.next(Screen)).visits:
            pass
        assert screen == point.script.screen()


def test_a_command_gets_its_reply(broker: Broker, point: PointOnBus) -> None:
    point.tap("11-1-102")
    visit = point.script.visits[0].visit
    with feed_on(config_for(broker, point.script.point)) as (feed, ear):
        ear.next(Screen)
        command = Command(
            command_id="c" * 32, screen_rev=1, action="judge", visit=visit, value="accepted"
        )
        feed.send(command)
        feed.send(command)
        assert [ear.next(Reply).code, ear.next(Reply).code] == ["done", "done"]
    assert point.script.verdicts() == {"11-1-102": "accepted"}


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"{}", b"[1]", b'{"v":2}'])
def test_a_malformed_payload_is_told_and_survived(
    broker: Broker, point: PointOnBus, payload: bytes
) -> None:
    name = point.script.point
    with feed_on(config_for(broker, name)) as (_feed, ear):
        ear.next(Screen)
        point.publish(REPLY.of(name), payload)
        assert name in ear.next(Unreadable).why
        point.tap("11-1-102")
        assert ear.next(Screen).visits[0].door == "11-1-102"


def test_another_points_screen_is_not_shown(broker: Broker, point: PointOnBus) -> None:
    name = point.script.point
    foreign = ScriptedPoint(point="elsewhere").screen()
    with feed_on(config_for(broker, name)) as (_feed, ear):
        ear.next(Screen)
        point.publish(SCREEN.of(name), encode(foreign))
        assert "elsewhere" in ear.next(Unreadable).why


def test_a_killed_bus_is_noticed_and_found_again(own_broker: Broker) -> None:
    with (
        point_on(own_broker, ScriptedPoint()) as point,
        feed_on(config_for(own_broker)) as (feed, ear),
    ):
        ear.next(Screen)
        own_broker.kill()
        ear.next(BusDown)
        feed.send(Command(command_id="d" * 32, screen_rev=0, action="undo", verdict="e" * 32))
        own_broker.start()
        ear.next(BusUp)
        point.tap("7-1-601")
        while not ear.next(Screen).visits:
            pass
        assert point.script.received == [], "what was sent without a bus must not surface later"


def test_a_bus_that_is_not_there_yet_is_waited_for(own_broker: Broker) -> None:
    own_broker.kill()
    with feed_on(config_for(own_broker)) as (_feed, ear):
        ear.next(BusDown)
        own_broker.start()
        ear.next(BusUp)


def test_a_wrong_password_is_told(broker: Broker) -> None:
    config = config_for(broker)
    wrong = config.bus.model_copy(update={"password": "wrong"})
    with feed_on(config.model_copy(update={"bus": wrong})) as (_feed, ear):
        assert "uthori" in ear.next(BusDown).why
