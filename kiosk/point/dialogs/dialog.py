"""An open dialog and what was typed into it. Pure."""

from dataclasses import dataclass
from typing import Literal

DialogName = Literal[
    "menu", "report", "bin", "hand_over", "summary", "broadcast", "devices", "manual", "check_in",
    "rejudge", "opening",
]  # fmt: skip
LAPSES_MS = 60_000
"""A dialog that nobody touches gives the list back."""


@dataclass(frozen=True)
class Dialog:
    """``stage`` counts the questions answered, ``text`` is being typed, ``chosen`` was chosen."""

    name: DialogName
    touched_ms: int
    stage: int = 0
    text: str = ""
    chosen: str = ""
    page: int = 0
    listed: tuple[str, ...] = ()
    known: bool = True
