"""How often, and how many at once, passwords may be tried."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

ATTEMPTS = 5
WINDOW_MS = 60_000
REMEMBERED = 10_000
AT_ONCE = 2
"""Each verification takes 64 MB and a core for a while."""
ROOM = 8
"""Waiting ones hold a thread of the API each; more are sent away."""

Who = tuple[str, str]
"""User name and peer address: a stranger elsewhere locks nobody out."""


class LoginLimit:
    """Attempts of the last minute; a right password clears them."""

    def __init__(self) -> None:
        self._tried: OrderedDict[Who, deque[int]] = OrderedDict()
        self._lock = threading.Lock()
        self._verifying = threading.BoundedSemaphore(AT_ONCE)
        self._room = threading.BoundedSemaphore(ROOM)

    def attempt(self, who: Who, now_ms: int) -> int:
        """0 and one attempt more when it may be made, else how long to wait in ms.

        Counted before the password is looked at: many at once are not one.
        """
        with self._lock:
            tried = self._tried.setdefault(who, deque())
            self._tried.move_to_end(who)
            while len(self._tried) > REMEMBERED:
                self._tried.popitem(last=False)
            while tried and tried[0] <= now_ms - WINDOW_MS:
                tried.popleft()
            if len(tried) >= ATTEMPTS:
                return tried[0] + WINDOW_MS - now_ms
            tried.append(now_ms)
            return 0

    @contextmanager
    def room(self) -> Iterator[bool]:
        """Whether there is room to wait for a verification."""
        entered = self._room.acquire(blocking=False)
        try:
            yield entered
        finally:
            if entered:
                self._room.release()

    @contextmanager
    def verifying(self) -> Iterator[None]:
        """One of the few verifications at once."""
        with self._verifying:
            yield

    def passed(self, who: Who) -> None:
        """A right one."""
        with self._lock:
            self._tried.pop(who, None)
