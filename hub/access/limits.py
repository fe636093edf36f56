"""How often a password may be tried."""

import threading
from collections import OrderedDict, deque

ATTEMPTS = 5
WINDOW_MS = 60_000
REMEMBERED = 10_000


class LoginLimit:
    """Failed attempts of the last minute by user name; a right password clears them."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[int]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_ms(self, user: str, now_ms: int) -> int:
        """0 when one more attempt may be made, else how long to wait."""
        with self._lock:
            failed = self._failed.get(user, deque())
            while failed and failed[0] <= now_ms - WINDOW_MS:
                failed.popleft()
            return failed[0] + WINDOW_MS - now_ms if len(failed) >= ATTEMPTS else 0

    def failed(self, user: str, now_ms: int) -> None:
        """A wrong password."""
        with self._lock:
            self._failed.setdefault(user, deque(maxlen=ATTEMPTS)).append(now_ms)
            self._failed.move_to_end(user)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def passed(self, user: str) -> None:
        """A right one."""
        with self._lock:
            self._failed.pop(user, None)
