"""What a technician says of one device: its wire, its protocol, what no frame tells."""

import json
from typing import Annotated, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from edge.cards import kinds as cards
from edge.cards.lines import Terminator
from edge.scales.kinds import ScaleLine
from edge.scales.modbus import ModbusProfile
from edge.scales.mqtt_text import TextFormat
from edge.scales.toledo import FixedZeros
from wire.base import BinNo, Code
from wire.config_file import FilePath, Section

Port = Annotated[int, Field(ge=1, le=65535)]
Baudrate = Annotated[int, Field(ge=300, le=921_600)]
Parity = Literal["none", "even", "odd"]
Unit = Literal["mg", "g", "kg", "t", "lb", "oz"]
ReaderKind = Literal[
    "rdm6300", "id12la", "em18", "7941-uart10", "pn532", "wiegand-serial-hex6",
    "wiegand-serial-hex8", "wiegand-serial-dec10", "ascii-line-uid", "ascii-line-decimal",
    "qr-line",
]  # fmt: skip
ScaleKind = Literal[
    "xk3190-a9", "keli-d2008", "yaohua-tf-reversed", "yaohua-tf-forward", "xk3190-a12e",
    "xk3190-a12-text", "toledo-continuous", "mt-sics", "and-standard", "dini-argeo", "cas-22",
]  # fmt: skip
MqttReaderKind = Literal["tasmota-rdm6300", "tasmota-pn532", "tasmota-wiegand", "esphome-tag"]
UNIT_UNSAID = ("xk3190-a9", "yaohua-tf-reversed", "yaohua-tf-forward")
PN532_BAUD = 115_200


class UsbAdapter(Section):
    """A port by what pyserial's list_ports says of its adapter, whatever node it has just now."""

    vid: Annotated[int, Field(ge=0, le=0xFFFF)]
    pid: Annotated[int, Field(ge=0, le=0xFFFF)]
    serial: str | None = None
    location: str | None = Field(None, description="the socket: 1-1.2, or with interface 1-1.2:1.0")

    def __str__(self) -> str:
        """As it is written in the file."""
        more = {"serial": self.serial, "location": self.location}
        told = "".join(f", {key} = {json.dumps(text)}" for key, text in more.items() if text)
        return f"{{ vid = 0x{self.vid:04x}, pid = 0x{self.pid:04x}{told} }}"


def _form(port: object) -> str:
    return "usb" if isinstance(port, dict | UsbAdapter) else "path"


SerialPort = Annotated[
    Annotated[FilePath, Tag("path")] | Annotated[UsbAdapter, Tag("usb")], Discriminator(_form)
]


class ReaderConfig(Section):
    """A card reader on a serial line."""

    name: Code
    kind: ReaderKind
    port: SerialPort
    baudrate: Baudrate | None = Field(None, description="absent = what the data sheet says")
    technology: Code | None = Field(None, description="of readers that do not tell it")
    length: Annotated[int | None, Field(ge=4, le=128, description="characters a card")] = None
    terminator: Terminator = "line"

    @model_validator(mode="after")
    def _told_enough(self) -> "ReaderConfig":
        if self.kind in cards.TEXTS and self.length is None:
            msg = f"kind {self.kind} has no checksum; set length, the characters of every card"
            raise ValueError(msg)
        if self.kind == "ascii-line-uid" and (self.technology is None or (self.length or 0) % 2):
            msg = "kind ascii-line-uid needs technology and an even length"
            raise ValueError(msg)
        return self

    @property
    def speed(self) -> int:
        """Bits a second."""
        return self.baudrate or (PN532_BAUD if self.kind == "pn532" else 9600)

    @property
    def line(self) -> cards.CardLine:
        """What the decoder has to be told."""
        return cards.CardLine(self.length, self.terminator, self.card_technology)

    @property
    def card_technology(self) -> str:
        """Of a card of which only a number is known."""
        return self.technology or "em4100"


class MqttReaderConfig(Section):
    """A card reader that speaks to the point bus; only the daemon may hear its topic."""

    name: Code
    kind: MqttReaderKind
    topic: str
    availability: str | None = None
    technology: Code | None = Field(None, description="of readers that do not tell it")

    @property
    def card_technology(self) -> str:
        """Of a card of which only a number is known."""
        return self.technology or "em4100"


class BusConfig(ModbusProfile):
    """A serial bus of scales with one register profile."""

    name: Code
    kind: Literal["modbus"]
    port: SerialPort
    baudrate: Baudrate = 19200
    parity: Parity = "none"
    timeout_s: Annotated[float, Field(gt=0, le=5)] = 0.2
    sweep_ms: Annotated[
        int, Field(ge=0, le=10_000, description="start a sweep of all slaves this often at most")
    ] = 250


class CommandLineConfig(Section):
    """Several XK3190 indicators on one line, each asked by its letter: slave 1 is A."""

    name: Code
    kind: Literal["xk3190-command"]
    port: SerialPort
    baudrate: Baudrate = 9600
    timeout_s: Annotated[float, Field(gt=0, le=5)] = 0.3
    sweep_ms: Annotated[int, Field(ge=0, le=10_000)] = 250
    unit: Unit = "kg"


class BinConfig(Section):
    """A bin and the scale under it: on a bus, on a port of its own, or speaking MQTT."""

    no: BinNo
    category: Code
    division_g: Annotated[int, Field(ge=1, le=1000, description="e of the scale")] = 20
    noise_g: Annotated[
        float | None, Field(ge=0, description="idle σ; commissioning measures it")
    ] = None
    bus: Code | None = None
    slave: Annotated[int | None, Field(ge=1, le=247)] = None
    kind: ScaleKind | None = None
    port: SerialPort | None = None
    baudrate: Baudrate = 9600
    parity: Parity = "none"
    data_bits: Literal[7, 8] = 8
    unit: Unit | None = Field(None, description="of scales that do not tell it")
    checksum: Literal["yes", "no"] | None = Field(
        None, description="toledo-continuous: as the scale is set up"
    )
    fixed_zeros: FixedZeros = "refused"
    ask_ms: Annotated[
        int | None, Field(ge=50, le=5000, description="mt-sics: ask this often; absent = listen")
    ] = None
    format: TextFormat | None = None
    topic: str | None = None
    availability: str | None = None
    raw_zero_g: int | None = Field(
        None, description="tasmota: WeightRaw of the empty bin; absent = Weight, clipped at zero"
    )
    holds_s: Annotated[
        int | None,
        Field(ge=5, le=3700, description="of a scale that speaks when it changes: TelePeriod + 30"),
    ] = None

    @model_validator(mode="after")
    def _one_way(self) -> "BinConfig":
        bus = self.bus is not None and self.slave is not None
        own_port = self.kind is not None and self.port is not None
        mqtt = self.format is not None and self.topic is not None
        if [bus, own_port, mqtt].count(True) != 1:
            msg = "a bin needs either bus and slave, or kind and port, or format and topic"
            raise ValueError(msg)
        if self.kind in UNIT_UNSAID and self.unit is None:
            msg = f"kind {self.kind} does not tell the unit; set unit"
            raise ValueError(msg)
        if self.kind == "toledo-continuous" and self.checksum is None:
            msg = "kind toledo-continuous: set checksum to yes or no, as the scale is set up"
            raise ValueError(msg)
        if self.ask_ms is not None and self.kind != "mt-sics":
            msg = "ask_ms is for kind mt-sics; other scales are listened to"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _wireless(self) -> "BinConfig":
        if self.raw_zero_g is not None and self.format != "tasmota":
            msg = "raw_zero_g is for format tasmota; other scales are not clipped at zero"
            raise ValueError(msg)
        if self.holds_s is not None and self.availability is None:
            msg = "holds_s needs availability: without it a dead scale would hold its last word"
            raise ValueError(msg)
        return self

    @property
    def line(self) -> ScaleLine:
        """What the decoder has to be told."""
        return ScaleLine(self.unit, self.checksum or "either", self.fixed_zeros)

    @property
    def sigma_g(self) -> float:
        """Idle noise, a third of the division until it is measured."""
        return self.division_g / 3 if self.noise_g is None else self.noise_g
