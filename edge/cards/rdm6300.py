"""RDM6300, RDM630 and ID-12LA frames: 9600 8N1, transmit only.

Sources: the modules' data sheets (ID-Innovations ID-2/12/20LA of 2013, section 4). STX, 10 hex
digits (version byte and four tag bytes), 2 hex digits of XOR over the five bytes, then ETX
(RDM6300: 14 bytes, repeated about every 65 ms while a card is held) or CR LF ETX (ID-12LA: 16).
"""

from edge.cards.em4100 import HEX, card_of_digits
from edge.frames import FrameDecoder, Taken, skip_to
from edge.readings import BadFrame, CardRead

STX, ETX = 0x02, 0x03
DIGITS = 12
FRAME_BYTES = 14


class Rdm6300Decoder(FrameDecoder[CardRead]):
    """Frames between STX and ETX."""

    def __init__(self, tail: bytes = b"\x03") -> None:
        self._tail = tail
        super().__init__(self._frame, 1 + DIGITS + len(tail))

    def _frame(self, buffer: bytes) -> Taken[CardRead] | None:
        garbage: Taken[CardRead] | None = skip_to(buffer, STX, "0x02")
        if garbage is not None:
            return garbage
        if len(buffer) == self._longest and self._fits(buffer):
            return Taken(len(buffer), (card_of_digits(buffer[1 : 1 + DIGITS]),))
        # A byte that cannot belong to the frame ends it before it is full: one torn frame must
        # not hold up the next.
        for place, byte in enumerate(buffer[1:], start=1):
            bad = self._misfit(place, byte)
            if bad is not None:
                return Taken(place, (bad,))
        return None

    def _fits(self, buffer: bytes) -> bool:
        return buffer.endswith(self._tail) and HEX.issuperset(buffer[1 : 1 + DIGITS])

    def _misfit(self, place: int, byte: int) -> BadFrame | None:
        if place <= DIGITS:
            if byte in HEX:
                return None
            reason = "torn" if byte == STX else "not_hex"
            return BadFrame(reason, f"byte {place} is 0x{byte:02X}, expected a hex digit")
        expected = self._tail[place - DIGITS - 1]
        if byte == expected:
            return None
        reason = "no_etx" if expected == ETX else "no_crlf"
        return BadFrame(reason, f"byte {place} is 0x{byte:02X}, expected 0x{expected:02X}")


class Id12laDecoder(Rdm6300Decoder):
    """The same between STX and CR LF ETX."""

    def __init__(self) -> None:
        super().__init__(b"\r\n\x03")
