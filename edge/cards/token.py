"""The card token: what leaves the reading process instead of a card's number.

``k`` key number ``.`` base32(HMAC-SHA-256(key, technology ‖ 0x00 ‖ canonical UID)). A bare hash of
a four-byte number is guessed in an hour; without the key a token says nothing.
"""

import base64
import hmac
from dataclasses import dataclass
from hashlib import sha256

from edge.readings import CardRead

KEY_BYTES = 32


class RefusedCardError(ValueError):
    """A card whose number cannot stand for a household."""


@dataclass(frozen=True)
class Tokenizer:
    """The deployment keys by number; the highest is current, one below it is being retired."""

    keys: dict[int, bytes]
    uid_bits: int = 32

    def tokens(self, card: CardRead) -> tuple[str, str | None]:
        """The current token and, while a key is being rotated, the previous one.

        Raises RefusedCardError for a random number (4 bytes, first 08, as telephones send).
        """
        uid = canonical_uid(card, self.uid_bits)
        newest, *older = sorted(self.keys, reverse=True)
        old = self._token(older[0], card.technology, uid) if older else None
        return self._token(newest, card.technology, uid), old

    def _token(self, number: int, technology: str, uid: str) -> str:
        message = technology.encode() + b"\0" + bytes.fromhex(uid)
        digest = hmac.new(self.keys[number], message, sha256).digest()
        return f"k{number}.{base64.b32encode(digest).decode().rstrip('=').lower()}"


def canonical_uid(card: CardRead, uid_bits: int) -> str:
    """Upper-case hex of the bits every reader of the community sees.

    Wiegand-26 drops the top byte; a community with one such reader sets ``uid_bits = 24``. Longer
    numbers keep theirs: such a reader cannot send them at all.
    """
    uid = card.uid.upper()
    if card.technology != "em4100" and len(uid) == 8 and uid.startswith("08"):
        raise RefusedCardError("a random card number (first byte 08); it changes with every tap")
    return uid[-6:] if uid_bits == 24 and len(uid) == 8 else uid
