"""Between broker and intake: fair, in order, bounded."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hub.intake.inbound import Inbound
from hub.intake.inbox import A_MESSAGE_BYTES, A_NODE, GROUP_BYTES, Inbox
from wire.session import MAX_BATCH_BYTES
from wire.topics import FACTS

BATCH = b"x" * MAX_BATCH_BYTES


def said(point: str, number: int, payload: bytes = b"tap") -> Inbound:
    return Inbound(FACTS.of("lhyy", point), payload, number)


def points_of(group: list[Inbound]) -> list[str]:
    return [message.topic.split("/")[3] for message in group]


def backlogs(nodes: int = 12, batches: int = 30) -> Inbox:
    inbox = Inbox(most_bytes=2**40)
    for number in range(batches):
        for point in range(nodes):
            inbox.put(said(f"p{point:02d}", number, BATCH))
    return inbox


def test_a_tap_is_in_the_next_group_whatever_twelve_backlogs_have_sent() -> None:
    inbox = backlogs()
    for number in range(5):
        inbox.take(0)
        inbox.put(said("live", number))
        assert "live" in points_of(inbox.take(0))


def test_taps_that_had_to_wait_come_together_and_not_one_after_every_batch_of_the_others() -> None:
    inbox = backlogs()
    inbox.take(0)
    for number in range(20):
        inbox.put(said("live", number))
    assert points_of(inbox.take(0)).count("live") == 20


def test_a_node_of_many_small_messages_gets_no_more_than_the_others() -> None:
    inbox = backlogs(nodes=2)
    for number in range(A_NODE):
        inbox.put(said("live", number))
    of_each: Counter[str] = Counter()
    for _ in range(3):
        for message in inbox.take(0):
            of_each[message.topic.split("/")[3]] += len(message.payload) + A_MESSAGE_BYTES
    assert max(of_each.values()) - min(of_each.values()) <= MAX_BATCH_BYTES + A_MESSAGE_BYTES


def test_a_group_of_full_batches_is_short() -> None:
    inbox = Inbox()
    for number in range(40):
        inbox.put(said("p01", number, BATCH))
    group = inbox.take(0)
    assert len(group) == GROUP_BYTES // MAX_BATCH_BYTES


def test_a_node_that_floods_keeps_nobody_else_out() -> None:
    inbox = Inbox()
    taken = [inbox.put(said("p01", number)) for number in range(2 * A_NODE)]
    assert taken == [True] * A_NODE + [False] * A_NODE
    assert inbox.put(said("p02", 1))


def test_memory_is_bounded_whatever_comes() -> None:
    inbox = Inbox(most_bytes=10 * MAX_BATCH_BYTES)
    kept = sum(inbox.put(said(f"p{number}", 1, BATCH)) for number in range(50))
    assert kept == 10
    inbox.take(0)
    assert inbox.put(said("p99", 1, BATCH)), "what was taken makes room"


@given(st.lists(st.sampled_from(["p01", "p02", "p03"]), max_size=80))
def test_each_node_keeps_its_order_and_nothing_is_lost(order: list[str]) -> None:
    inbox = Inbox()
    for number, point in enumerate(order):
        assert inbox.put(said(point, number))
    came: list[Inbound] = []
    while group := inbox.take(0):
        came += group
    for point in ("p01", "p02", "p03"):
        mine = [message.received_ms for message in came if f"/{point}/" in message.topic]
        assert mine == [number for number, at in enumerate(order) if at == point]
    assert len(came) == len(order)
