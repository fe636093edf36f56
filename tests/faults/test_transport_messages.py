"""What a broker can do to messages, in virtual time: nothing lost, nothing twice, somebody told."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.faults.virtual_way import (
    DAY_MS,
    SECOND_MS,
    Letter,
    VirtualWay,
    mostly,
    of_a_kind,
    virtual_way,
)
from tests.hub.stores import SqliteStores
from wire.base import Message
from wire.codec import decode, decode_batch, decode_fact, encode, encode_batch
from wire.session import MAX_BATCH_BYTES, Receipt, Welcome

QUICK = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def way(engine: Engine, tmp_path: Path) -> Iterator[VirtualWay]:
    with virtual_way(tmp_path, engine) as way:
        yield way


def greeted(way: VirtualWay) -> None:
    way.after(SECOND_MS)
    way.flow()
    assert way.uplink.sender.welcomed


def changed(letter: Letter, model: type[Message], **values: object) -> Letter:
    message = decode(letter.payload, model).model_copy(update=values)
    return Letter(letter.topic, encode(message))


def spoilt(letter: Letter, how: str, chance: random.Random) -> Letter:
    payload = letter.payload
    if how == "truncated":
        payload = payload[: chance.randrange(len(payload))]
    elif how == "oversized":
        payload += b" " * MAX_BATCH_BYTES
    elif how == "not UTF-8":
        place = chance.randrange(len(payload))
        payload = payload[:place] + b"\xff" + payload[place + 1 :]
    return Letter(letter.topic, payload)


HOW = ["whole", "lost", "twice", "late", "truncated", "oversized", "p02"]


@QUICK
@given(seed=st.integers(0, 2**32), plan=st.lists(st.sampled_from(HOW), min_size=4, max_size=25))
def test_any_order_of_spoilt_messages(
    stores: SqliteStores, tmp_path_factory: pytest.TempPathFactory, seed: int, plan: list[str]
) -> None:
    """Both ways; what is late comes after everything said meanwhile, a day later, or never."""
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("point")
    with stores.fresh(hasty=True) as engine, virtual_way(folder, engine) as way:
        late: list[tuple[bool, Letter]] = []
        for how in plan:
            way.record(chance.randrange(1, 60))
            way.after(chance.choice([SECOND_MS, 3 * SECOND_MS, DAY_MS]))
            late += _spoil_one_each_way(way, how, chance)
            if chance.random() < 0.3:
                way.flow()
        for up, letter in late:
            way.to_hub(letter) if up else way.to_point(letter)
        way.arrived()
        assert not way.rows("SELECT 1 FROM fact WHERE point <> 'p01'"), "taken for another's"


def _spoil_one_each_way(
    way: VirtualWay, how: str, chance: random.Random
) -> list[tuple[bool, Letter]]:
    late = []
    for up, letters in ((True, way.sent), (False, way.down)):
        if not letters:
            continue
        letter = chance.choice(letters)
        letters.remove(letter)
        for one in _faulty(letter, how, chance):
            way.to_hub(one) if up else way.to_point(one)
        if how == "late":
            late.append((up, letter))
    return late


def _faulty(letter: Letter, how: str, chance: random.Random) -> list[Letter]:
    if how in ("lost", "late") or (how == "p02" and not letter.topic.endswith("/facts")):
        return []
    if how == "twice":
        return [letter, letter]
    if how == "p02":
        return [Letter(letter.topic.replace("/p01/", "/p02/"), letter.payload)]
    return [spoilt(letter, how, chance)]


@pytest.mark.parametrize("how", ["truncated", "oversized", "not UTF-8"])
def test_a_spoilt_batch_is_a_dead_letter_and_comes_again(way: VirtualWay, how: str) -> None:
    way.record(30)
    greeted(way)
    way.after(1)
    (batch,) = of_a_kind(way.sent, "facts")
    way.line.sent = []
    way.to_hub(spoilt(batch, how, random.Random(3)))
    assert len(way.letters()) == 1 or way.held() != way.lines
    way.arrived()
    assert way.letters(), "an operator sees it"


@pytest.mark.parametrize("how", ["truncated", "not UTF-8"])
def test_a_spoilt_answer_is_counted_and_asked_for_again(way: VirtualWay, how: str) -> None:
    greeted(way)
    way.record(30)
    way.after(1)
    way.to_hub(*way.sent)
    way.line.sent = []
    (receipt,) = of_a_kind(way.down, "receipt")
    way.down = []
    way.to_point(spoilt(receipt, how, random.Random(5)))
    assert way.uplink.bad_messages == 1
    assert way.outbox.waiting == 30
    way.arrived()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"epoch": "ab" * 16}, False),
        ({"upto": 5000}, True),
        ({"upto": 3}, True),
        ({"chain_at_upto": "00" * 32}, True),
    ],
    ids=["of another epoch", "from the future", "forged upto", "forged chain"],
)
def test_a_receipt_that_cannot_be_true_acknowledges_nothing(
    way: VirtualWay, values: dict[str, object], *, told: bool
) -> None:
    greeted(way)
    way.record(30)
    way.after(1)
    way.to_hub(*way.sent)
    way.line.sent = []
    (receipt,) = of_a_kind(way.down, "receipt")
    way.down = []
    way.to_point(changed(receipt, Receipt, **values))
    assert way.outbox.waiting == 30
    assert bool(way.findings) is told
    way.arrived()


def test_an_old_receipt_and_an_old_welcome_take_nothing_back(way: VirtualWay) -> None:
    greeted(way)
    way.record(30)
    way.after(1)
    way.to_hub(*way.sent)
    way.line.sent = []
    old = list(way.down)
    way.arrived()
    way.record(70)
    way.arrived()
    epoch = way.outbox.epoch
    for letter in old:
        way.to_point(letter)
    assert way.outbox.waiting == 0
    assert way.outbox.epoch == epoch
    way.after(DAY_MS)
    way.arrived()


def test_a_welcome_of_another_start_or_epoch_opens_nothing(way: VirtualWay) -> None:
    way.record(3)
    way.after(SECOND_MS)
    way.to_hub(*way.sent)
    (welcome,) = of_a_kind(way.down, "welcome")
    way.down = []
    for values in ({"nonce": "cd" * 16}, {"epoch": "cd" * 16}):
        way.to_point(changed(welcome, Welcome, **values))
        assert not way.uplink.sender.welcomed
    way.arrived()


def test_a_forged_batch_costs_nothing_but_a_new_epoch_and_is_told(way: VirtualWay) -> None:
    """Whoever had the node's own certificate: its lines are facts, the true ones come as well."""
    greeted(way)
    way.record(20)
    way.after(1)
    (batch,) = of_a_kind(way.sent, "facts")
    header, lines = decode_batch(batch.payload)
    forged = [line.replace(b'"bin":1,', b'"bin":9,') for line in lines]
    forged = [line[:7] + bytes(line[7:39])[::-1] + line[39:] for line in forged]
    way.to_hub(Letter(batch.topic, encode_batch(header, forged)))
    way.down = []
    way.drain()
    held = way.held()
    assert sorted(line for line in held if line in set(way.lines)) == sorted(way.lines)
    assert "conflict" in way.letters() or way.findings, "both ends are told"
    assert any("new epoch" in words for words in way.findings)


def test_a_batch_of_another_node_is_nobodys(way: VirtualWay, tmp_path: Path) -> None:
    with virtual_way(tmp_path, way.engine, "p02") as other:
        _swap_batches(way, other)
        way.drain()
        other.drain()
        for one in (way, other):
            of_point = f"SELECT line FROM fact WHERE point = '{one.point}' ORDER BY arrival"
            assert [bytes(row[0]) for row in way.rows(of_point)] == one.lines


def _swap_batches(way: VirtualWay, other: VirtualWay) -> None:
    for one in (way, other):
        one.record(20)
        greeted(one)
        one.after(1)
    for batch in of_a_kind(way.sent, "facts"):
        way.to_hub(Letter(batch.topic.replace("/p01/", "/p02/"), batch.payload))
    for batch in of_a_kind(other.sent, "facts"):
        way.to_hub(Letter(batch.topic.replace("/p02/", "/p01/"), batch.payload))
    assert not way.held()


@pytest.mark.parametrize("flaps", [30, pytest.param(600, marks=pytest.mark.long)])
def test_a_line_that_flaps_every_second(way: VirtualWay, flaps: int) -> None:
    """Virtual time: half a minute, or ten, up and down; a third of what is said is lost."""
    chance = random.Random(flaps)
    lose = mostly(chance, 1 / 3)
    for _ in range(flaps):
        way.record(1)
        way.raise_line()
        for _ in range(3):
            way.after(SECOND_MS // 6)
            way.flow(lose=lose)
        way.drop_line()
        way.after(SECOND_MS // 2)
    way.raise_line()
    held = len(way.held())
    assert held > flaps // 2, f"{held} of {flaps} arrived while it flapped"
    way.arrived()


@pytest.mark.parametrize("a_day", [150, pytest.param(1000, marks=pytest.mark.long)])
def test_a_hub_that_is_away_for_a_week(way: VirtualWay, a_day: int) -> None:
    """Virtual time, a real backlog: greeted all the while, then everything within minutes."""
    greeted(way)
    way.drop_line()
    way.raise_line()
    greetings = 0
    for hour in range(7 * 24):
        if 6 <= hour % 24 < 16:
            way.record(a_day // 10)
        for _ in range(4):
            way.after(15 * 60 * SECOND_MS)
            greetings += len(of_a_kind(way.sent, "hello"))
            way.line.sent = []  # the broker is there, nobody listens
    assert way.outbox.waiting == 7 * a_day
    assert greetings == 7 * 24 * 4, "asked each time it was due, and nothing else said"
    began_ms = way.ms
    for _ in range(7 * a_day // 100 + 60):
        way.after(SECOND_MS)
        way.flow()
        if not way.outbox.waiting:
            break
    assert way.held() == way.lines
    assert way.ms - began_ms < 10 * 60 * SECOND_MS
    stamps = [decode_fact(line).envelope.wall_ms for line in way.held()]
    assert stamps[-1] - stamps[0] > 6 * DAY_MS, "each at its own time, not at that of its arrival"
