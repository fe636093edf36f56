"""Cards tapped at a desk, for the one who waits there: each given once, for ten seconds.

In memory alone: a tap that a restart loses is tapped again, and no card lies in the store.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LIFETIME_S = 10.0
LONGEST_S = 20
WAITERS = 12
"""Each holds a thread of the API's forty."""
_KEPT = 4
_DESKS = 64
_KEYS_S = 600.0
_KEYS = 4096


class OtherTapError(Exception):
    """The key was used for another tap."""


class TooManyError(Exception):
    """There is no room for another one who waits, or for another desk."""


class Taps:
    """Taps by desk; ``now_s`` is a clock that never goes back."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._came: dict[str, deque[tuple[float, str]]] = {}
        self._keys: dict[str, tuple[float, str, str]] = {}
        self._changed = threading.Condition()
        self._room = threading.BoundedSemaphore(WAITERS)

    def put(self, desk: str, card: str, key: str | None = None) -> bool:
        """A card was tapped; the oldest of more than a few is dropped.

        False when it came before under this key: its sender had no answer.
        """
        with self._changed:
            self._forget()
            if key in self._keys:
                if self._keys[key][1:] != (desk, card):
                    raise OtherTapError
                return False
            if desk not in self._came and len(self._came) >= _DESKS:
                raise TooManyError
            self._came.setdefault(desk, deque(maxlen=_KEPT)).append((self._now_s(), card))
            if key is not None:
                self._keys[key] = (self._now_s(), desk, card)
            self._changed.notify_all()
            return True

    def take(self, desk: str, wait_s: float) -> str | None:
        """The oldest tap that is still good, waited for so long; None when there is none."""
        with self._changed:
            found = self._pop(desk)
        if found is not None or wait_s <= 0:
            return found
        with self._waiting(), self._changed:
            ends_s = self._now_s() + wait_s
            while (found := self._pop(desk)) is None:
                left_s = ends_s - self._now_s()
                if left_s <= 0 or not self._changed.wait(left_s):
                    return self._pop(desk)
            return found

    def _pop(self, desk: str) -> str | None:
        self._forget()
        came = self._came.get(desk)
        return came.popleft()[1] if came else None

    def _forget(self) -> None:
        oldest_s = self._now_s() - LIFETIME_S
        for desk, came in list(self._came.items()):
            while came and came[0][0] <= oldest_s:
                came.popleft()
            if not came:
                del self._came[desk]
        long_ago_s = self._now_s() - _KEYS_S
        while self._keys:
            oldest = next(iter(self._keys))
            if self._keys[oldest][0] > long_ago_s and len(self._keys) < _KEYS:
                break
            del self._keys[oldest]

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise TooManyError
        try:
            yield
        finally:
            self._room.release()
