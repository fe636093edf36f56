"""Readers and scales that speak MQTT on the point bus: messages become events, as of any port.

A retained reading is the past and says nothing about now; a retained availability is the present.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from edge.cards import mqtt_text as card_text
from edge.cards.hearing import Hearing
from edge.cards.mqtt_text import CardHeard
from edge.cards.token import Tokenizer
from edge.config import BinConfig, EdgeConfig
from edge.device_config import MqttReaderConfig
from edge.events import MqttMessage, PortDown, PortHeard, PortUp, Weights, WorkEvent
from edge.readings import BadFrame, WeightFault, WeightRead
from edge.scales.mqtt_text import availability, read_payload

READERS: Mapping[str, Callable[[bytes], CardHeard | None]] = {
    "tasmota-rdm6300": card_text.tasmota_rdm6300,
    "tasmota-pn532": card_text.tasmota_pn532,
    "tasmota-wiegand": card_text.tasmota_wiegand,
    "esphome-tag": card_text.esphome_tag,
}
Device = BinConfig | MqttReaderConfig


def topics_of(config: EdgeConfig) -> list[str]:
    """What the devices of a point publish, states first."""
    devices = _devices(config)
    states = [device.topic for device in devices if device.topic]
    return list(
        dict.fromkeys([*states, *(item.availability for item in devices if item.availability)])
    )


def names_of(config: EdgeConfig) -> list[tuple[str, str]]:
    """Name and kind of every device, as in the point's status."""
    return [(_name(device), _kind(device)) for device in _devices(config)]


@dataclass
class _Held:
    """The last word of a scale that speaks when it changes."""

    reading: WeightRead
    heard_ms: int


class Wireless:
    """Every MQTT device of one point; owned by the daemon's loop."""

    def __init__(self, config: EdgeConfig, tokenizer: Tokenizer) -> None:
        self._devices = _devices(config)
        self._by_topic = {device.topic: device for device in self._devices}
        self._hearing = {
            reader.name: Hearing(reader.name, reader.card_technology, tokenizer)
            for reader in config.mqtt_readers
        }
        self._held: dict[int, _Held] = {}

    def read(self, message: MqttMessage) -> list[WorkEvent]:
        """What a device's message means; nothing for a topic of none."""
        events = [
            event
            for device in self._devices
            if device.availability == message.topic
            for event in self._available(device, message)
        ]
        device = self._by_topic.get(message.topic)
        if device is None or message.retained:
            return events
        if isinstance(device, MqttReaderConfig):
            return [*events, *self._card(device, message)]
        return [*events, *self._weight(device, message)]

    def link(self, *, up: bool) -> list[WorkEvent]:
        """The point bus came or went, and with it every device that does not say so itself."""
        self._held.clear()
        if up:
            return [PortUp(_name(device)) for device in self._devices if not device.availability]
        return [PortDown(_name(device), "the point bus is away") for device in self._devices]

    def held(self, now_ms: int) -> Iterator[Weights]:
        """Once a second: what scales that speak when they change would say again."""
        for device in self._devices:
            if not isinstance(device, BinConfig) or device.holds_s is None:
                continue
            last = self._held.get(device.no)
            if last is not None and now_ms - last.heard_ms <= device.holds_s * 1000:
                yield Weights(((device.no, last.reading),), now_ms)

    def _available(self, device: Device, message: MqttMessage) -> Iterator[WorkEvent]:
        name, said = _name(device), availability(message.payload)
        if isinstance(said, BadFrame):
            yield PortHeard(name, len(message.payload), 0, (said,))
        elif said.said["online"]:
            yield PortUp(name)
        else:
            yield PortDown(name, "the device says, or its broker for it, that it is offline")
            if isinstance(device, BinConfig):
                self._held.pop(device.no, None)
                yield Weights(((device.no, WeightFault("offline")),), message.up_ms)

    def _card(self, reader: MqttReaderConfig, message: MqttMessage) -> Iterable[WorkEvent]:
        heard = READERS[reader.kind](message.payload)
        cards = [] if heard is None else [heard]
        return self._hearing[reader.name].events(cards, len(message.payload), message.up_ms)

    def _weight(self, bin_: BinConfig, message: MqttMessage) -> Iterator[WorkEvent]:
        if bin_.format is None:
            return
        reading = read_payload(bin_.format, message.payload, bin_.raw_zero_g)
        bad: tuple[BadFrame, ...] = ()
        if isinstance(reading, WeightFault):
            bad = (BadFrame(reading.reason, reading.detail),)
        elif isinstance(reading, WeightRead):
            self._held[bin_.no] = _Held(reading, message.up_ms)
        if reading is not None:
            yield Weights(((bin_.no, reading),), message.up_ms)
        frames = int(isinstance(reading, WeightRead))
        yield PortHeard(_name(bin_), len(message.payload), frames, bad)


def _devices(config: EdgeConfig) -> list[Device]:
    return [*config.mqtt_readers, *(bin_ for bin_ in config.bins if bin_.topic)]


def _name(device: Device) -> str:
    return device.name if isinstance(device, MqttReaderConfig) else f"scale-{device.no}"


def _kind(device: Device) -> str:
    return device.kind if isinstance(device, MqttReaderConfig) else str(device.format)
