"""Readers and scales on the point bus: what the firmwares emit, traps and all."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.bus_config import nats_config
from edge.cards.token import Tokenizer
from edge.config import EdgeConfig
from edge.events import CardRefused, CardSeen, MqttMessage, PortDown, PortHeard, PortUp, Weights
from edge.readings import CardRead, WeightFault, WeightRead
from edge.wireless import Wireless, names_of, topics_of
from tests.edge.daemon_rig import KEY, TAG, HubOnBroker, Peer, Rig, rig
from tests.programs import until
from wire import topics
from wire.codec import decode, decode_fact
from wire.facts import Tap
from wire.point_bus import Screen, Signal
from wire.session import Status

__all__ = ["rig"]

READERS = [
    {"name": "door", "kind": "tasmota-rdm6300", "topic": "tele/door/SENSOR",
     "availability": "tele/door/LWT"},
    {"name": "desk", "kind": "esphome-tag", "topic": "desk/tag"},
]  # fmt: skip
BINS = [
    {"no": 1, "category": "kitchen", "format": "tasmota", "topic": "tele/b1/SENSOR",
     "availability": "tele/b1/LWT", "raw_zero_g": 70_000, "holds_s": 330},
    {"no": 2, "category": "other", "format": "esphome", "topic": "b2/sensor/w/state",
     "availability": "b2/status"},
]  # fmt: skip
UID = "008EC793"


def config(**changed: Any) -> EdgeConfig:
    broker = {"username": "u", "password": "p"}
    told: dict[str, Any] = {"community": "lhyy", "point": "p03", "node": "p03", "data": "x"}
    told |= {"card_keys": {1: "k"}, "readers": READERS, "bins": BINS}
    told |= {"hub_broker": broker, "point_bus": broker}
    return EdgeConfig.model_validate(told | changed)


def token_of(uid: str, technology: str = "em4100") -> str:
    return Tokenizer({1: KEY}).tokens(CardRead(technology, uid))[0]


@pytest.fixture
def wireless() -> Wireless:
    return Wireless(config(), Tokenizer({1: KEY}))


def message(topic: str, payload: bytes, *, retained: bool = False, up_ms: int = 5) -> MqttMessage:
    return MqttMessage("bus", topic, payload, retained, up_ms)


def test_a_card_of_tasmota_and_of_esphome_is_the_same_household(wireless: Wireless) -> None:
    tasmota = json.dumps({"Time": "2026-05-03T08:00:00", "RDM6300": {"UID": UID}}).encode()
    seen = wireless.read(message("tele/door/SENSOR", tasmota))
    assert seen == [CardSeen("door", token_of(UID), None, 5), PortHeard("door", len(tasmota), 1)]
    decimal = str(int(UID, 16)).encode()
    assert wireless.read(message("desk/tag", decimal))[0] == CardSeen(
        "desk", token_of(UID), None, 5
    )


def test_a_retained_card_was_somebody_else_s_and_says_nothing(wireless: Wireless) -> None:
    assert wireless.read(message("desk/tag", b"9357203", retained=True)) == []


def test_a_number_that_is_none_is_counted_and_never_shown(wireless: Wireless) -> None:
    [heard] = wireless.read(message("desk/tag", b"99999999999"))
    assert isinstance(heard, PortHeard)
    assert [bad.reason for bad in heard.bad] == ["not_hex"]
    assert "99999999999" not in repr(heard)


def test_a_phone_s_number_is_refused(wireless: Wireless) -> None:
    [refused, _] = wireless.read(message("desk/tag", b"08-7B-CB-51"))
    assert isinstance(refused, CardRefused)


def test_availability_is_the_present_even_when_retained(wireless: Wireless) -> None:
    assert wireless.read(message("tele/door/LWT", b"Online", retained=True)) == [PortUp("door")]
    [down] = wireless.read(message("tele/door/LWT", b"Offline"))
    assert isinstance(down, PortDown)
    [down, fault] = wireless.read(message("b2/status", b"offline", retained=True))
    assert isinstance(down, PortDown)
    assert fault == Weights(((2, WeightFault("offline")),), 5)


def test_another_word_is_no_availability(wireless: Wireless) -> None:
    [heard] = wireless.read(message("b2/status", b"maybe"))
    assert isinstance(heard, PortHeard)
    assert heard.frames == 0
    assert heard.bad[0].reason == "availability"


def tasmota(weight_kg: float, raw_g: int | None) -> bytes:
    raw = {} if raw_g is None else {"WeightRaw": raw_g, "AbsRaw": raw_g * 120}
    return json.dumps({"HX711": {"Weight": weight_kg} | raw}).encode()


def test_below_zero_is_seen_through_the_untared_weight(wireless: Wireless) -> None:
    """Weight is clipped at zero and its tare changes with a restart; WeightRaw knows neither."""
    below = wireless.read(message("tele/b1/SENSOR", tasmota(0, 69_400)))
    assert below[0] == Weights(((1, WeightRead(-600)),), 5)
    after_restart = wireless.read(message("tele/b1/SENSOR", tasmota(0, 75_000)))
    assert after_restart[0] == Weights(((1, WeightRead(5000)),), 5)


def test_a_firmware_without_the_untared_weight_is_a_fault_and_not_zero(wireless: Wireless) -> None:
    [weights, heard] = wireless.read(message("tele/b1/SENSOR", tasmota(1.5, None)))
    assert isinstance(weights, Weights)
    assert isinstance(weights.readings[0][1], WeightFault)
    assert isinstance(heard, PortHeard)
    assert heard.bad[0].reason == "no_raw"


def test_nan_and_retained_weights(wireless: Wireless) -> None:
    assert wireless.read(message("b2/sensor/w/state", b"1.5", retained=True)) == []
    [weights, heard] = wireless.read(message("b2/sensor/w/state", b"nan"))
    assert isinstance(weights, Weights)
    assert isinstance(weights.readings[0][1], WeightFault)
    assert isinstance(heard, PortHeard)
    assert heard.bad


def test_a_scale_that_speaks_when_it_changes_holds_its_word_while_it_is_online(
    wireless: Wireless,
) -> None:
    wireless.read(message("tele/b1/SENSOR", tasmota(1, 71_000), up_ms=1000))
    wireless.read(message("b2/sensor/w/state", b"1.5", up_ms=1000))
    assert list(wireless.held(2000)) == [Weights(((1, WeightRead(1000)),), 2000)]
    assert list(wireless.held(331_001)) == [], "longer than it may be silent"
    wireless.read(message("tele/b1/LWT", b"Offline", up_ms=3000))
    assert list(wireless.held(4000)) == [], "a dead scale holds nothing"


def test_the_bus_takes_its_devices_along(wireless: Wireless) -> None:
    wireless.read(message("tele/b1/SENSOR", tasmota(1, 71_000), up_ms=1000))
    gone = wireless.link(up=False)
    assert [event.name for event in gone if isinstance(event, PortDown)] == [
        "door", "desk", "scale-1", "scale-2",
    ]  # fmt: skip
    assert list(wireless.held(1500)) == []
    assert wireless.link(up=True) == [PortUp("desk")], "the others say it themselves"


def test_names_and_topics() -> None:
    assert names_of(config()) == [
        ("door", "tasmota-rdm6300"), ("desk", "esphome-tag"), ("scale-1", "tasmota"),
        ("scale-2", "esphome"),
    ]  # fmt: skip
    assert topics_of(config())[:2] == ["tele/door/SENSOR", "desk/tag"]


def test_only_the_daemon_hears_a_reader(tmp_path: Path) -> None:
    text = nats_config([config()], mqtt_port=1, client_port=2, store=str(tmp_path),
                       terminal_password="t", device_password="d")  # fmt: skip
    users = [line for line in text.splitlines() if "subscribe:" in line]
    may_hear = [line for line in users if "tele.door.SENSOR" in line.split("subscribe:")[1]]
    assert len(may_hear) == 1
    assert 'user: "u"' in may_hear[0]


@pytest.mark.parametrize(
    ("bin_", "says"),
    [
        ({"format": "esphome", "topic": "t", "raw_zero_g": 1}, "raw_zero_g is for format tasmota"),
        ({"format": "tasmota", "topic": "t", "holds_s": 60}, "holds_s needs availability"),
    ],
)
def test_what_a_bin_cannot_be_told(bin_: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        config(bins=[{"no": 1, "category": "other"} | bin_])


def test_a_topic_is_one_device_s() -> None:
    twice = [READERS[1], READERS[1] | {"name": "other"}]
    with pytest.raises(ValidationError, match="topic 'desk/tag' is used twice"):
        config(readers=twice)


def test_a_tap_over_the_point_bus_is_one_visit_and_its_number_stays_inside(
    rig: tuple[Rig, HubOnBroker, Peer], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    point, hub, terminal = rig
    point.config = point.config.model_copy(update={
        "readers": (*point.config.readers, *config().mqtt_readers)
    })  # fmt: skip
    point.allow_on_bus()
    point.start()
    until(lambda: _port(hub, "desk"), "the reader without availability is up with the bus")
    assert not _port(hub, "door"), "the other has not spoken yet"
    assert not _screen(terminal).reader_ok
    device = Peer(point.config.point_bus.port, "devices-p03", "d", [])
    device.client.publish("tele/door/LWT", b"Online", 1, retain=True)
    until(lambda: _port(hub, "door"), "the reader is online")
    until(lambda: _screen(terminal).reader_ok, "the screen says so")
    for _ in range(15):
        device.client.publish("desk/tag", str(int(UID, 16)).encode(), 0)
    until(lambda: _screen(terminal).visits, "the visit is listed")
    device.client.publish("tele/door/LWT", b"Offline", 1)
    until(lambda: not _screen(terminal).reader_ok, "the screen says that a reader is away")
    device.stop()
    until(lambda: any(isinstance(f.body, Tap) for f in _facts(hub)), "the fact at the hub")
    [tap] = [fact.body for fact in _facts(hub) if isinstance(fact.body, Tap)]
    assert (tap.reader, tap.card) == ("desk", token_of(UID))
    point.stop()
    told = caplog.text.encode() + b"".join(
        path.read_bytes() for path in (tmp_path / "p03").rglob("*") if path.is_file()
    )
    for number in (UID, str(int(UID, 16))):
        assert number.encode() not in told


def test_a_card_at_a_second_reader_is_answered_there_and_recorded_once(
    rig: tuple[Rig, HubOnBroker, Peer],
) -> None:
    point, hub, terminal = rig
    point.config = point.config.model_copy(update={
        "readers": (*point.config.readers, *config().mqtt_readers[1:])
    })  # fmt: skip
    point.allow_on_bus()
    point.start()
    until(lambda: _screen(terminal).reader_ok and _port(hub, "desk"), "both readers")
    device = Peer(point.config.point_bus.port, "devices-p03", "d", [])
    point.hold_card(TAG)
    until(lambda: topics.SIGNAL.of("p03") in terminal.latest, "the first answer")
    first = decode(terminal.latest[topics.SIGNAL.of("p03")], Signal)
    device.client.publish("desk/tag", str(int.from_bytes(TAG[1:])).encode(), 0)
    until(lambda: _signal(terminal).reader == "desk", "the second answer")
    device.stop()
    assert (_signal(terminal).signal, _signal(terminal).fact) == (first.signal, first.fact)
    until(lambda: any(isinstance(f.body, Tap) for f in _facts(hub)), "the fact at the hub")
    assert sum(isinstance(fact.body, Tap) for fact in _facts(hub)) == 1


def _signal(terminal: Peer) -> Signal:
    return decode(terminal.latest[topics.SIGNAL.of("p03")], Signal)


def _facts(hub: HubOnBroker) -> list[Any]:
    return [decode_fact(line) for line in list(hub.model.by_id.values())]


def _port(hub: HubOnBroker, name: str) -> bool:
    payload = hub.latest.get(topics.STATUS.of("lhyy", "p03"))
    ports = decode(payload, Status).ports if payload else ()
    return any(port.up for port in ports if port.name == name)


def _screen(terminal: Peer) -> Screen:
    until(lambda: topics.SCREEN.of("p03") in terminal.latest, "a screen")
    return decode(terminal.latest[topics.SCREEN.of("p03")], Screen)
