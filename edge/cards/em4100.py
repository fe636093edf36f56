"""The five bytes of an EM4100 card, however a reader wraps them: a version byte, four tag bytes."""

from functools import reduce
from operator import xor

from edge.readings import BadFrame, CardRead, Said

TAG_BYTES = 5
HEX = frozenset(b"0123456789ABCDEFabcdef")


def card(tag: bytes) -> CardRead | BadFrame:
    """The card of five tag bytes; a number of zeros is no card."""
    version = {"version": f"{tag[0]:02X}", "tag10": tag.hex().upper()}
    return card_of_number(tag[1:], version)


def card_of_number(number: bytes, said: Said) -> CardRead | BadFrame:
    """The card of the four bytes that every reader tells."""
    if not any(number):
        return BadFrame("null_uid", "a card number of zeros, expected a card")
    return CardRead("em4100", number.hex().upper(), {**said, **_printed(int.from_bytes(number))})


def _printed(number: int) -> Said:
    """The forms in which a number is printed on cards."""
    return {
        "printed_decimal": f"{number:010d}",
        "printed_facility_number": [number >> 16 & 0xFF, number & 0xFFFF],
    }


def card_of_digits(digits: bytes) -> CardRead | BadFrame:
    """Twelve hex digits: the five bytes and the XOR over them."""
    data = bytes.fromhex(digits.decode("ascii"))
    expected = reduce(xor, data[:TAG_BYTES])
    if data[TAG_BYTES] != expected:
        return BadFrame("checksum", f"checksum 0x{data[TAG_BYTES]:02X}, expected 0x{expected:02X}")
    return card(data[:TAG_BYTES])
