"""Who is logged in, at which desk. In memory: a restart asks everybody again."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

LASTS_MS = 8 * 3_600_000
MOST = 256


@dataclass(frozen=True)
class Session:
    """A browser at a desk until ``until_ms``."""

    desk: str
    until_ms: int


class Sessions:
    """Names nobody can guess."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._held: dict[str, Session] = {}

    def open(self, desk: str) -> str:
        """The cookie's value."""
        now_ms = self._now_ms()
        live = {name: one for name, one in self._held.items() if one.until_ms > now_ms}
        self._held = dict(list(live.items())[-MOST + 1 :])
        name = secrets.token_urlsafe(32)
        self._held[name] = Session(desk, now_ms + LASTS_MS)
        return name

    def desk_of(self, name: str | None) -> str | None:
        """The desk of a session that still holds."""
        held = self._held.get(name or "")
        return held.desk if held is not None and held.until_ms > self._now_ms() else None

    def close(self, name: str | None) -> None:
        """Logged out."""
        self._held.pop(name or "", None)
