"""What card readers with a serial line send for one card.

Sources: ID-Innovations ID-2/12/20LA data sheet section 4, EM-18 product pages, the sellers' page of
the 7941D (both card types), WIE232-A and S4A converter manuals, GM60/GM65 set-up. A card is its
number in hex, most significant byte first; of an EM4100 card the four bytes every reader tells.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Literal

from device_sim.devices import rdm6300
from device_sim.devices.card_number import card_number

Technology = Literal["em4100", "iso14443a"]
TERMINATORS = {"crlf": b"\r\n", "cr": b"\r", "none": b""}
TYPE_MIFARE_1K, TYPE_EM4100 = 1, 2
ISO_SIZES = (4, 5, 7, 10)
"""Also the five bytes of an EM4100 card with its version."""
PRINTABLE = range(0x21, 0x7F)


@dataclass(frozen=True)
class Setup:
    """How a reader was set up, by jumper or set-up code."""

    terminator: bytes = b"\r\n"
    technology: Technology = "em4100"


def em18(card: str, _setup: Setup) -> bytes:
    """Twelve characters and nothing around them: only a pause tells where they begin."""
    return rdm6300.frame(card)[1:-1]


def id12la(card: str, _setup: Setup) -> bytes:
    return b"\x02" + rdm6300.frame(card)[1:-1] + b"\r\n\x03"


def reader7941(card: str, setup: Setup) -> bytes:
    """The length counts every byte; the check is the XOR from the length to the last of the card.

    An EM4100 card has its version byte before the number, a MIFARE 1K card four bytes.
    """
    number = _four_bytes(card)
    if setup.technology == "em4100":
        body = bytes([TYPE_EM4100, rdm6300.VERSION]) + number
    else:
        body = bytes([TYPE_MIFARE_1K]) + number
    checked = bytes([len(body) + 4]) + body
    return b"\x02" + checked + bytes([reduce(xor, checked), 3])


def wiegand_hex6(card: str, _setup: Setup) -> bytes:
    """Wiegand-26: the top byte is lost."""
    return _four_bytes(card)[1:].hex().upper().encode() + b"\r"


def wiegand_hex8(card: str, _setup: Setup) -> bytes:
    return _four_bytes(card).hex().upper().encode() + b"\r"


def wiegand_dec10(card: str, _setup: Setup) -> bytes:
    return b"%010d\r\n" % int.from_bytes(_four_bytes(card))


def uid_line(card: str, setup: Setup) -> bytes:
    """The card's bytes as hex, as many as it has."""
    return card_number(card, *ISO_SIZES).hex().upper().encode() + setup.terminator


def decimal_line(card: str, setup: Setup) -> bytes:
    """The ten digits that are printed on the card."""
    return b"%010d" % int.from_bytes(_four_bytes(card)) + setup.terminator


def qr_line(card: str, setup: Setup) -> bytes:
    """The text of the printed code, as it stands."""
    text = card.encode("ascii", errors="replace")
    if not text or any(byte not in PRINTABLE for byte in text):
        msg = f"code {card!r}: expected visible ASCII characters"
        raise ValueError(msg)
    return text + setup.terminator


def _four_bytes(card: str) -> bytes:
    return card_number(card, 4)


@dataclass(frozen=True)
class Sender:
    """A reader that only speaks. ``repeat_s`` None: once a card.

    Where no data sheet gives a rate, a tenth of a second stands for it.
    """

    frame: Callable[[str, Setup], bytes]
    repeat_s: float | None = None


SENDERS: Mapping[str, Sender] = {
    "rdm6300": Sender(lambda card, _setup: rdm6300.frame(card), rdm6300.REPEAT_S),
    "id12la": Sender(id12la, 0.1),
    "em18": Sender(em18, 0.1),
    "7941-uart10": Sender(reader7941, 0.1),
    "wiegand-serial-hex6": Sender(wiegand_hex6),
    "wiegand-serial-hex8": Sender(wiegand_hex8),
    "wiegand-serial-dec10": Sender(wiegand_dec10),
    "ascii-line-uid": Sender(uid_line),
    "ascii-line-decimal": Sender(decimal_line),
    "qr-line": Sender(qr_line),
}
"""By the names that a point's configuration has for them."""
