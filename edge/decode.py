"""``lianxin-edge decode``: what a device's bytes mean, for a technician with a wire and a doubt."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, Protocol, get_args

import typer

from edge.cards import kinds as card_kinds
from edge.cards import mqtt_text as card_text
from edge.cards.lines import Terminator
from edge.cards.pn532 import Pn532HostDecoder
from edge.readings import BadFrame, CardNumber, CardRead, Remark, WeightFault
from edge.scales import kinds as scale_kinds
from edge.scales import xk3190
from edge.scales.mqtt_text import availability, weigh_payload
from edge.scales.toledo import Checksum, FixedZeros
from edge.scales.weighed import GRAMS, Weighed

EXIT_USAGE = 2
Heard = CardRead | CardNumber | Weighed | Remark | WeightFault | BadFrame
Line = dict[str, Any]


class Decoder(Protocol):
    """Any decoder of this program."""

    def feed(self, data: bytes) -> list[Heard]: ...

    def idle(self) -> list[Heard]: ...


@dataclass(frozen=True)
class Options:
    """Everything that a frame does not tell and a technician has to."""

    unit: str | None = None
    checksum: Checksum = "either"
    fixed_zeros: FixedZeros = "refused"
    length: int | None = None
    terminator: Terminator = "line"
    technology: str = "unknown"


CHOICES: Mapping[str, tuple[str, ...]] = {
    "unit": tuple(GRAMS),
    "checksum": get_args(Checksum),
    "fixed_zeros": get_args(FixedZeros),
    "terminator": get_args(Terminator),
}
_TEXT_OPTIONS = ("length", "terminator", "technology")
_UNIT_OPTION = ("unit",)
SCALE_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "xk3190-a9": _UNIT_OPTION,
    "keli-d2008": _UNIT_OPTION,
    "yaohua-tf-reversed": _UNIT_OPTION,
    "yaohua-tf-forward": _UNIT_OPTION,
    "toledo-continuous": ("checksum", "fixed_zeros"),
}


class _Messages:
    """MQTT: every line of input is one message."""

    def __init__(self, read: Callable[[bytes], Heard | None]) -> None:
        self._read = read

    def feed(self, data: bytes) -> list[Heard]:
        heard = self._read(data)
        return [] if heard is None else [heard]

    def idle(self) -> list[Heard]:
        return []


@dataclass(frozen=True)
class Device:
    """How to decode one kind of device, and which options it knows.

    ``end_may_cut``: a frame has no end of its own, so the last of a stream may have been cut off
    and still look whole; it is believed only if it is all there is.
    """

    make: Callable[[Options], Any]
    options: tuple[str, ...] = ()
    end_may_cut: bool = False


def _reader(kind: str) -> Device:
    def make(told: Options) -> object:
        line = card_kinds.CardLine(told.length, told.terminator, told.technology)
        return card_kinds.KINDS[kind](line)

    return Device(make, _TEXT_OPTIONS if kind in card_kinds.TEXTS else ())


def _scale(kind: str) -> Device:
    def make(told: Options) -> object:
        line = scale_kinds.ScaleLine(told.unit, told.checksum, told.fixed_zeros)
        return scale_kinds.KINDS[kind](line)

    return Device(make, SCALE_OPTIONS.get(kind, ()), end_may_cut=kind.startswith("yaohua-tf"))


def _message(read: Callable[[bytes], Heard | None]) -> Device:
    return Device(lambda _told: _Messages(read))


def _modbus(side: str) -> Device:
    def make(_told: Options) -> object:
        from edge.scales import modbus_frames  # noqa: PLC0415 - pymodbus takes its time to load

        return modbus_frames.decoder("request" if side == "request" else "response")

    return Device(make)


DEVICES: Mapping[str, Device] = {
    **{kind: _reader(kind) for kind in card_kinds.KINDS},
    "pn532-host": Device(lambda _told: Pn532HostDecoder()),
    **{kind: _scale(kind) for kind in scale_kinds.KINDS},
    "xk3190-command": Device(lambda told: xk3190.answers(told.unit), _UNIT_OPTION),
    "xk3190-command-host": Device(lambda _told: xk3190.requests()),
    "modbus-rtu-request": _modbus("request"),
    "modbus-rtu-response": _modbus("response"),
    "tasmota-rdm6300": _message(card_text.tasmota_rdm6300),
    "tasmota-pn532": _message(card_text.tasmota_pn532),
    "tasmota-wiegand": _message(card_text.tasmota_wiegand),
    "tasmota-hx711": _message(lambda payload: weigh_payload("tasmota", payload)),
    "tasmota-lwt": _message(availability),
    "esphome-sensor": _message(lambda payload: weigh_payload("esphome", payload)),
    "esphome-status": _message(availability),
    "esphome-tag": _message(card_text.esphome_tag),
}
AVAILABILITY_TOPICS = ("/LWT", "/status")
NO_READING_TOPICS = ("/debug", "/STATE")


def _list_of_devices() -> str:
    rows = []
    for name, device in DEVICES.items():
        known = ", ".join(f"{key}={'|'.join(CHOICES.get(key, ('…',)))}" for key in device.options)
        rows.append(f"  {name:<22}{known}".rstrip())
    return "\n".join(rows)


HELP = f"""Say what a device's bytes mean: hex on standard input, one JSON object a line.

The input is one stream in any number of lines; for MQTT devices each line is one message.
An incomplete frame prints nothing.

\b
Examples:
  echo 0231343030384543373933434503 | lianxin-edge decode rdm6300
  echo 022b30303132303033314203 | lianxin-edge decode xk3190-a9 --option unit=kg
  xxd -p capture.bin | lianxin-edge decode toledo-continuous --option checksum=yes
  echo 6f6e6c696e65 | lianxin-edge decode esphome-sensor --topic p12-bin01/status

\b
Devices and their options:
{_list_of_devices()}
"""


def decode(
    device: Annotated[str, typer.Argument(help="one of the devices below")],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="more options")
    ] = None,
    *,
    option: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE")] = None,
    topic: Annotated[str, typer.Option(help="the MQTT topic the message came on")] = "",
) -> None:
    """Say what a device's bytes mean."""
    if device not in DEVICES:
        _refuse(f"device {device!r}: expected one of {', '.join(DEVICES)}")
    try:
        told = read_options(device, [*(option or ()), *(more or ())])
        for line in decoded(device, told, topic, _chunks(sys.stdin)):
            typer.echo(json.dumps(line, ensure_ascii=False, default=str))
    except ValueError as error:
        _refuse(str(error))


def read_options(device: str, texts: Iterable[str]) -> Options:
    """The options in ``key=value`` texts; raises ValueError naming key, found and expected."""
    known = DEVICES[device].options
    told: dict[str, Any] = {}
    for text in texts:
        key, _, value = text.partition("=")
        if key not in known:
            names = ", ".join(known) or "no option"
            msg = f"--option {text}: {device} knows {names}"
            raise ValueError(msg)
        choices = CHOICES.get(key)
        if choices is not None and value not in choices:
            msg = f"--option {text}: expected one of {', '.join(choices)}"
            raise ValueError(msg)
        told[key] = value
    if "length" in told:
        told["length"] = _whole_number(told["length"])
    return Options(**told)


def decoded(device: str, told: Options, topic: str, chunks: Iterable[bytes]) -> Iterator[Line]:
    """The lines to print. An ACK is printed unless its answer follows: the two are one exchange."""
    decoder = _decoder(device, told, topic)
    held: Line | None = None
    spoken = False
    for heard in (line_of(heard) for chunk in chunks for heard in decoder.feed(chunk)):
        held_before, held = held, heard if heard.get("kind") == "ack" else None
        if held is None:
            yield heard
        elif held_before is not None:
            yield held_before
        spoken = spoken or "error" not in heard
    if held is not None:
        yield held
    if not (spoken and DEVICES[device].end_may_cut):
        yield from (line_of(heard) for heard in decoder.idle())


def line_of(heard: Heard) -> Line:
    """One reading in the words of the sample frames."""
    match heard:
        case BadFrame() | WeightFault():
            return {"error": heard.reason, "detail": heard.detail}
        case CardRead():
            return {"kind": "card", "technology": heard.technology, "uid": heard.uid, **heard.said}
        case CardNumber():
            return {"kind": "card", "number": heard.number, **heard.said}
        case Weighed():
            value = format(heard.value, "f")
            told = {"kind": "weight", "value": value, "unit": heard.unit, "stable": heard.stable}
            return {**told, **heard.said}
        case Remark():
            return dict(heard.said)


def _decoder(device: str, told: Options, topic: str) -> Decoder:
    if topic.endswith(AVAILABILITY_TOPICS):
        return _Messages(availability)
    if topic.endswith(NO_READING_TOPICS):
        return _Messages(lambda _payload: None)
    made: Decoder = DEVICES[device].make(told)
    return made


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    for number, line in enumerate(lines, start=1):
        try:
            yield bytes.fromhex(line)
        except ValueError:
            msg = f"line {number} of the input: expected pairs of hex digits"
            raise ValueError(msg) from None


def _whole_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 512:
        msg = f"--option length={text}: expected a number of characters from 1 to 512"
        raise ValueError(msg)
    return int(text)


def _refuse(message: str) -> NoReturn:
    typer.echo(f"lianxin-edge decode: {message}", err=True)
    raise typer.Exit(EXIT_USAGE)
