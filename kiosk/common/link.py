"""What a terminal knows of its connection to the hub. Pure: time is an argument."""

from collections import deque

from kiosk.words import Translate

SLOW_MS = 2000
"""From then on it shows that the hub has not answered."""
LOOK_MS = 5000
"""Between two questions whether a hub that was away is back."""


class Link:
    """Questions are answered, or given up, in the order in which they were asked."""

    def __init__(self) -> None:
        self.online: bool | None = None
        self._waits: deque[int] = deque()
        self._looked_ms = 0

    def asked(self, now_ms: int) -> None:
        """One more question waits."""
        self._waits.append(now_ms)

    def heard(self, now_ms: int, *, online: bool) -> bool:
        """The oldest question has its answer; whether the hub was away and is back."""
        self._waits.popleft()
        before, self.online = self.online, online
        if not online and before is not False:
            self._looked_ms = now_ms
        return online and before is False

    def look(self, now_ms: int) -> bool:
        """Whether it is time to ask if the hub is back: nobody has to press a key for it."""
        due = self.online is False and not self._waits and now_ms - self._looked_ms >= LOOK_MS
        if due:
            self._looked_ms = now_ms
        return due

    def shown(self, now_ms: int, t: Translate) -> tuple[str, str]:
        """A sign or a few words, and the style of the line where they stand."""
        if self.online is False:
            return t("○ no connection"), "away"
        if self._waits and now_ms - self._waits[0] >= SLOW_MS:
            return t("… no answer from the hub yet"), "away"
        return ("●" if self.online else "○"), "top"
