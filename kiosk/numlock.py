"""The keypad's 5 with NumLock off, which the screen library knows of and drops.

A terminal sends CSI E or SS3 E for it (xterm's KP_Begin); the library's table has the first as
"to be ignored" and the second not at all. Every other key of the pad it names by itself.
"""

from typing import Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

KP_BEGIN = ("\x1b[E", "\x1bOE")


def teach() -> None:
    """Both sequences act as the digit; call once before the terminal is read."""
    table = cast("dict[str, Any]", ANSI_SEQUENCES_KEYS)
    table.update(dict.fromkeys(KP_BEGIN, "5"))
