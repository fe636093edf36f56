"""EM-18 frames: 9600 8N1, transmit only, twelve hex digits and nothing around them.

Source: the module's product pages. 10 digits of tag, 2 of XOR. Only a pause tells where a frame
begins: of a held card's repeated digits, any rotation repeats too, and one XOR in 256 is right by
chance. So a stream out of step is not believed before its next pause. And half a frame with half of
the next always has the right XOR: twelve digits whose halves are equal are no card.
"""

from edge.cards.em4100 import HEX, card_of_digits
from edge.frames import FrameDecoder, Taken
from edge.readings import BadFrame, CardRead

DIGITS = 12


class Em18Decoder(FrameDecoder[CardRead]):
    """Call idle after a pause of a few characters."""

    def __init__(self) -> None:
        super().__init__(self._frame, DIGITS + 1, self._at_a_pause)
        self._in_step = True

    def _frame(self, buffer: bytes) -> Taken[CardRead] | None:
        place = next((place for place, byte in enumerate(buffer) if byte not in HEX), None)
        if place is not None:
            self._in_step = False
            bad = BadFrame("not_hex", f"0x{buffer[place]:02X}, expected a hex digit")
            return Taken(place + 1, (bad,))
        if not self._in_step:
            return Taken(1) if len(buffer) > DIGITS else None
        if len(buffer) < DIGITS:
            return None
        reading = _card(buffer[:DIGITS])
        self._in_step = isinstance(reading, CardRead)
        return Taken(DIGITS if self._in_step else 1, (reading,))

    def _at_a_pause(self, rest: bytes) -> tuple[CardRead | BadFrame, ...]:
        return (_card(rest),) if len(rest) == DIGITS else ()

    def idle(self) -> list[CardRead | BadFrame]:
        """A pause: the next byte begins a frame."""
        readings = super().idle()
        self._in_step = True
        return readings


def _card(digits: bytes) -> CardRead | BadFrame:
    half = DIGITS // 2
    if digits[:half] == digits[half:]:
        return BadFrame("framing", "twice the same half of a frame, expected a whole one")
    return card_of_digits(digits)
