"""One transaction: every fact once, the cursor contiguous, whatever the order of arrival."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from hub.db import table
from hub.intake.inbound import Inbound
from hub.intake.tables import DeadLetter, EpochState, FactAlias, FactRow
from hub.visits.project import PROJECTIONS
from tests.hub.nodes import COMMUNITY, Node, line, name, receipts, take, tap, verdict, welcomes
from tests.hub.stores import Stores
from wire import facts
from wire.topics import FACTS, HELLO, STATUS

COUNT = 24


def node_with(count: int = COUNT, epoch: str = "e0" * 16, nonce: str = "a0" * 16) -> Node:
    return Node(
        epoch=epoch, nonce=nonce, lines=[line(name("f", no), tap(no)) for no in range(count)]
    )


def held(engine: Engine) -> list[tuple[int, str]]:
    f = table(FactRow).c
    with engine.connect() as connection:
        rows = connection.execute(select(f.arrival, f.fact_id).order_by(f.arrival)).all()
    return [(row.arrival, row.fact_id) for row in rows]


def letters(engine: Engine) -> list[str]:
    d = table(DeadLetter).c
    with engine.connect() as connection:
        return list(connection.execute(select(d.reason).order_by(d.letter)).scalars())


def count(engine: Engine, model: type) -> int:
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(table(model))).scalar()
    return int(found or 0)


def empty(engine: Engine) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        for model in (FactRow, FactAlias, EpochState, DeadLetter, *PROJECTIONS):
            connection.execute(delete(table(model)))


pieces = st.lists(
    st.lists(st.tuples(st.integers(1, COUNT), st.integers(1, 9)), min_size=1, max_size=5),
    max_size=12,
)


def test_any_interleaving_leaves_each_fact_once_and_the_cursor_contiguous(stores: Stores) -> None:
    node = node_with()
    with stores.fresh(hasty=True) as engine:

        @settings(max_examples=40, deadline=None)
        @given(groups=pieces)
        def check(groups: list[list[tuple[int, int]]]) -> None:
            empty(engine)
            take(engine, node.hello())
            upto = 0
            for group in groups:
                unit = take(engine, *(node.batch(first, size) for first, size in group))
                for first, size in group:
                    if first <= upto + 1:
                        upto = max(upto, min(first + size - 1, COUNT))
                (receipt,) = receipts(unit.answers)
                assert (receipt.upto, receipt.chain_at_upto) == (upto, node.chain(upto))
            expected = [(no + 1, name("f", no)) for no in range(upto)]
            assert held(engine) == expected
            assert count(engine, DeadLetter) == count(engine, FactAlias) == 0

        check()


def test_a_gap_is_answered_with_the_cursor(engine: Engine) -> None:
    node = node_with()
    take(engine, node.hello(), node.batch(1, 5))
    (receipt,) = receipts(take(engine, node.batch(7, 5)).answers)
    assert (receipt.upto, receipt.chain_at_upto) == (5, node.chain(5))
    assert len(held(engine)) == 5


def test_other_bytes_under_a_held_key_move_nothing_and_are_seen(engine: Engine) -> None:
    node = node_with()
    take(engine, node.hello(), node.batch(1, 10))
    forged = [*node.lines[5:8], line(name("forged"), tap(99)), line(name("more"), tap(98))]
    unit = take(engine, node.say(6, forged))
    assert letters(engine) == ["conflict"]
    (receipt,) = receipts(unit.answers)
    assert (receipt.upto, receipt.chain_at_upto) == (10, node.chain(10))
    assert len(held(engine)) == 10


def test_a_fact_under_a_second_key_is_counted_once_and_its_chain_can_be_proved(
    engine: Engine,
) -> None:
    first = node_with()
    take(engine, first.hello(), first.batch(1, 10))
    second = node_with(12, epoch="e1" * 16, nonce="a1" * 16)
    second.lines = second.lines[4:12]
    unit = take(engine, second.hello(), second.batch(1, 8))
    (receipt,) = receipts(unit.answers)
    assert (receipt.upto, receipt.chain_at_upto) == (8, second.chain(8))
    assert len(held(engine)) == 12
    assert count(engine, FactAlias) == 6
    again = take(engine, second.batch(1, 8))
    assert again.counts["known"] == 1
    assert letters(engine) == []


def test_the_same_name_with_other_bytes_is_rejected(engine: Engine) -> None:
    node = node_with(2)
    node.lines.append(line(name("f", 0), tap(77)))
    unit = take(engine, node.hello(), node.batch(1, 3))
    (receipt,) = receipts(unit.answers)
    assert [(item.seq, item.reason) for item in receipt.rejected] == [(3, "id_conflict")]
    assert receipt.upto == 3
    assert len(held(engine)) == 2


def test_an_unreadable_line_is_kept_shown_and_passed(engine: Engine) -> None:
    node = node_with(4)
    node.lines[1] = b"{broken"
    node.lines[2] = node.lines[2].replace(b'"v":1', b'"v":9', 1)
    unit = take(engine, node.hello(), node.batch(1, 4))
    (receipt,) = receipts(unit.answers)
    rejected = [(item.seq, item.reason) for item in receipt.rejected]
    assert rejected == [(2, "not_json"), (3, "bad_fact")]
    assert (receipt.upto, receipt.chain_at_upto) == (4, node.chain(4))
    assert letters(engine) == ["not_json", "bad_fact"]
    assert take(engine, node.batch(1, 4)).counts["known"] == 1


@pytest.mark.parametrize("poison", [rb"\ud800", rb"\u0000", rb"\ud83d"])
def test_text_that_no_store_can_keep_is_rejected(engine: Engine, poison: bytes) -> None:
    manual = facts.Manual(door="11-1-102", by="v01", shift="5f" * 16, command_id="cc" * 16)
    node = Node(lines=[line(name("m"), manual).replace(b"11-1-102", poison + b"-1-102")])
    (receipt,) = receipts(take(engine, node.hello(), node.batch(1, 1)).answers)
    assert [item.seq for item in receipt.rejected] == [1]
    assert held(engine) == []


def test_an_unknown_kind_is_kept(engine: Engine) -> None:
    node = Node(lines=[line(name("x"), tap(1)).replace(b'"kind":"tap"', b'"kind":"parade"')])
    (receipt,) = receipts(take(engine, node.hello(), node.batch(1, 1)).answers)
    assert receipt.rejected == ()
    assert len(held(engine)) == 1


def test_only_the_leased_start_is_heard(engine: Engine) -> None:
    node = node_with()
    assert take(engine, node.batch(1, 5)).answers == []
    take(engine, node.hello(), node.batch(1, 5))
    unit = take(engine, node.hello(nonce="b0" * 16), node.batch(6, 5))
    assert unit.counts["not_leased"] == 1
    assert receipts(unit.answers) == []
    assert len(held(engine)) == 5
    assert len(receipts(take(engine, node.batch(6, 5, nonce="b0" * 16)).answers)) == 1


def test_two_live_starts_quarantine_the_epoch(engine: Engine) -> None:
    node = node_with()
    take(engine, node.hello(), node.batch(1, 5), node.hello(nonce="b0" * 16))
    (welcome,) = welcomes(take(engine, node.hello()).answers)
    assert welcome.state == "quarantined"
    for nonce in ("a0" * 16, "b0" * 16):
        assert receipts(take(engine, node.batch(6, 5, nonce=nonce)).answers) == []
    assert len(held(engine)) == 5


def test_a_welcome_says_what_is_held(engine: Engine) -> None:
    node = node_with()
    (fresh,) = welcomes(take(engine, node.hello()).answers)
    assert (fresh.upto, fresh.chain, fresh.state) == (0, node.chain(0), "leased")
    take(engine, node.batch(1, 7))
    (later,) = welcomes(take(engine, node.hello()).answers)
    assert (later.upto, later.chain) == (7, node.chain(7))


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (FACTS.of("other", "p01"), b"{}", "foreign_community"),
        (FACTS.of(COMMUNITY, "p99"), b"{}", "unknown_node"),
        (f"lianxin/v1/{COMMUNITY}/p01/parade", b"{}", "foreign_topic"),
        (FACTS.of(COMMUNITY, "p01"), b"garbage\n", "bad_message"),
        (FACTS.of(COMMUNITY, "p01"), b"x" * 20_000, "too_long"),
        (FACTS.of(COMMUNITY, "p01"), Node(lines=[b"a", b"b"]).batch(1, 2).payload[:-2],
         "truncated"),
        (HELLO.of(COMMUNITY, "p01"), b"\xff\xfe", "bad_message"),
        (STATUS.of(COMMUNITY, "p01"), b'{"v":1}', "bad_message"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_becomes_visible(
    engine: Engine, topic: str, payload: bytes, reason: str
) -> None:
    unit = take(engine, Inbound(topic, payload, 0))
    assert letters(engine) == [reason]
    assert unit.answers == []


def test_dead_letters_are_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.intake.store.KEPT_LETTERS", 5)
    for _ in range(3):
        take(engine, *(Inbound(FACTS.of("other", "p01"), b"x" * 9000, 0) for _ in range(4)))
    assert count(engine, DeadLetter) == 5


def test_a_verdict_of_a_batch_finds_its_visit(engine: Engine) -> None:
    visit = name("v")
    node = Node(lines=[line(visit, tap()), line(name("w"), verdict(visit))])
    unit = take(engine, node.hello(), node.batch(1, 2))
    assert [fact.arrival for fact in unit.accepted] == [1, 2]
