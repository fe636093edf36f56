"""The intake against a real broker: nats-server from the wheel, with the hub's own file."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine

from hub.brokers.nats import nats_config
from hub.config import HubBroker
from hub.intake import worker
from hub.intake.transport import Transport
from hub.intake.worker import Intake
from hub.registry.publisher import Publisher
from hub.visits.points import points
from hub.web.deps import Health
from tests.hub.intake.test_unit import held, letters, node_with
from tests.hub.nodes import COMMUNITY, POINTS, SITE, Node, line, name, tap
from tests.hub.stores import Stores
from tests.programs import PATIENCE_S, NatsServer, free_port, until
from wire import codec
from wire.session import Receipt, Status, Welcome
from wire.topics import FACTS, RECEIPT, ROSTER, SETTINGS, STATUS, WELCOME


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    mqtt_port = free_port()
    config = tmp_path / "nats.conf"
    config.write_text(
        nats_config(
            community=COMMUNITY, hub=("hub", "h"), nodes=dict.fromkeys(POINTS, "n"),
            mqtt_port=mqtt_port, client_port=free_port(), store=tmp_path / "nats",
        )
    )  # fmt: skip
    with NatsServer(config, mqtt_port) as server:
        yield server


@dataclass
class Running:
    """A hub's intake beside a broker."""

    engine: Engine
    health: Health
    transport: Transport


@pytest.fixture
def running(engine: Engine, broker: NatsServer) -> Iterator[Running]:
    health = Health()
    config = HubBroker(port=broker.mqtt_port, password="h")
    transport = Transport(config, COMMUNITY, SITE.now_ms, health)
    workers = (Publisher(engine, SITE, transport), Intake(engine, SITE, transport, health))
    transport.on_up = workers[0].connected
    workers[1].on_roster_held = workers[0].roster_held
    for thread in workers:
        thread.start()
    transport.start()
    until(lambda: transport.up, "the hub is connected")
    yield Running(engine, health, transport)
    transport.stop()
    for thread in workers:
        thread.stop()


@dataclass
class Remote:
    """A node's connection to the broker."""

    client: Client
    inbox: "queue.Queue[MQTTMessage]" = field(default_factory=queue.Queue)
    subscribed: threading.Event = field(default_factory=threading.Event)

    def say(self, topic: str, payload: bytes, *, qos: int = 1) -> None:
        self.client.publish(topic, payload, qos).wait_for_publish(5)

    def wait(self, topic: str, seconds: float = PATIENCE_S) -> bytes:
        while True:
            message = self.inbox.get(timeout=seconds)
            if message.topic == topic and message.payload:
                return bytes(message.payload)


def _no_delay(_client: Client, _data: object, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def subscribe(client: Client, topics: list[tuple[str, int]]) -> None:
    client.subscribe(topics)


@contextmanager
def remote(port: int, point: str = "p01", password: str = "n") -> Iterator[Remote]:
    client = Client(CallbackAPIVersion.VERSION2, client_id=point)
    client.reconnect_delay_set(1, 1)
    client.username_pw_set(point, password)
    node = Remote(client)
    mine = [(topic.of(COMMUNITY, point), 1) for topic in (WELCOME, RECEIPT, ROSTER, SETTINGS)]
    client.on_connect = lambda *_: subscribe(client, mine)
    client.on_subscribe = lambda *_: node.subscribed.set()
    client.on_message = lambda _client, _data, message: node.inbox.put(message)
    client.on_socket_open = _no_delay
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert node.subscribed.wait(5)
    yield node
    client.disconnect()
    client.loop_stop()


def send(node: Remote, message: Any) -> None:
    node.say(message.topic, message.payload)


def test_a_hello_is_welcomed_and_facts_are_receipted(running: Running, broker: NatsServer) -> None:
    says = node_with()
    with remote(broker.mqtt_port) as node:
        send(node, says.hello())
        welcome = codec.decode(node.wait(WELCOME.of(COMMUNITY, "p01")), Welcome)
        assert (welcome.nonce, welcome.upto) == (says.nonce, 0)
        send(node, says.batch(1, 24))
        receipt = codec.decode(node.wait(RECEIPT.of(COMMUNITY, "p01")), Receipt)
    assert (receipt.upto, receipt.chain_at_upto) == (24, says.chain(24))
    assert len(held(running.engine)) == 24


def retained_came(node: Remote) -> None:
    """A message can fall between a subscription and a store: the greeting asks again."""
    wanted = {topic.of(COMMUNITY, "p01") for topic in (SETTINGS, ROSTER)}
    asks = node_with()

    def told() -> bool:
        send(node, asks.hello(roster=0))
        while not node.inbox.empty():
            wanted.discard(node.inbox.get().topic)
        return not wanted

    until(told, "settings and roster are published")


def test_a_broker_that_lost_everything_gets_the_retained_again(
    running: Running, broker: NatsServer, tmp_path: Path
) -> None:
    with remote(broker.mqtt_port) as node:
        retained_came(node)
        broker.kill()
        (tmp_path / "nats").rename(tmp_path / "lost")
        until(lambda: not node.client.is_connected(), "the node knows of the loss")
        while not node.inbox.empty():
            node.inbox.get()
        node.subscribed.clear()
        broker.start()
        assert node.subscribed.wait(15)
        retained_came(node)
        says = node_with()
        send(node, says.hello())
        send(node, says.batch(1, 3))
        assert codec.decode(node.wait(RECEIPT.of(COMMUNITY, "p01")), Receipt).upto == 3


def test_nothing_a_node_sends_stops_the_intake(running: Running, broker: NatsServer) -> None:
    says = node_with()
    facts = FACTS.of(COMMUNITY, "p01")
    with remote(broker.mqtt_port) as node:
        node.say(facts, b"\xff" * 100)
        node.say(facts, b"")
        node.say(facts, b"at most once", qos=0)
        node.say(FACTS.of(COMMUNITY, "p02"), b"as another node")
        send(node, says.hello())
        send(node, says.batch(1, 2))
        assert codec.decode(node.wait(RECEIPT.of(COMMUNITY, "p01")), Receipt).upto == 2
    assert letters(running.engine) == ["bad_message"] * 3
    assert running.transport.connections == 1


def _sent_again(running: Running, node: Remote, says: Node) -> bool:
    """As a node does now and then: a full queue may refuse that too. True = nothing is missing."""
    upto = len(held(running.engine))
    if upto < 100:
        send(node, says.batch(upto + 1, 5))
        time.sleep(0.1)
    return upto == 100


def test_a_full_queue_loses_nothing_that_is_sent_again(
    running: Running, broker: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(worker, "reached", lambda _place: go_on.wait(PATIENCE_S))
    running.transport.inbox.a_node = 8
    says = Node(lines=[line(name("f", no), tap(no)) for no in range(100)])
    with remote(broker.mqtt_port) as node:
        send(node, says.hello())
        node.wait(WELCOME.of(COMMUNITY, "p01"))
        for seq in range(1, 101):
            send(node, says.batch(seq, 1))
        until(lambda: running.health.counts["overflow"], "the queue is full")
        go_on.set()
        until(lambda: _sent_again(running, node, says), "every fact is held")
    assert [fact for _, fact in held(running.engine)] == [name("f", no) for no in range(100)]


def test_no_receipt_leaves_before_the_commit(
    running: Running, broker: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    before_commit: list[list[str]] = []
    publish = running.transport.publish

    def noting(topic: str, payload: bytes, *, retain: bool = False) -> None:
        sent.append(topic)
        publish(topic, payload, retain=retain)

    def reached(place: str) -> None:
        if place == "hub-before-commit":
            before_commit.append(list(sent))

    monkeypatch.setattr(running.transport, "publish", noting)
    monkeypatch.setattr(worker, "reached", reached)
    says = node_with(5)
    receipt = RECEIPT.of(COMMUNITY, "p01")
    with remote(broker.mqtt_port) as node:
        send(node, says.hello())
        node.wait(WELCOME.of(COMMUNITY, "p01"))
        send(node, says.batch(1, 5))
        node.wait(receipt)
    assert receipt in sent
    assert before_commit
    assert all(receipt not in earlier for earlier in before_commit)


def test_a_store_that_refuses_is_visible_and_tried_again(
    running: Running, broker: NatsServer, stores: Stores
) -> None:
    says = node_with(50)
    with remote(broker.mqtt_port) as node:
        send(node, says.hello())
        node.wait(WELCOME.of(COMMUNITY, "p01"))
        with stores.refusing(running.engine):
            for first in range(1, 50, 10):
                send(node, says.batch(first, 10))
            until(lambda: "store" in running.health.problems, "the refusal is told")
        until(lambda: len(held(running.engine)) == 50, "the facts are held after all")
    until(lambda: "store" not in running.health.problems, "the store is said to be well")


def test_a_late_last_will_of_an_earlier_start_is_ignored(
    running: Running, broker: NatsServer
) -> None:
    def status(nonce: str, *, online: bool) -> bytes:
        return codec.encode(Status(online=online, boot=1, nonce=nonce, taps=7))

    def shown() -> Any:
        with running.engine.connect() as connection:
            return points(connection, COMMUNITY)[0]

    with remote(broker.mqtt_port) as node:
        topic = STATUS.of(COMMUNITY, "p01")
        node.say(topic, status("a0" * 16, online=True))
        node.say(topic, status("b0" * 16, online=True))
        node.say(topic, status("a0" * 16, online=False))
        until(lambda: shown().taps == 7, "the status is held")
        assert shown().online
        node.say(topic, status("b0" * 16, online=False))
        until(lambda: not shown().online, "its own last will counts")
