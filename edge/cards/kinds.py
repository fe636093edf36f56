"""Which decoder a configured kind of reader has, and the card behind a bare number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from edge.cards import lines, reader7941
from edge.cards.em18 import Em18Decoder
from edge.cards.lines import Terminator
from edge.cards.pn532 import Pn532Decoder, from_chip
from edge.cards.rdm6300 import Id12laDecoder, Rdm6300Decoder
from edge.readings import BadFrame, CardNumber, CardRead, Remark

CardHeard = CardRead | CardNumber | Remark | BadFrame
MAX_NUMBER = 0xFFFF_FFFF


class CardDecoder(Protocol):
    """Push bytes in any chunking; idle when the line has been quiet."""

    def feed(self, data: bytes) -> list[CardHeard]: ...

    def idle(self) -> list[CardHeard]: ...


@dataclass(frozen=True)
class CardLine:
    """What has to be configured of a reader that sends a line of text."""

    length: int | None = None
    terminator: Terminator = "line"
    technology: str = "unknown"


KINDS: Mapping[str, Callable[[CardLine], Any]] = {
    "rdm6300": lambda _: Rdm6300Decoder(),
    "id12la": lambda _: Id12laDecoder(),
    "em18": lambda _: Em18Decoder(),
    "7941-uart10": lambda _: reader7941.decoder(),
    "pn532": lambda _: Pn532Decoder(from_chip),
    "wiegand-serial-hex6": lambda _: lines.wiegand_hex(6),
    "wiegand-serial-hex8": lambda _: lines.wiegand_hex(8),
    "wiegand-serial-dec10": lambda _: lines.wiegand_decimal(),
    "ascii-line-uid": lambda told: lines.ascii_uid(told.length, told.terminator, told.technology),
    "ascii-line-decimal": lambda told: lines.ascii_decimal(told.length, told.terminator),
    "qr-line": lambda told: lines.qr_text(told.length, told.terminator),
}
NUMBERS_ONLY = ("wiegand-serial-hex6", "wiegand-serial-hex8", "wiegand-serial-dec10",
                "ascii-line-decimal")  # fmt: skip
TEXTS = ("ascii-line-uid", "ascii-line-decimal", "qr-line")


def card_of(reading: CardNumber, technology: str) -> CardRead | BadFrame:
    """The canonical card behind a number: eight hex digits of the configured technology."""
    if not 0 < reading.number <= MAX_NUMBER:
        return BadFrame("out_of_range", "a number over 32 bits, expected a card number")
    return CardRead(technology, f"{reading.number:08X}")
