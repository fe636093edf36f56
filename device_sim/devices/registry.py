"""Every device that can be simulated, by the names that a point's configuration has for it.

A variant is what a jumper or the set-up of one device changes; the first of a kind is the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from device_sim.devices import indicators, scale_texts
from device_sim.devices.asked_lines import CommandLine, ScaleBus
from device_sim.devices.card_frames import SENDERS, TERMINATORS, Setup, Technology
from device_sim.devices.indicators import Encoder
from device_sim.devices.load import BinLoad
from device_sim.devices.modbus_layouts import TRANSMITTERS
from device_sim.devices.mqtt_readers import WIFI_READERS, WifiReader
from device_sim.devices.mqtt_scales import Access, Firmware, WifiScale
from device_sim.devices.serial_lines import CardSender, Indicator, Pn532Reader, SicsScale

Told = Mapping[str, object]


@dataclass(frozen=True)
class ScaleKind:
    """``hz`` is how often it sends; ``told`` is what its configuration must say besides."""

    encode: Encoder
    hz: float = 10
    told: Told = field(default_factory=dict)


PN532, SICS, TOLEDO, MODBUS, COMMANDS = (
    "pn532", "mt-sics", "toledo-continuous", "modbus", "xk3190-command",
)  # fmt: skip
READERS = (*SENDERS, PN532)
SCALES: Mapping[str, ScaleKind] = {
    "xk3190-a9": ScaleKind(indicators.xk3190, told={"unit": "kg"}),
    "keli-d2008": ScaleKind(indicators.keli_d2008, told={"unit": "g"}),
    "yaohua-tf-reversed": ScaleKind(scale_texts.equals_reversed, told={"unit": "kg"}),
    "yaohua-tf-forward": ScaleKind(scale_texts.equals_forward, told={"unit": "kg"}),
    "xk3190-a12e": ScaleKind(scale_texts.a12e),
    "xk3190-a12-text": ScaleKind(scale_texts.a12_text),
    TOLEDO: ScaleKind(indicators.toledo, hz=7, told={"checksum": "yes"}),
    SICS: ScaleKind(indicators.sics),
    "and-standard": ScaleKind(scale_texts.and_standard),
    "dini-argeo": ScaleKind(scale_texts.dini_argeo),
    "cas-22": ScaleKind(scale_texts.cas_22),
}
TOLEDO_VARIANTS: Mapping[str, ScaleKind] = {
    "checksum": SCALES[TOLEDO],
    "no-checksum": ScaleKind(indicators.toledo_unchecked, 7, {"checksum": "no"}),
    "even-parity": ScaleKind(indicators.toledo_even_parity, 7, {"checksum": "yes"}),
}
BUSES = (MODBUS, COMMANDS)
WIFI_SCALES: Mapping[str, Firmware] = {"tasmota-hx711": "tasmota", "esphome-hx711": "esphome"}
ON_CHANGE = "on-change"
_TEXT = tuple(TERMINATORS)
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "7941-uart10": ("em4100", "iso14443a"),
    "ascii-line-uid": _TEXT,
    "ascii-line-decimal": _TEXT,
    "qr-line": _TEXT,
    TOLEDO: tuple(TOLEDO_VARIANTS),
    SICS: ("asked", "streaming"),
    MODBUS: tuple(TRANSMITTERS),
    "tasmota-hx711": ("periodic", ON_CHANGE),
}
SERIAL = (*READERS, *SCALES, *BUSES)
WIFI = (*WIFI_READERS, *WIFI_SCALES)


def variant_of(kind: str, wanted: str | None) -> str:
    """The variant, or the default; ValueError names what there is."""
    known = VARIANTS.get(kind, ("",))
    if wanted is None:
        return known[0]
    if wanted not in known or not wanted:
        there_is = f"expected one of {', '.join(known)}" if known[0] else f"{kind} has none"
        msg = f"variant {wanted!r}: {there_is}"
        raise ValueError(msg)
    return wanted


def told(kind: str, variant: str) -> Told:
    """What a point's configuration has to say of such a scale besides its kind and port."""
    if kind == MODBUS:
        return TRANSMITTERS[variant].profile
    if kind == SICS:
        return {"ask_ms": 200} if variant == "asked" else {}
    if kind == TOLEDO:
        return TOLEDO_VARIANTS[variant].told
    return SCALES[kind].told if kind in SCALES else {}


def reader(kind: str, link: Path, variant: str | None = None) -> CardSender | Pn532Reader:
    """A card reader; it starts to listen, or speaks when a card is laid on it."""
    chosen = variant_of(kind, variant)
    if kind == PN532:
        return Pn532Reader(link)
    setup = Setup()
    if chosen in TERMINATORS:
        setup = Setup(terminator=TERMINATORS[chosen])
    elif chosen:
        setup = Setup(technology=cast("Technology", chosen))
    sender = SENDERS[kind]
    return CardSender(link, lambda card: sender.frame(card, setup), repeat_s=sender.repeat_s)


def scale(
    kind: str,
    link: Path,
    load: BinLoad,
    *,
    variant: str | None = None,
    baudrate: int = 9600,
    hz: float | None = None,
) -> Indicator:
    """A scale with a line of its own."""
    chosen = variant_of(kind, variant)
    known = TOLEDO_VARIANTS[chosen] if kind == TOLEDO else SCALES[kind]
    often = hz or known.hz
    if kind == SICS:
        streaming = chosen == "streaming"
        return SicsScale(link, load, baudrate=baudrate, hz=often, streaming=streaming)
    return Indicator(link, known.encode, load, baudrate=baudrate, hz=often)


def bus(
    kind: str,
    link: Path,
    loads: Mapping[int, BinLoad],
    *,
    baudrate: int,
    variant: str | None = None,
) -> ScaleBus | CommandLine:
    """Several scales on one line."""
    chosen = variant_of(kind, variant)
    if kind == COMMANDS:
        return CommandLine(link, loads, baudrate=baudrate)
    return ScaleBus(link, loads, baudrate=baudrate, layout=TRANSMITTERS[chosen].layout)


def wifi_reader(kind: str, name: str, access: Access, variant: str | None = None) -> WifiReader:
    """A card reader on the point bus."""
    variant_of(kind, variant)
    return WifiReader(kind, name, access)


def wifi_scale(
    kind: str,
    name: str,
    access: Access,
    load: BinLoad,
    *,
    variant: str | None = None,
    interval_s: float | None = None,
) -> WifiScale:
    """A scale on the point bus; ``interval_s`` None is what its firmware does by itself."""
    on_change = variant_of(kind, variant) == ON_CHANGE
    firmware = WIFI_SCALES[kind]
    return WifiScale(firmware, name, load, access, interval_s=interval_s, on_change=on_change)
