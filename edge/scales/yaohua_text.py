"""Yaohua texts: the two "=" streams, the A12(E) line and the lower-case line of other A12s.

Sources: Yaohua XK3190-A26 manual pages 12-13, A23p pages 21-24, A12(E) page 13; the lower-case
form is from drivers in the field. ``=000.3000`` is 3.000 with its digits reversed (the last
character is 0 or the sign), ``=0003.000`` the same forward; a frame is complete when the next
"=" or a pause comes, and nothing checks its digits. ``WG004.139kg3D`` CR LF ends in the XOR of its
eleven characters; nine blanks and OL mean overload, LO below the zero range.
"""

import re
from functools import reduce
from operator import xor

from edge.frames import FrameDecoder, Taken, lines, skip_to
from edge.readings import BadFrame, WeightFault
from edge.scales.weighed import ScaleReading, Weighed, number, unreadable

EQUALS = ord("=")
TEXT_CHARACTERS = (8, 9)
"""After the "="; the longer one is a sign before eight characters."""
A12E_CHARACTERS = 13
MODES = {b"g": "gross", b"n": "net", b"t": "tare", b"w": "gross"}
_NUMERIC = frozenset(b"0123456789.+- ")
_A12E = re.compile(rb"W([GNT])(.{7})([a-z]{2})")
_A12 = re.compile(rb"w([wnt])(.{7})([a-z]{2})")


class EqualsDecoder(FrameDecoder[ScaleReading]):
    """Either "=" stream; which one is configured, since many weights read well both ways."""

    def __init__(self, *, reversed_digits: bool, unit: str | None = None) -> None:
        self._reversed = reversed_digits
        self._unit = unit
        super().__init__(self._frame, 2 + max(TEXT_CHARACTERS), self._at_a_pause)

    def _frame(self, buffer: bytes) -> Taken[ScaleReading] | None:
        garbage: Taken[ScaleReading] | None = skip_to(buffer, EQUALS, "'='")
        if garbage is not None:
            return garbage
        for place, byte in enumerate(buffer[1:], start=1):
            if byte == EQUALS:
                return Taken(place, (self._read(buffer[1:place]),))
            if byte in b"\r\n":
                return Taken(place + 1, (self._read(buffer[1:place]),))
            if byte not in _NUMERIC:
                bad = BadFrame("not_a_number", f"0x{byte:02X} inside a text, expected digits")
                return Taken(place + 1, (bad,))
        return None

    def _read(self, text: bytes) -> ScaleReading | BadFrame:
        if len(text) not in TEXT_CHARACTERS:
            return BadFrame("length", f"{len(text)} characters after '=', expected 8 or 9")
        forward = text[::-1] if self._reversed else text
        value = number(forward)
        return unreadable(forward) if value is None else Weighed(value, self._unit)

    def _at_a_pause(self, rest: bytes) -> tuple[ScaleReading | BadFrame, ...]:
        """A whole text is believed, a shorter one may have been cut off."""
        whole = rest[:1] == b"=" and len(rest) - 1 in TEXT_CHARACTERS
        return (self._read(rest[1:]),) if whole else ()


def a12e_lines() -> FrameDecoder[ScaleReading]:
    """A12(E): upper-case, with a check."""
    return lines(_a12e, 64)


def a12_lines() -> FrameDecoder[ScaleReading]:
    """Other A12s: lower-case, without a check."""
    return lines(_a12, 64)


def _a12e(line: bytes) -> ScaleReading | BadFrame:
    # Garbage before a line does not spoil it: the line is counted from its end.
    text, found = line[-A12E_CHARACTERS:-2], line[-2:]
    if len(line) < A12E_CHARACTERS:
        return BadFrame("length", f"{len(line)} characters, expected {A12E_CHARACTERS}")
    expected = f"{reduce(xor, text):02X}".encode("ascii")
    if found.upper() != expected:
        return BadFrame("checksum", f"{found!r}, expected {expected!r}")
    words = {b"OL": WeightFault("overload"), b"LO": WeightFault("underload", "below zero")}
    fault = words.get(text.strip())
    return fault if fault is not None else _matched(_A12E.fullmatch(text), text)


def _a12(line: bytes) -> ScaleReading | BadFrame:
    text = line[-11:]
    return _matched(_A12.fullmatch(text), text)


def _matched(match: re.Match[bytes] | None, text: bytes) -> ScaleReading | BadFrame:
    if match is None:
        return BadFrame("framing", f"{text[:20]!r}, expected mode, 7 characters, unit")
    value = number(match[2])
    if value is None:
        return _no_number(match[2])
    said = {"mode": MODES[match[1].lower()]}
    return Weighed(value, match[3].decode("ascii"), None, said)


def _no_number(text: bytes) -> WeightFault:
    word = text.strip().upper()
    if word.startswith(b"OL"):
        return WeightFault("overload")
    if word.startswith((b"LO", b"UL")):
        return WeightFault("underload")
    return unreadable(text)
