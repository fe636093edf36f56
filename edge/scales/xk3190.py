"""Yaohua XK3190-A9/A12/A23/A26/DS3 and Keli D2008 binary frames, 600-9600 8N1.

Source: the Yaohua A9+ and A23p manuals. Continuous (tF=0): 02, sign, 6 digits high first, place of
the point from the right 0-4, XOR of the eight bytes between as two characters (30h + nibble, 37h +
nibble over 9), 03. No unit, no stable flag. Keli sends sign and SEVEN digits in the same twelve
bytes: 02 2B 30303337303030 .. 03 is 3700 in one and 37000 in the other, so it is configured.
Command mode: 02 address A-Z, command, XOR, 03 from the host; the indicator repeats address and
command, then sign, digits and point.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import reduce
from operator import xor
from typing import Literal

from edge.frames import FrameDecoder, Taken, skip_to
from edge.readings import BadFrame, Remark, WeightFault
from edge.scales.weighed import ScaleReading, Weighed, positive_zero, scaled, unreadable

STX, ETX = 0x02, 0x03
CONTINUOUS_BYTES, REQUEST_BYTES, ANSWER_BYTES = 12, 6, 14
HANDSHAKE = "A"
QUANTITIES = {"B": "gross", "C": "tare", "D": "net"}
Layout = Literal["a9", "d2008"]
Read = Callable[[bytes], ScaleReading | BadFrame]


def continuous(layout: Layout = "a9", unit: str | None = None) -> FrameDecoder[ScaleReading]:
    """The stream of one indicator."""

    def take(buffer: bytes) -> Taken[ScaleReading] | None:
        return _take(buffer, CONTINUOUS_BYTES, lambda body: _weight(body, layout, unit))

    return FrameDecoder(take, CONTINUOUS_BYTES)


def request(address: str, command: str) -> bytes:
    """What the host writes: A greets, B asks gross, C tare, D net."""
    body = f"{address}{command}".encode("ascii")
    return bytes([STX]) + body + check(body) + bytes([ETX])


def check(body: bytes) -> bytes:
    """XOR as two characters, A-F for ten and more."""
    return f"{reduce(xor, body):02X}".encode("ascii")


def answers(unit: str | None = None) -> FrameDecoder[ScaleReading]:
    """What indicators on one line answer; each reading says its address."""

    def take(buffer: bytes) -> Taken[ScaleReading] | None:
        greeting = buffer[2:3] == HANDSHAKE.encode()
        length = REQUEST_BYTES if greeting else ANSWER_BYTES
        return _take(buffer, length, lambda body: _answer(body, unit))

    return FrameDecoder(take, ANSWER_BYTES)


def requests() -> FrameDecoder[ScaleReading]:
    """What a host writes, for a technician with a wire on the line."""

    def read(body: bytes) -> ScaleReading | BadFrame:
        problem = _addressed(body)
        return problem or Remark({"kind": "host_command"} | _names(body))

    return FrameDecoder(lambda buffer: _take(buffer, REQUEST_BYTES, read), REQUEST_BYTES)


def _take(buffer: bytes, length: int, read: Read) -> Taken[ScaleReading] | None:
    garbage: Taken[ScaleReading] | None = skip_to(buffer, STX, "0x02")
    if garbage is not None:
        return garbage
    # Nothing inside a frame is a control character, so one ends the frame it stands in.
    for place, byte in enumerate(buffer[1:length], start=1):
        if byte < 0x20 and (place, byte) != (length - 1, ETX):
            return Taken(place, (BadFrame("torn", f"0x{byte:02X} at byte {place} of {length}"),))
    if len(buffer) < length:
        return None
    if buffer[length - 1] != ETX:
        bad = BadFrame("no_etx", f"last byte 0x{buffer[length - 1]:02X}, expected 0x03")
        return Taken(length, (bad,))
    body, found = buffer[1 : length - 3], buffer[length - 3 : length - 1]
    if found != check(body):
        bad = BadFrame("checksum", f"{found!r}, expected {check(body)!r}")
        return Taken(length, (bad,))
    return Taken(length, (read(body),))


def _weight(body: bytes, layout: Layout, unit: str | None) -> ScaleReading:
    if layout == "a9":
        return _value(body, unit, {})
    if body[:1] not in (b"+", b"-") or not body[1:].isdigit():
        return unreadable(body)
    value = positive_zero(Decimal(body.decode("ascii")))
    return Weighed(value, unit, None, {"decimals": 0})


def _answer(body: bytes, unit: str | None) -> ScaleReading | BadFrame:
    problem = _addressed(body)
    if problem is not None:
        return problem
    names = _names(body)
    if len(body) == 2:
        return Remark({"kind": "handshake", "address": names["address"]})
    quantity = QUANTITIES.get(names["command"], "unknown")
    return _value(body[2:], unit, names | {"quantity": quantity, "mode": quantity})


def _value(body: bytes, unit: str | None, said: Mapping[str, object]) -> ScaleReading:
    sign, digits, point = body[:1], body[1:7], body[7:8]
    if sign not in (b"+", b"-") or not digits.isdigit():
        return unreadable(digits)
    if point not in (b"0", b"1", b"2", b"3", b"4"):
        return WeightFault("decimals", f"{point!r}, expected 0-4")
    value = scaled(digits, int(point), negative=sign == b"-")
    return Weighed(value, unit, None, {"decimals": int(point), **said})


def _names(body: bytes) -> dict[str, str]:
    return {"address": chr(body[0]), "command": chr(body[1])}


def _addressed(body: bytes) -> BadFrame | None:
    if body[:1].isupper() and body[1:2].isupper():
        return None
    return BadFrame("address", f"{body[:2]!r}, expected two letters A-Z")
