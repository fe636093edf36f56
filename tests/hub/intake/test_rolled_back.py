"""An older copy of the hub's store put back: the hub knows itself, and the points send again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from edge.link.sender import LONGEST_WAIT_MS, Sender
from edge.store.outbox import NewFact, Outbox
from hub.config import HubBroker
from hub.db import table
from hub.intake.inbound import Inbound
from hub.intake.tables import FactRow
from hub.intake.transport import Transport
from hub.intake.unit import Unit
from hub.intake.worker import Intake
from hub.web.deps import Health
from tests.hub.nodes import (
    COMMUNITY,
    SITE,
    T_MS,
    Node,
    line,
    name,
    receipts,
    take,
    tap,
    welcomes,
)
from tests.hub.stores import Stores
from wire.codec import encode
from wire.topics import FACTS, HELLO


def held(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(table(FactRow).c.fact_id)).scalars())


class Point:
    """A node as it is, its outbox on the disk, in front of the hub's real unit."""

    def __init__(self, folder: Path, point: str) -> None:
        self.point = point
        self.outbox = Outbox(folder / point / "outbox.db", COMMUNITY, point)
        self.sender = Sender(self.outbox, point, "boot-1", "test", jitter=1.0)
        self.names: set[str] = set()
        self.now_ms = 0

    def record(self, count: int) -> None:
        for _ in range(count):
            fact = name(self.point, len(self.names))
            self.outbox.append([NewFact(fact, T_MS, line(fact, tap()))])
            self.names.add(fact)

    def talk(self, engine: Engine) -> None:
        """Connect, and go on until nothing is said any more."""
        self.sender.on_connect()
        for _ in range(6):
            self.now_ms += 2 * LONGEST_WAIT_MS
            if self.sender.hello_due(self.now_ms):
                self._say(engine, HELLO.of(COMMUNITY, self.point),
                          encode(self.sender.hello(self.now_ms)))  # fmt: skip
            while (batch := self.sender.next_batch(self.now_ms)) is not None:
                self._say(engine, FACTS.of(COMMUNITY, self.point), batch)

    def _say(self, engine: Engine, topic: str, payload: bytes) -> None:
        answers = take(engine, Inbound(topic, payload, T_MS)).answers
        for welcome in welcomes(answers):
            self.sender.on_welcome(welcome, self.now_ms, T_MS)
        for receipt in receipts(answers):
            self.sender.on_receipt(receipt, self.now_ms, T_MS)


@pytest.fixture
def points(tmp_path: Path) -> Iterator[list[Point]]:
    both = [Point(tmp_path, "p01"), Point(tmp_path, "p02")]
    yield both
    for point in both:
        point.outbox.close()


@pytest.mark.parametrize("before", [0, 30])
def test_after_a_rollback_every_fact_is_at_the_hub_again(
    stores: Stores, engine: Engine, points: list[Point], before: int
) -> None:
    for point in points:
        point.record(before)
        point.talk(engine)
    with stores.copied(engine) as older:
        for point in points:
            point.record(70)
            point.talk(engine)
            assert point.outbox.waiting == 0
        assert len(held(older)) == 2 * before
        for point in points:
            point.talk(older)
        assert held(older) == points[0].names | points[1].names
    assert [point.outbox.waiting for point in points] == [0, 0]


def acknowledged(upto: int, generation: str | None) -> Node:
    node = Node(lines=[line(name("f", no), tap(no)) for no in range(10)])
    node.acked, node.hub_generation = upto, generation
    return node


def generation_of(unit: Unit) -> str:
    return welcomes(unit.answers)[-1].hub_generation


def test_only_a_hub_that_acknowledged_more_than_it_holds_was_rolled_back(engine: Engine) -> None:
    node = acknowledged(0, None)
    born = generation_of(take(engine, node.hello(), node.batch(1, 5)))
    for acked, generation in ((5, born), (4, born), (9, None), (9, "ab" * 16)):
        unit = take(engine, acknowledged(acked, generation).hello())
        assert (generation_of(unit), unit.rolled_back) == (born, [])
    unit = take(engine, acknowledged(6, born).hello(), node.batch(6, 1))
    (receipt,) = receipts(unit.answers)
    assert receipt.hub_generation == generation_of(unit) != born
    assert unit.counts["rolled_back"] == 1
    again = take(engine, acknowledged(9, born).hello())
    assert generation_of(again) == receipt.hub_generation


def test_a_rollback_that_was_not_committed_is_found_again(engine: Engine) -> None:
    node = acknowledged(0, None)
    born = generation_of(take(engine, node.hello()))
    with engine.execution_options(writes=True).connect() as connection:
        unit = Unit(connection, SITE)
        unit.take(acknowledged(3, born).hello())
        connection.rollback()
    assert generation_of(take(engine, acknowledged(0, born).hello())) == born
    assert len(take(engine, acknowledged(3, born).hello()).rolled_back) == 1


def test_a_rollback_is_one_line_and_counted(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    health = Health()
    transport = Transport(HubBroker(password="h"), COMMUNITY, lambda: T_MS, health)
    intake = Intake(engine, SITE, transport, health)
    born = generation_of(take(engine, acknowledged(0, None).hello()))
    intake._commit([acknowledged(3, born).hello()])
    assert [m for m in caplog.messages if "rolled-back" in m and "held=0" in m] == caplog.messages
    assert health.counts["rolled_back"] == 1
