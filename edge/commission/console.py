"""The technician at the terminal: lines out, short words in, and nobody waits for a key."""

import os
import select
import sys
from typing import Protocol

import typer


class StoppedError(Exception):
    """The technician wants to stop; what was measured is kept."""


class Console(Protocol):
    """What a session needs of a terminal."""

    def say(self, line: str) -> None: ...

    def typed(self) -> str | None:
        """A line that was entered meanwhile, without waiting; raises StoppedError."""

    def ask(self, question: str, answers: str) -> str:
        """Waits for one of these letters; raises StoppedError."""


class Terminal:
    """Standard input and output. Lines are read from the descriptor, for select knows no buffer."""

    def __init__(self) -> None:
        self._pending = b""
        self._lines: list[str] = []

    def say(self, line: str) -> None:
        """At once, also through a pipe."""
        typer.echo(line)
        sys.stdout.flush()

    def typed(self) -> str | None:
        """None while no line is whole."""
        if not self._lines and select.select([sys.stdin], [], [], 0)[0]:
            self._read()
        return self._lines.pop(0) if self._lines else None

    def ask(self, question: str, answers: str) -> str:
        """Enter alone is the first answer when that is a blank."""
        self._lines.clear()
        while True:
            self.say(question)
            while not self._lines:
                self._read()
            word = (self._lines.pop(0).strip().lower() or " ")[:1]
            if word in answers:
                return word
            if word == "q":
                raise StoppedError

    def _read(self) -> None:
        data = os.read(sys.stdin.fileno(), 1024)
        if not data:
            raise StoppedError
        *lines, self._pending = (self._pending + data).split(b"\n")
        self._lines += [line.decode("utf-8", "replace").strip().lower() for line in lines]
