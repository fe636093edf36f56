"""What a broker keeps and says for the absent."""

import pytest

from tests.contract.clients import Caller, caller
from tests.contract.servers import COMMUNITY, Broker
from tests.contract.test_access import of
from tests.programs import PATIENCE_S, until
from wire.topics import HELLO, ROSTER, ROSTER_PAGE, SETTINGS, STATUS


def test_what_the_hub_retains_meets_a_node_that_comes_later(
    broker: Broker, hub_caller: Caller
) -> None:
    page = ROSTER_PAGE.of(COMMUNITY, "p01", "0")
    largest = b"x" * 64 * 1024
    hub_caller.say(page, largest, retain=True)
    hub_caller.say(of(ROSTER, "p01"), b"old", retain=True)
    hub_caller.say(of(ROSTER, "p01"), b"new", retain=True)
    ours = broker.certs.ours
    with caller(broker.port, ours.client("p01"), trust=ours.ca) as node:
        node.listen([of(ROSTER, "p01"), page.removesuffix("0") + "+"])
        assert node.hear(page) == (largest, True)
    with caller(broker.port, ours.client("p01"), trust=ours.ca) as node:
        node.listen([of(ROSTER, "p01")])
        assert node.hear(of(ROSTER, "p01")) == (b"new", True)
        hub_caller.say(of(ROSTER, "p01"), b"live", retain=True)
        assert node.hear(of(ROSTER, "p01")) == (b"live", False), "live is told from retained"


def test_a_retained_message_is_taken_back_by_an_empty_one(
    broker: Broker, hub_caller: Caller
) -> None:
    topic, last = of(SETTINGS, "p01"), of(ROSTER, "p01")
    hub_caller.say(topic, b"s", retain=True)
    hub_caller.say(topic, b"", retain=True)
    hub_caller.say(last, b"r", retain=True)
    ours = broker.certs.ours
    with caller(broker.port, ours.client("p01"), trust=ours.ca) as node:
        node.listen([topic, last])
        assert node.heard.get(timeout=PATIENCE_S)[0] == last


@pytest.mark.parametrize("goodbye", [True, False])
def test_the_will_speaks_for_who_vanished_and_for_nobody_else(
    broker: Broker, hub_caller: Caller, *, goodbye: bool
) -> None:
    ours = broker.certs.ours
    topic = of(STATUS, "p02")
    will = (topic, b"vanished")
    with caller(broker.port, ours.client("p02"), trust=ours.ca, will=will) as node:
        node.say(topic, b"online", retain=True)
        assert hub_caller.hear_live(topic) == b"online"
        if goodbye:
            node.client.disconnect()
        else:
            node.vanish()
            assert hub_caller.hear_live(topic) == b"vanished"
    with caller(broker.port, ours.client("p02"), trust=ours.ca) as node:
        node.say(of(HELLO, "p02"), b"next start")
    heard = hub_caller.heard.get(timeout=PATIENCE_S)
    assert heard[:2] == (of(HELLO, "p02"), b"next start"), "and nothing before it"


def test_the_order_of_one_sender_is_kept(hub_caller: Caller, node_caller: Caller) -> None:
    topic = of(HELLO, "p01")
    for no in range(200):
        node_caller.client.publish(topic, str(no).encode(), 1)
    assert [int(hub_caller.hear(topic)[0]) for _ in range(200)] == list(range(200))


def test_who_sends_a_packet_over_the_limit_harms_only_itself(
    broker: Broker, hub_caller: Caller
) -> None:
    ours = broker.certs.ours
    with caller(broker.port, ours.client("p01"), trust=ours.ca) as node:
        node.client.publish(of(HELLO, "p01"), b"x" * 2_000_000, 1)
        until(lambda: not node.client.is_connected(), "cut off")
    with caller(broker.port, ours.client("p01"), trust=ours.ca) as node:
        node.say(of(HELLO, "p01"), b"small")
        assert hub_caller.hear(of(HELLO, "p01"))[0] == b"small"
