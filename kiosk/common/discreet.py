"""A Textual application whose crash tells where it broke and nothing of anybody."""

import sys
import traceback
from pathlib import Path

import typer
from rich.text import Text
from textual.app import App

_OWN_DEPTH = 2
_LIBRARIES = frozenset({"textual", "asyncio"})
"""By name: where everything is installed, our own code stands in site-packages too."""


class DiscreetApp(App[None], inherit_bindings=False):
    """The library's own report prints every variable: cards, names, passwords."""

    def _fatal_error(self) -> None:
        kind, _error, trace = sys.exc_info()
        own = [
            frame
            for frame in traceback.extract_tb(trace)
            if _LIBRARIES.isdisjoint(Path(frame.filename).parts)
        ]
        lines = [f"{_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in own]
        name = kind.__name__ if kind else "unknown error"
        self._exit_renderables.append(Text("\n".join([*lines, name]), overflow="fold"))
        self._close_messages_no_wait()

    def go(self) -> None:
        """Run to the end; a crash ends the process with status 1, so that the unit notes it."""
        self.run(mouse=False)
        if self.return_code:
            raise typer.Exit(self.return_code)


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-_OWN_DEPTH:])
