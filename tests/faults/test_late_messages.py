"""What a broker keeps back for a day and then delivers after all."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.faults.virtual_way import DAY_MS, SECOND_MS, VirtualWay, of_a_kind, virtual_way
from wire.codec import decode_fact


@pytest.fixture
def way(engine: Engine, tmp_path: Path) -> Iterator[VirtualWay]:
    with virtual_way(tmp_path, engine) as way:
        way.after(SECOND_MS)
        way.flow()
        yield way


def _nothing_changes(way: VirtualWay) -> None:
    held, epoch = way.held(), way.outbox.epoch
    way.flow()
    way.after(SECOND_MS)
    way.flow()
    assert way.held() == held == way.lines
    assert (way.outbox.waiting, way.outbox.epoch) == (0, epoch)
    assert not way.letters()
    assert not way.findings


def test_the_first_batch_of_a_window_comes_a_day_after_the_others(way: VirtualWay) -> None:
    """The hub takes nothing behind the gap; what comes late is known by then."""
    way.record(170)
    way.after(1)
    late, *others = of_a_kind(way.sent, "facts")
    way.line.sent = []
    way.to_hub(*others)
    assert not way.held()
    way.arrived()
    way.after(DAY_MS)
    way.record(20)
    way.arrived()
    way.to_hub(late)
    _nothing_changes(way)


def test_a_batch_comes_a_day_late_with_nothing_said_meanwhile(way: VirtualWay) -> None:
    """The facts keep the time at which they were recorded."""
    way.record(30)
    way.after(1)
    (batch,) = of_a_kind(way.sent, "facts")
    way.line.sent = []
    way.ms += DAY_MS
    way.to_hub(batch)
    assert way.held() == way.lines
    (received_ms,) = {row[0] for row in way.rows("SELECT received_ms FROM fact")}
    (wall_ms,) = {decode_fact(line).envelope.wall_ms for line in way.lines}
    assert received_ms - wall_ms > DAY_MS
    _nothing_changes(way)


def test_a_batch_of_yesterdays_start_is_not_heard(way: VirtualWay) -> None:
    """The node was started again meanwhile and has sent the same facts itself."""
    way.record(30)
    way.after(1)
    (batch,) = of_a_kind(way.sent, "facts")
    way.line.sent = []
    way.uplink.sender.nonce = secrets.token_hex(16)
    way.uplink.sender.greet_soon()
    way.after(DAY_MS)
    way.arrived()
    way.to_hub(batch)
    assert not way.down, "an answer to a start that is over"
    _nothing_changes(way)


def test_receipts_a_day_late_acknowledge_nothing_more_and_nothing_less(way: VirtualWay) -> None:
    way.record(30)
    way.after(1)
    way.to_hub(*way.sent)
    way.line.sent = []
    late, way.down = way.down, []
    way.after(DAY_MS)
    way.record(5)
    for letter in late:
        way.to_point(letter)
    assert way.outbox.waiting >= 5
    way.arrived()
    for letter in late:
        way.to_point(letter)
    _nothing_changes(way)
