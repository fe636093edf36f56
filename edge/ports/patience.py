"""Whom to ask on a line: one lost answer is no death, but the dead cost everybody time."""

DEAD_AFTER = 3
"""Answers lost in a row by one that has answered; who never did is dead at once."""
DEAD_RETRY_MS = 7000


class Patience:
    """One line; devices are named by their address."""

    def __init__(self) -> None:
        self._missed: dict[int | str, int] = {}
        self._retry_at_ms: dict[int | str, int] = {}

    def due(self, who: int | str, up_ms: int) -> bool:
        """Whether to ask it in this sweep."""
        return up_ms >= self._retry_at_ms.get(who, 0)

    def answered(self, who: int | str) -> None:
        """It lives."""
        self._missed[who] = 0
        self._retry_at_ms.pop(who, None)

    def missed(self, who: int | str, up_ms: int) -> bool:
        """An answer was lost; True if it is dead by now, and asked only now and then."""
        self._missed[who] = self._missed.get(who, DEAD_AFTER) + 1
        if self._missed[who] < DEAD_AFTER:
            return False
        self._retry_at_ms[who] = up_ms + DEAD_RETRY_MS
        return True
