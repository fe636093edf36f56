"""A real terminal: tmux on a socket of its own."""

import subprocess
import time
import uuid
from collections.abc import Callable, Sequence

from tests.programs import PATIENCE_S

KEY_APART_S = 0.3
"""Faster than this the terminal takes a second press for a bounce."""


class Pane:
    def __init__(self, command: Sequence[str], columns: int, rows: int) -> None:
        self._socket = f"lianxin-{uuid.uuid4().hex[:12]}"
        size = ("-x", str(columns), "-y", str(rows))
        environment = ("-e", "TERM=tmux-256color", "-e", "LC_ALL=C.UTF-8")
        self._tmux("-f", "/dev/null", "-u", "new-session", "-d", *size, *environment, *command)
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self._last_key = 0.0

    def text(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "0")

    def sees(self, *words: str, seconds: float = PATIENCE_S) -> str:
        self._until(lambda: all(word in self.text() for word in words), words, seconds)
        return self.text()

    def sees_not(self, word: str) -> None:
        self._until(lambda: word not in self.text(), f"without {word}", PATIENCE_S)

    def keys(self, *names: str) -> None:
        """At a person's pace."""
        for name in names:
            time.sleep(max(0.0, self._last_key + KEY_APART_S - time.monotonic()))
            self._tmux("send-keys", "-t", "0", name)
            self._last_key = time.monotonic()

    def alive(self) -> bool:
        return self._tmux("list-panes", "-F", "#{pane_dead}").strip() == "0"

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], check=False, timeout=10)

    def _until(self, condition: Callable[[], object], what: object, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not seen: {what}\n{self.text()}"
            time.sleep(0.05)

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *arguments],
            check=True, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return done.stdout
