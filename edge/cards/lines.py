"""Readers that send one line of text a card: Wiegand converters, keyboard-like readers, QR.

Sources: WIE232-A converter (6 hex digits, CR, 9600), S4A converter manual (10 decimal digits, CR
LF; 0000123478 is 0x1E256), GM60/GM65 scanners (payload, then CR, CR LF or nothing by set-up code).
Parity and checksum are gone by then, so a fixed length and a known alphabet are all there is to
tell a card from noise. No text of a card stands in an error: errors are logged.
"""

import string
from collections.abc import Callable
from typing import Literal

from edge.cards import em4100
from edge.frames import FrameDecoder, Taken, lines
from edge.readings import BadFrame, CardNumber, CardRead

LineReading = CardRead | CardNumber
LONGEST = 512
ISO_DIGITS = (8, 14, 20)
_HEX = frozenset(string.hexdigits.encode())
_DIGITS = frozenset(string.digits.encode())
_PRINTABLE = frozenset(range(0x21, 0x7F))
Terminator = Literal["line", "none"]


def wiegand_hex(digits: Literal[6, 8]) -> FrameDecoder[LineReading]:
    """Wiegand-26 is 6 digits, Wiegand-34 is 8."""

    def read(text: bytes) -> LineReading | BadFrame:
        problem = _problem(text, _HEX, digits)
        if problem is not None:
            return problem
        number = int(text, 16)
        if digits == 8:
            return _number(number, "wiegand34", {"bits": 34})
        split: dict[str, object] = {"facility": number >> 16, "card": number & 0xFFFF, "bits": 26}
        return _number(number, "wiegand26", split)

    return lines(read, LONGEST)


def wiegand_decimal() -> FrameDecoder[LineReading]:
    """Ten decimal digits; how many bits there were is not told."""

    def read(text: bytes) -> LineReading | BadFrame:
        problem = _problem(text, _DIGITS, 10)
        return problem or _number(int(text), "wiegand", {})

    return lines(read, LONGEST)


def ascii_uid(
    length: int | None = None, terminator: Terminator = "line", technology: str = "unknown"
) -> FrameDecoder[LineReading]:
    """A UID in hex, as sent: the order of its bytes differs between brands."""

    def read(text: bytes) -> LineReading | BadFrame:
        wanted = (length,) if length else ISO_DIGITS
        problem = _problem(text, _HEX, *wanted)
        if problem is not None:
            return problem
        uid = text.decode("ascii").upper()
        if technology == "em4100" and len(uid) == 10:
            return em4100.card(bytes.fromhex(uid))
        if not uid.strip("0"):
            return BadFrame("null_uid", "a card number of zeros, expected a card")
        return CardRead(technology, uid)

    return _framed(read, terminator)


def ascii_decimal(
    length: int | None = None, terminator: Terminator = "line"
) -> FrameDecoder[LineReading]:
    """The printed decimal number of a card."""

    def read(text: bytes) -> LineReading | BadFrame:
        problem = _problem(text, _DIGITS, length or 10)
        return problem or _number(int(text), "unknown", {})

    return _framed(read, terminator)


def qr_text(
    length: int | None = None, terminator: Terminator = "line"
) -> FrameDecoder[LineReading]:
    """A printed code: any visible ASCII; it is the card's number as it stands."""

    def read(text: bytes) -> LineReading | BadFrame:
        problem = _problem(text, _PRINTABLE, *([length] if length else range(4, 129)))
        return problem or CardRead("qr", text.hex().upper(), {"text": text.decode("ascii")})

    return _framed(read, terminator)


def _framed(
    read: Callable[[bytes], LineReading | BadFrame], terminator: Terminator
) -> FrameDecoder[LineReading]:
    if terminator == "line":
        return lines(read, LONGEST)

    def never(_buffer: bytes) -> Taken[LineReading] | None:
        return None

    return FrameDecoder(never, LONGEST, lambda text: (read(text),))


def _number(number: int, technology: str, said: dict[str, object]) -> CardNumber | BadFrame:
    if number == 0:
        return BadFrame("null_uid", "a card number of zeros, expected a card")
    if number > 0xFFFF_FFFF:
        return BadFrame("out_of_range", "a number over 32 bits, expected a card number")
    return CardNumber(number, {"technology": technology} | said)


def _problem(text: bytes, alphabet: frozenset[int], *lengths: int) -> BadFrame | None:
    strange = next((byte for byte in text if byte not in alphabet), None)
    if strange is not None:
        return BadFrame("alphabet", f"byte 0x{strange:02X} is not of the configured alphabet")
    if len(text) not in lengths:
        expected = " or ".join(str(length) for length in lengths[:4])
        return BadFrame("length", f"{len(text)} characters, expected {expected}")
    return None
