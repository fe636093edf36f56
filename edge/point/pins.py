"""The supervisor's PIN: its check, and the wait after too many wrong ones. Pure."""

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field

TRIES = 5
WAIT_S = 60


@dataclass
class PinGuard:
    """Four digits are guessed in an evening unless wrong ones cost time."""

    _wrong_ms: deque[int] = field(default_factory=lambda: deque(maxlen=TRIES))

    def closed(self, now_ms: int) -> bool:
        """Whether the next try has to wait; a clock that steps back does not lock anybody out."""
        return len(self._wrong_ms) == TRIES and 0 <= now_ms - self._wrong_ms[0] < WAIT_S * 1000

    def wrong(self, now_ms: int) -> None:
        """A number or PIN that does not fit."""
        self._wrong_ms.append(now_ms)

    def right(self) -> None:
        """Somebody who may."""
        self._wrong_ms.clear()


def pin_matches(stored: str | None, pin: str) -> bool:
    """Whether a PIN is the one behind ``scrypt$salt$hash`` (n = 2^14, r = 8, p = 1)."""
    if stored is None:
        return False
    _, salt, digest = stored.split("$")
    found = hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32)
    return hmac.compare_digest(found, bytes.fromhex(digest))
