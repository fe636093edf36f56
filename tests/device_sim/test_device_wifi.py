"""Wi-Fi devices on a real broker, with the traps of their firmware, heard as a point hears them."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from device_sim.devices import registry
from device_sim.devices.load import BinLoad
from device_sim.devices.mqtt_readers import WIFI_READERS
from device_sim.devices.mqtt_scales import PLATE_G, OnChange, WifiScale
from device_sim.devices.mqtt_station import Access
from device_sim.single.snippet import snippet
from edge.cards.token import Tokenizer
from edge.events import CardSeen, MqttMessage, PortDown, PortUp, Weights, WorkEvent
from edge.readings import CardRead, WeightFault, WeightRead
from edge.wireless import Wireless, topics_of
from tests.device_sim.device_yard import EM, ISO, KEYS, config_of, load
from tests.programs import open_broker, until


@dataclass
class Point:
    """A point with one Wi-Fi device, as its daemon hears it; ``heard`` keeps the messages."""

    access: Access
    kind: str
    variant: str = ""
    raw_zero_g: int | None = None
    heard: list[MqttMessage] = field(default_factory=list)

    def __enter__(self) -> "Point":
        text = snippet(self.kind, self.variant, place=self.kind, card=EM, baudrate=9600, count=1)
        config = config_of(Path(), text, 32)
        bins = [bin_.model_copy(update={"raw_zero_g": self.raw_zero_g}) for bin_ in config.bins]
        config = config.model_copy(update={"bins": tuple(bins)})
        self._wireless = Wireless(config, Tokenizer(KEYS))
        self._topics = topics_of(config)
        self._subscribed = False
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.connect(self.access.host, self.access.port)
        self._client.loop_start()
        until(lambda: self._subscribed, "subscribed")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, *_: object) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])

    def _on_subscribe(self, *_: object) -> None:
        self._subscribed = True

    def _on_message(self, _client: object, _data: object, message: MQTTMessage) -> None:
        up_ms = time.monotonic_ns() // 1_000_000
        payload = bytes(message.payload)
        self.heard.append(MqttMessage("bus", message.topic, payload, message.retain, up_ms))

    def events(self) -> list[WorkEvent]:
        return [event for message in list(self.heard) for event in self._wireless.read(message)]

    def readings(self) -> list[WeightRead | WeightFault]:
        weights = [event for event in self.events() if isinstance(event, Weights)]
        return [reading for event in weights for _, reading in event.readings]

    def states(self) -> list[bytes]:
        return [message.payload for message in self.heard if message.topic == self._topics[0]]


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    with open_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield Access("127.0.0.1", broker.mqtt_port, "", "")


@pytest.mark.parametrize("kind", registry.WIFI_SCALES)
def test_a_scale_weighs_and_its_last_will_says_that_it_is_gone(access: Access, kind: str) -> None:
    clipped = kind.startswith("tasmota")
    with Point(access, kind) as point:
        scale = registry.wifi_scale(kind, kind, access, load(12_340), interval_s=0.05)
        until(lambda: WeightRead(12_340) in point.readings(), "a weight")
        scale.scale.restart(12_840, boot_s=0.1)
        below = WeightRead(0 if clipped else -500)
        until(lambda: below in point.readings(), "below zero")
        scale.has_sensor = False
        until(lambda: point.heard[-1].payload.endswith((b"nan", b'"}')), "no number any more")
        scale.vanish()
        until(lambda: any(isinstance(event, PortDown) for event in point.events()), "the last will")
        scale.close()
        faults = {item.reason for item in point.readings() if isinstance(item, WeightFault)}
    assert faults == ({"offline"} if clipped else {"not_a_number", "offline"})


def test_the_untared_weight_of_tasmota_knows_neither_zero_nor_restart(access: Access) -> None:
    kind = "tasmota-hx711"
    with Point(access, kind, raw_zero_g=PLATE_G) as point:
        scale = registry.wifi_scale(kind, kind, access, load(-600), interval_s=0.05)
        until(lambda: b'"Weight":0.0,' in b"".join(point.states()), "clipped at zero")
        scale.scale.restart(-9_000, boot_s=0.1)
        until(lambda: b'"Weight":8.4,' in point.states()[-1], "the new tare")
        scale.close()
        weights = {reading for reading in point.readings() if isinstance(reading, WeightRead)}
    assert weights == {WeightRead(-600)}


def test_what_is_retained_says_nothing_about_now(access: Access) -> None:
    kind = "esphome-hx711"
    scale = registry.wifi_scale(kind, kind, access, load(7_000))
    with Point(access, kind) as point:
        until(lambda: b"7.000" in point.states(), "the first reading")
    scale.close()
    with Point(access, kind) as later:
        until(lambda: len(later.heard) >= 2, "the retained state and availability")
        assert all(message.retained for message in later.heard)
        assert later.readings() == [WeightFault("offline")]


def test_a_scale_that_nobody_set_up_is_silent_for_a_minute_or_more(access: Access) -> None:
    scales = [
        registry.wifi_scale(kind, f"slow-{kind}", access, load(0)) for kind in registry.WIFI_SCALES
    ]
    assert {scale.interval_s for scale in scales} == {300.0, 60.0}
    for scale in scales:
        scale.close()


def test_a_change_is_told_once_when_it_has_come_to_rest() -> None:
    change = OnChange()
    weights = [0, 0, 700, 1203, 1200, 1200, 1202, 1200, 40, 40, 40]
    assert [grams for grams in weights if change.rests(grams)] == [1200, 40]


def test_a_scale_that_speaks_when_it_changes_is_heard_at_once(access: Access) -> None:
    kind = "tasmota-hx711"
    bin_load = BinLoad(empty_g=5_000, division_g=20, noise_g=0, seed=1)
    with Point(access, kind, registry.ON_CHANGE) as point:
        scale = WifiScale("tasmota", kind, bin_load, access, on_change=True, sample_s=0.1)
        until(lambda: WeightRead(5_000) in point.readings(), "the first weight")
        bin_load.drop(time.monotonic() - 10, 1_000)
        until(lambda: WeightRead(6_000) in point.readings(), "the change, within two samples")
        scale.close()


def test_a_held_card_is_published_as_often_as_its_firmware_does(access: Access) -> None:
    with ExitStack() as stack:
        points = {kind: stack.enter_context(Point(access, kind)) for kind in WIFI_READERS}
        readers = {kind: registry.wifi_reader(kind, kind, access) for kind in points}
        for kind, reader in readers.items():
            assert reader.station.wait_online(10)
            reader.lay(ISO if kind.endswith("pn532") else EM)
        held = points["esphome-rdm6300"]
        until(lambda: len(held.states()) >= 8, "every frame a message")
        until(lambda: all(point.states() for point in points.values()), "every reader")
        paced_ms = held.heard[-1].up_ms - held.heard[1].up_ms
        for reader in readers.values():
            reader.close()
        for kind, point in points.items():
            iso = kind.endswith("pn532")
            card = CardRead("iso14443a", ISO) if iso else CardRead("em4100", EM)
            seen = [event for event in point.events() if isinstance(event, CardSeen)]
            assert {event.token for event in seen} == {Tokenizer(KEYS).tokens(card)[0]}
            assert PortUp("reader-1") in point.events()
            assert kind == "esphome-rdm6300" or len(seen) == 1
    assert paced_ms >= 6 * 50, "paced as frames are, not as fast as a broker takes them"
