"""A daemon on a real pseudo-tty between two real brokers, with a model hub behind one."""

import hashlib
import os
import pty
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.bus_config import nats_config
from edge.cards.token import Tokenizer
from edge.config import EdgeConfig
from edge.daemon import Daemon
from edge.events import StopAsked
from edge.readings import CardRead
from tests.edge.model_hub import ModelHub
from tests.edge.test_rdm6300 import frame
from tests.programs import PATIENCE_S, NatsServer, free_port, open_broker
from wire import topics
from wire.codec import decode, encode
from wire.roster import PageRef, RosterManifest, RosterPage, RosterPerson
from wire.session import Hello

TAG = bytes.fromhex("62E3086CED")
SUPERVISOR_TAG = bytes.fromhex("6200000001")
KEY = b"\x11" * 32


class Peer:
    """A client on a broker that keeps what it hears."""

    def __init__(self, port: int, user: str, password: str, listen: list[str]) -> None:
        self.heard: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self.latest: dict[str, bytes] = {}
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user)
        self.client.username_pw_set(user, password)
        self.client.on_message = self._on_message
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._answers.put(True)
        self._listen = listen
        self._answers: queue.Queue[bool] = queue.Queue()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        for _ in listen:  # granted or refused: from here on it hears what it may
            self._answers.get(timeout=PATIENCE_S)

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        for topic in self._listen:
            client.subscribe(topic, 1)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.latest[message.topic] = bytes(message.payload)
        self.heard.put((message.topic, bytes(message.payload), message.retain))

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class HubOnBroker(Peer):
    """The model hub behind a broker."""

    def __init__(self, port: int) -> None:
        self.model = ModelHub()
        self.answers = True
        super().__init__(port, "hub", "x", [topics.HELLO.any, topics.FACTS.any, topics.STATUS.any])

    def _on_message(self, client: object, data: object, message: mqtt.MQTTMessage) -> None:
        super()._on_message(client, data, message)
        _, point, name = topics.node_of(message.topic) or ("", "", "")
        if not self.answers:
            return
        if name == "hello":
            welcome = self.model.on_hello(decode(bytes(message.payload), Hello))
            welcome = welcome.model_copy(update={"utc_ms": 1_777_766_400_000})
            self.client.publish(topics.WELCOME.of("lhyy", point), encode(welcome), 1)
        elif name == "facts":
            receipt = self.model.on_batch(bytes(message.payload))
            self.client.publish(topics.RECEIPT.of("lhyy", point), encode(receipt), 1)

    def publish_roster(self) -> None:
        token, _ = Tokenizer({1: KEY}).tokens(CardRead("em4100", SUPERVISOR_TAG[1:].hex().upper()))
        page = encode(RosterPage(
            version=1, no=0, cards=(), people=(RosterPerson(person="v03", number="3", card=token),)
        ))  # fmt: skip
        self.client.publish(topics.ROSTER_PAGE.of("lhyy", "p03", "0"), page, 1, retain=True)
        digest = hashlib.sha256(page).hexdigest()
        manifest = RosterManifest(
            version=1, made_ms=0, cards=0, pages=(PageRef(no=0, sha256=digest),)
        )
        self.client.publish(topics.ROSTER.of("lhyy", "p03"), encode(manifest), 1, retain=True)


class Rig:
    def __init__(self, folder: Path, hub_port: int, bus_port: int) -> None:
        self.master, self.slave = pty.openpty()
        key = folder / "key.hex"
        key.write_text(KEY.hex())
        self.config = EdgeConfig.model_validate({
            "community": "lhyy", "point": "p03", "node": "p03", "data": folder / "p03",
            "sync_source": "hub", "card_keys": {1: key},
            "hub_broker": {"port": hub_port, "username": "p03", "password": "x"},
            "point_bus": {"port": bus_port, "username": "edge-p03", "password": "e"},
            "readers": [{"name": "reader-1", "kind": "rdm6300", "port": os.ttyname(self.slave)}],
            "bins": [{"no": 1, "category": "kitchen", "format": "esphome", "topic": "b1/state",
                      "availability": "b1/status"}],
        })  # fmt: skip
        self.daemon: Daemon | None = None
        self.bus: NatsServer | None = None
        self.bus_conf = folder / "bus.conf"
        self.client_port = free_port()

    def allow_on_bus(self) -> None:
        """Write the point bus's rights for the present configuration and start it with them."""
        self.bus_conf.write_text(
            nats_config(
                [self.config], mqtt_port=self.config.point_bus.port, client_port=self.client_port,
                store=str(self.bus_conf.parent / "bus"), terminal_password="t", device_password="d",
            )
        )  # fmt: skip
        if self.bus is not None:
            self.bus.kill()
            self.bus.start()

    def start(self) -> None:
        built = threading.Event()

        def serve() -> None:  # the thread that opens the store owns it
            self.daemon = Daemon(self.config)
            built.set()
            self.daemon.serve()

        self.thread = threading.Thread(target=serve)
        self.thread.start()
        assert built.wait(10)

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon._events.put(StopAsked())
            self.thread.join(10)
            assert not self.thread.is_alive()
            self.daemon = None

    def hold_card(self, tag: bytes, times: int = 5) -> None:
        os.write(self.master, frame(tag) * times)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[tuple[Rig, HubOnBroker, Peer]]:
    with open_broker(tmp_path) as hub_broker:
        bus_port = free_port()
        rig = Rig(tmp_path, hub_broker.mqtt_port, bus_port)
        rig.allow_on_bus()
        with NatsServer(rig.bus_conf, bus_port) as rig.bus:
            hub = HubOnBroker(hub_broker.mqtt_port)
            says = [topics.SCREEN.of("p03"), topics.REPLY.of("p03"), topics.SIGNAL.of("p03")]
            terminal = Peer(bus_port, "terminal-p03", "t", says)
            try:
                yield rig, hub, terminal
            finally:
                rig.stop()
                hub.stop()
                terminal.stop()
                os.close(rig.master)
                os.close(rig.slave)
