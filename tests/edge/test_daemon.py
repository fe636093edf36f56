"""The daemon as a process's thread would run it: real pseudo-tty, real brokers, a model hub."""

import hashlib
import os
import pty
import queue
import secrets
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
from edge.store.outbox import StoreFullError
from tests.edge.model_hub import ModelHub
from tests.edge.test_rdm6300 import frame
from tests.programs import NatsServer, free_port, open_broker, until
from wire import topics
from wire.codec import decode, decode_fact, encode
from wire.facts import Tap, Verdict
from wire.point_bus import Command, Reply, Screen, Signal
from wire.roster import PageRef, RosterManifest, RosterPage, RosterPerson
from wire.session import Hello, Status

TAG = bytes.fromhex("62E3086CED")
SUPERVISOR_TAG = bytes.fromhex("6200000001")
KEY = b"\x11" * 32


class _Peer:
    """A client on a broker that keeps what it hears."""

    def __init__(self, port: int, user: str, password: str, listen: list[str]) -> None:
        self.heard: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self.latest: dict[str, bytes] = {}
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user)
        self.client.username_pw_set(user, password)
        self.client.on_message = self._on_message
        self.client.on_connect = self._on_connect
        self._listen = listen
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        for topic in self._listen:
            client.subscribe(topic, 1)

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.latest[message.topic] = bytes(message.payload)
        self.heard.put((message.topic, bytes(message.payload), message.retain))

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class _HubOnBroker(_Peer):
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


class _Rig:
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
def rig(tmp_path: Path) -> Iterator[tuple[_Rig, _HubOnBroker, _Peer]]:
    with open_broker(tmp_path) as hub_broker:
        bus_port = free_port()
        rig = _Rig(tmp_path, hub_broker.mqtt_port, bus_port)
        conf = tmp_path / "bus.conf"
        conf.write_text(
            nats_config(
                [rig.config], mqtt_port=bus_port, client_port=free_port(),
                store=str(tmp_path / "bus"), terminal_password="t", device_password="d",
            )
        )  # fmt: skip
        with NatsServer(conf, bus_port):
            hub = _HubOnBroker(hub_broker.mqtt_port)
            says = [topics.SCREEN.of("p03"), topics.REPLY.of("p03"), topics.SIGNAL.of("p03")]
            terminal = _Peer(bus_port, "terminal-p03", "t", says)
            try:
                yield rig, hub, terminal
            finally:
                rig.stop()
                hub.stop()
                terminal.stop()
                os.close(rig.master)
                os.close(rig.slave)


def _screen(terminal: _Peer) -> Screen | None:
    payload = terminal.latest.get(topics.SCREEN.of("p03"))
    return None if payload is None else decode(payload, Screen)


def _ready(terminal: _Peer) -> bool:
    screen = _screen(terminal)
    return screen is not None and screen.reader_ok


def test_a_tap_is_answered_committed_shown_and_receipted(
    rig: tuple[_Rig, _HubOnBroker, _Peer],
) -> None:
    point, hub, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the screen shows a working reader")
    point.hold_card(TAG)
    until(lambda: topics.SIGNAL.of("p03") in terminal.latest, "the signal")
    signal = decode(terminal.latest[topics.SIGNAL.of("p03")], Signal)
    assert signal.signal == "recorded"
    until(lambda: signal.fact in hub.model.by_id, "the fact at the hub")
    facts = [decode_fact(line) for line in hub.model.by_id.values()]
    assert sum(isinstance(fact.body, Tap) for fact in facts) == 1, "a held card is one tap"
    until(lambda: (s := _screen(terminal)) and s.link.waiting == 0 and s.trust == "hub", "receipt")
    kinds = {fact.envelope.kind for fact in facts}
    assert "clock" in kinds, "the first believed time dates the boot"


def test_offline_facts_wait_and_a_command_is_answered_alike_after_a_restart(
    rig: tuple[_Rig, _HubOnBroker, _Peer],
) -> None:
    point, hub, terminal = rig
    hub.answers = False
    hub.publish_roster()
    point.start()
    until(lambda: _ready(terminal), "the screen")
    point.hold_card(TAG)
    until(lambda: (s := _screen(terminal)) and s.visits, "the visit is listed")
    screen = _screen(terminal)
    assert screen is not None
    command = Command(
        command_id=secrets.token_hex(16), screen_rev=screen.screen_rev, action="judge",
        visit=screen.visits[0].visit, value="accepted",
    )  # fmt: skip
    assert _ask(terminal, command).code == "no_shift"
    point.stop()
    terminal.latest.clear()
    point.start()
    until(lambda: _ready(terminal), "the screen again")
    point.hold_card(SUPERVISOR_TAG)
    until(lambda: (s := _screen(terminal)) and s.shift is not None, "the shift is open")
    judged = command.model_copy(update={"command_id": secrets.token_hex(16)})
    first = _ask(terminal, judged)
    assert first.code == "done"
    point.stop()
    terminal.latest.clear()
    point.start()
    second = _ask(terminal, judged)
    assert (second.code, second.fact, second.count) == (first.code, first.fact, first.count)
    hub.answers = True
    until(lambda: first.fact in hub.model.by_id, "the verdict at the hub", seconds=30)
    verdicts = [
        line for line in hub.model.by_id.values() if isinstance(decode_fact(line).body, Verdict)
    ]
    assert len(verdicts) == 1


def _ask(terminal: _Peer, command: Command) -> Reply:
    """As a terminal does: the same command until an answer comes."""
    topic = topics.REPLY.of("p03")

    def answered() -> bool:
        terminal.client.publish(topics.COMMAND.of("p03"), encode(command), 1)
        payload = terminal.latest.get(topic)
        return payload is not None and decode(payload, Reply).command_id == command.command_id

    until(answered, "a reply")
    return decode(terminal.latest[topic], Reply)


def test_the_will_speaks_for_a_dead_node_and_a_goodbye_for_a_stopped_one(
    rig: tuple[_Rig, _HubOnBroker, _Peer],
) -> None:
    point, hub, _ = rig
    topic = topics.STATUS.of("lhyy", "p03")
    point.start()
    until(lambda: topic in hub.latest and decode(hub.latest[topic], Status).online, "online")
    point.stop()
    until(lambda: not decode(hub.latest[topic], Status).online, "the goodbye")


def test_a_hub_that_comes_back_is_greeted_again(rig: tuple[_Rig, _HubOnBroker, _Peer]) -> None:
    point, hub, terminal = rig
    point.start()
    until(lambda: (s := _screen(terminal)) and s.link.up, "welcomed")
    point.hold_card(TAG)
    until(lambda: len(hub.model.by_id) >= 2, "facts at the hub")
    before = set(hub.model.by_id)
    hub.model = ModelHub()  # the hub lost everything; nothing is waiting at the node
    hub.publish_roster()
    until(lambda: before <= set(hub.model.by_id), "everything kept was sent again")


def test_a_pulled_reader_is_shown_and_comes_back(rig: tuple[_Rig, _HubOnBroker, _Peer]) -> None:
    point, _, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the reader works")
    os.close(point.master)
    until(lambda: (s := _screen(terminal)) and not s.reader_ok, "the reader is shown as gone")
    point.master, new_slave = pty.openpty()
    os.close(new_slave)


def test_a_scale_may_not_read_the_screen(rig: tuple[_Rig, _HubOnBroker, _Peer]) -> None:
    point, _, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the screen is published")
    port = point.config.point_bus.port
    scale = _Peer(port, "devices-p03", "d", [topics.SCREEN.of("p03"), topics.SIGNAL.of("p03")])
    try:
        point.hold_card(TAG)
        until(lambda: topics.SIGNAL.of("p03") in scale.latest, "a device hears the signal")
        assert topics.SCREEN.of("p03") not in scale.latest
    finally:
        scale.stop()


def test_a_full_store_refuses_aloud_and_never_says_recorded(
    rig: tuple[_Rig, _HubOnBroker, _Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    point, _, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the reader works")
    assert point.daemon is not None
    monkeypatch.setattr(point.daemon._outbox, "append", _no_space)
    point.hold_card(TAG)
    until(lambda: (s := _screen(terminal)) and s.full, "the screen says that the store is full")
    heard = []
    while not terminal.heard.empty():
        topic, payload, _ = terminal.heard.get()
        if topic == topics.SIGNAL.of("p03"):
            heard.append(decode(payload, Signal).signal)
    assert heard == ["refused"]
    monkeypatch.undo()
    point.hold_card(bytes.fromhex("6200000002"))
    until(lambda: (s := _screen(terminal)) and s.visits and not s.full, "space again: recorded")


def _no_space(_facts: object) -> list[int]:
    raise StoreFullError("no space")
