"""EM-18 frames: 9600 8N1, transmit only, twelve hex digits and nothing around them.

Source: the module's product pages. 10 digits of tag, 2 of XOR. Only a pause tells where a frame
begins, or a byte that is no digit: of a held card's repeated digits, any rotation repeats too, and
one XOR in 256 is right by chance. So a stream out of step is not believed before its next pause,
and after a strange byte only twelve digits up to the next one. And half a frame with half of the
next always has the right XOR: without a pause behind them, twelve digits whose halves are equal
are no card.
"""

from typing import Literal

from edge.cards.em4100 import HEX, card_of_digits
from edge.frames import FrameDecoder, Taken
from edge.readings import BadFrame, CardRead

DIGITS = 12
LINE_ENDS = b"\r\n"


class Em18Decoder(FrameDecoder[CardRead]):
    """Call idle after a pause of a few characters."""

    def __init__(self) -> None:
        super().__init__(self._frame, DIGITS + 1, self._at_a_pause)
        self._step: Literal["in", "after a strange byte", "out"] = "in"

    def _frame(self, buffer: bytes) -> Taken[CardRead] | None:
        digits = next((n for n, byte in enumerate(buffer) if byte not in HEX), len(buffer))
        if self._step == "in" and digits >= DIGITS:
            if _may_be_two_halves(buffer) and len(buffer) == DIGITS:
                return None  # a pause will tell, or another digit
            reading = _run(buffer[:DIGITS], digits)
            self._step = "in" if isinstance(reading, CardRead) else "out"
            return Taken(DIGITS if self._step == "in" else 1, (reading,))
        if digits < len(buffer):
            return self._strange(buffer, digits)
        if self._step == "in" or len(buffer) <= DIGITS:
            return None
        self._step = "out"
        return Taken(1)

    def _strange(self, buffer: bytes, digits: int) -> Taken[CardRead]:
        whole = self._step == "after a strange byte" and digits == DIGITS
        self._step = "after a strange byte"
        if whole:
            return Taken(DIGITS, (card_of_digits(buffer[:DIGITS]),))
        if digits == 0 and buffer[0] in LINE_ENDS:
            return Taken(1)
        bad = BadFrame("not_hex", f"0x{buffer[digits]:02X}, expected a hex digit")
        return Taken(digits + 1, (bad,))

    def _at_a_pause(self, rest: bytes) -> tuple[CardRead | BadFrame, ...]:
        return (card_of_digits(rest),) if len(rest) == DIGITS else ()

    def idle(self) -> list[CardRead | BadFrame]:
        """A pause: the next byte begins a frame."""
        readings = super().idle()
        self._step = "in"
        return readings


def _may_be_two_halves(buffer: bytes) -> bool:
    half = DIGITS // 2
    return buffer[:half] == buffer[half:DIGITS]


def _run(frame: bytes, digits: int) -> CardRead | BadFrame:
    if digits > DIGITS and _may_be_two_halves(frame):
        return BadFrame("framing", "twice the same half and no pause, expected a whole frame")
    return card_of_digits(frame)
