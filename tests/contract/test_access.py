"""Who gets in, and what they may say and hear then."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.brokers.certs import Authority, Files
from tests.contract.clients import Caller, caller
from tests.contract.servers import COMMUNITY, Broker
from tests.programs import PATIENCE_S
from wire.topics import FACTS, HELLO, RECEIPT, ROSTER, STATUS, WELCOME

ALL = "lianxin/v1/+/+/+"


def of(topic: object, point: str) -> str:
    return topic.of(COMMUNITY, point)  # type: ignore[attr-defined,no-any-return]


def answer(broker: Broker, files: Files | None) -> str | None:
    with caller(broker.port, files, trust=broker.certs.ours.ca, user="p01") as one:
        return one.answer


def test_the_own_certificate_lets_in(broker: Broker) -> None:
    assert answer(broker, broker.certs.ours.client("p01")) == "in"


def test_no_certificate_a_foreign_one_and_one_that_ended_are_refused(broker: Broker) -> None:
    assert answer(broker, None) == "closed"
    assert answer(broker, broker.certs.foreign.client("p01")) == "closed"
    assert answer(broker, broker.certs.expired("p01")) == "closed"


def test_the_brokers_own_certificate_is_no_clients(broker: Broker) -> None:
    assert answer(broker, broker.certs.ours.broker) == "closed"


def test_nobody_is_who_they_say_but_who_the_certificate_says(
    broker: Broker, hub_caller: Caller
) -> None:
    ours = broker.certs.ours
    with caller(broker.port, ours.client("p01"), trust=ours.ca, user="hub") as poser:
        poser.listen([ALL])
        poser.say(of(RECEIPT, "p02"), b"forged")
        hub_caller.say(of(RECEIPT, "p02"), b"true")
        assert hub_caller.hear(of(RECEIPT, "p02"))[0] == b"true", "a node wrote a receipt"
        hub_caller.say(of(RECEIPT, "p01"), b"mine")
        poser.listen([of(RECEIPT, "p01")])
        hub_caller.say(of(RECEIPT, "p01"), b"mine")
        assert poser.heard.get(timeout=PATIENCE_S)[:2] == (of(RECEIPT, "p01"), b"mine")


def test_a_node_says_only_what_is_its_own_to_say(hub_caller: Caller, node_caller: Caller) -> None:
    for topic in (of(FACTS, "p02"), of(HELLO, "p02"), of(STATUS, "p02")):
        node_caller.say(topic, b"as p02")
    for topic in (of(RECEIPT, "p01"), of(WELCOME, "p01"), of(ROSTER, "p01")):
        node_caller.say(topic, b"as the hub")
    node_caller.say("lianxin/v1/elsewhere/p01/facts", b"to another community")
    for topic in (of(HELLO, "p01"), of(STATUS, "p01"), of(FACTS, "p01")):
        node_caller.say(topic, b"mine")
    heard = [hub_caller.heard.get(timeout=PATIENCE_S) for _ in range(3)]
    assert {topic for topic, _, _ in heard} == {of(t, "p01") for t in (HELLO, STATUS, FACTS)}
    assert {payload for _, payload, _ in heard} == {b"mine"}


def test_a_node_hears_only_what_is_said_to_it(hub_caller: Caller, node_caller: Caller) -> None:
    node_caller.listen([ALL, "#", of(RECEIPT, "p02"), of(WELCOME, "p01"), of(RECEIPT, "p01")])
    for point in ("p02", "p01"):
        hub_caller.say(of(RECEIPT, point), point.encode())
    hub_caller.say(of(WELCOME, "p01"), b"last")
    heard: list[bytes] = []
    while not heard or heard[-1] != b"last":
        heard.append(node_caller.heard.get(timeout=PATIENCE_S)[1])
    assert set(heard) == {b"p01", b"last"}


@pytest.mark.parametrize("broker", ["mosquitto"], indirect=True)  # NATS has no revocation list
def test_a_stolen_machine_is_shut_out_and_its_successor_let_in(
    broker: Broker, tmp_path: Path
) -> None:
    shutil.copytree(broker.certs.ours.folder / "clients", tmp_path / "clients")
    stolen = Files(
        broker.certs.ours.ca, tmp_path / "clients" / "p02.crt", tmp_path / "clients" / "p02.key"
    )
    assert answer(broker, stolen) == "in"
    authority = Authority(broker.certs.ours.folder)
    now = datetime.now(UTC)
    assert authority.revoke("p02", now) == 1
    assert [one.name for one in authority.issue(["p02"], [], now)] == ["p02"]
    broker.configure()
    broker.kill()
    broker.start()
    assert answer(broker, stolen) == "closed"
    assert answer(broker, authority.client("p02")) == "in"
    assert answer(broker, authority.client("p01")) == "in"
