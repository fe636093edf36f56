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


class TooManyError(Exception):
    """There is no room for another one who waits, or for another desk."""


class Taps:
    """Taps by desk; ``now_s`` is a clock that never goes back."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._came: dict[str, deque[tuple[float, str]]] = {}
        self._changed = threading.Condition()
        self._room = threading.BoundedSemaphore(WAITERS)

    def put(self, desk: str, card: str) -> None:
        """A card was tapped; the oldest of more than a few is dropped."""
        with self._changed:
            self._forget()
            if desk not in self._came and len(self._came) >= _DESKS:
                raise TooManyError
            self._came.setdefault(desk, deque(maxlen=_KEPT)).append((self._now_s(), card))
            self._changed.notify_all()

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

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise TooManyError
        try:
            yield
        finally:
            self._room.release()
