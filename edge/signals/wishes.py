"""What the loudspeaker is asked for: one place for a tone, one for a broadcast, newest first."""

import threading
from dataclasses import dataclass

from edge.signals.config import BroadcastConfig
from edge.signals.tones import ToneName


@dataclass(frozen=True)
class ToneWish:
    """A tone for something that happened at ``up_ms``."""

    name: ToneName
    quiet: bool
    up_ms: int


@dataclass(frozen=True)
class BroadcastWish:
    """A broadcast asked for at ``up_ms``."""

    broadcast: BroadcastConfig
    up_ms: int


class Wishes:
    """Asking never blocks and never grows: a newer wish takes the place of an older one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tone: ToneWish | None = None
        self._broadcast: BroadcastWish | None = None
        self._hushed = False
        self._closed = False

    def ask(self, wish: ToneWish | BroadcastWish) -> None:
        """From any thread."""
        with self._changed:
            if isinstance(wish, ToneWish):
                self._tone = wish
            else:
                self._broadcast = wish
            self._changed.notify()

    def hush(self) -> None:
        """No broadcast any more, neither the waiting one nor the running one."""
        with self._changed:
            self._broadcast = None
            self._hushed = True
            self._changed.notify()

    def close(self) -> None:
        """Nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self) -> ToneWish | BroadcastWish | None:
        """Wait for the next wish, a tone first; None when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._tone or self._broadcast)
            if self._closed:
                return None
            if self._tone is None:
                wish, self._broadcast = self._broadcast, None
                self._hushed = False
                return wish
            tone, self._tone = self._tone, None
            return tone

    def take_tone(self) -> ToneWish | None:
        """A waiting tone, in the middle of a broadcast."""
        with self._changed:
            tone, self._tone = self._tone, None
            return tone

    def ended(self) -> bool:
        """Whether the running broadcast must not go on."""
        with self._changed:
            return self._closed or self._hushed

    def cuts_broadcast(self, wait_s: float) -> bool:
        """Wait: True as soon as a broadcast must pause for a tone, or end."""
        with self._changed:
            return bool(
                self._changed.wait_for(lambda: self._closed or self._hushed or self._tone, wait_s)
            )

    def cuts_tone(self, wait_s: float) -> bool:
        """Wait: True as soon as even a tone must end."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, wait_s)
