"""RDM6300 and RDM630 frames: 9600 8N1, transmit only.

Source: the module's data sheet. STX, 10 hex digits (version byte and four tag bytes), 2 hex digits
of XOR over the five bytes, ETX: 14 bytes, repeated about every 65 ms while a card is held.
"""

from functools import reduce
from operator import xor

from edge.readings import BadFrame, CardRead

STX, ETX = 0x02, 0x03
FRAME_BYTES = 14
_HEX = frozenset(b"0123456789ABCDEFabcdef")


class Rdm6300Decoder:
    """Push bytes in any chunking; get every finished reading back, in order.

    A bad frame costs one byte: the hunt goes on inside it, since a torn frame may hide a good one.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[CardRead | BadFrame]:
        """Readings finished by these bytes. Keeps at most one incomplete frame."""
        self._buffer += data
        out: list[CardRead | BadFrame] = []
        while (reading := self._next()) is not None:
            out.append(reading)
        return out

    def _next(self) -> CardRead | BadFrame | None:
        start = self._buffer.find(STX)
        if start != 0:
            garbage = len(self._buffer) if start < 0 else start
            del self._buffer[:garbage]
            if garbage:
                return BadFrame("garbage", f"{garbage} bytes before a frame, expected 0x02")
        if len(self._buffer) < FRAME_BYTES:
            return self._torn()
        reading = _frame(bytes(self._buffer[:FRAME_BYTES]))
        del self._buffer[: FRAME_BYTES if isinstance(reading, CardRead) else 1]
        return reading

    def _torn(self) -> BadFrame | None:
        """A byte that cannot belong to the frame under way ends it before it is full."""
        for place, byte in enumerate(self._buffer[1:], start=1):
            if byte not in _HEX:
                del self._buffer[:place]
                return BadFrame("torn", f"byte {place} is 0x{byte:02X}, expected a hex digit")
        return None


def _frame(frame: bytes) -> CardRead | BadFrame:
    if frame[-1] != ETX:
        return BadFrame("no_etx", f"byte 14 is 0x{frame[-1]:02X}, expected 0x03")
    digits = frame[1:-1]
    if not _HEX.issuperset(digits):
        return BadFrame("not_hex", "a character inside the frame, expected hex digits only")
    data = bytes.fromhex(digits.decode("ascii"))
    expected = reduce(xor, data[:5])
    if data[5] != expected:
        return BadFrame("checksum", f"checksum 0x{data[5]:02X}, expected 0x{expected:02X}")
    if not any(data[1:5]):
        return BadFrame("null_uid", "a card number of zeros, expected a card")
    return CardRead("em4100", data[1:5].hex().upper())
