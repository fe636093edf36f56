"""The seventeen keys of a numeric keypad, as a terminal names them in both NumLock states.

Names are those of the screen library; with NumLock off a terminal sends cursor names for digits.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from wire.facts import RejectReason, VerdictValue

Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "+", "-", "*", "/", "enter"]

REPEAT_MS = 250
"""A key that bounces or is held repeats faster than this; a person does not."""
TYPING_MS = 60
"""Where digits are typed and seen, 11 may come fast; a bounce is faster."""
HELD_MS = 1000
"""A held key's first repetition comes within this (wlroots: 600 ms)."""
DECIDE_MS = 130
"""Longer than the pause between repetitions, 92 ms at the slowest (Linux console)."""

# Some terminals send a line feed for the keypad's Enter: ctrl+j.
_SIGNS: dict[str, Key] = {
    "full_stop": ".", "decimal": ".", "delete": ".", "separator": ".", "comma": ".",
    "plus": "+", "add": "+",
    "minus": "-", "subtract": "-",
    "asterisk": "*", "multiply": "*",
    "slash": "/", "divide": "/",
    "enter": "enter", "ctrl+j": "enter",
}  # fmt: skip
_NUMLOCK_OFF: dict[str, Key] = {
    "insert": "0", "end": "1", "down": "2", "pagedown": "3", "left": "4",
    "kp_begin": "5", "right": "6", "home": "7", "up": "8", "pageup": "9",
}  # fmt: skip
DIGITS: tuple[Key, ...] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
VERDICTS: Mapping[Key, VerdictValue] = MappingProxyType(
    {"1": "accepted", "3": "unclear", "4": "corrected"}
)
REASONS: Mapping[Key, RejectReason] = MappingProxyType(
    {"1": "mixed", "2": "unbroken_bag", "3": "wrong_bin", "4": "other"}
)
KEYS: Mapping[str, Key] = MappingProxyType(
    {**_SIGNS, **_NUMLOCK_OFF, **{digit: digit for digit in DIGITS}}
)


def key_of(name: str) -> Key | None:
    """The keypad key behind a terminal's key name; None for every other key."""
    return KEYS.get(name)


def counts(now_ms: int, last_ms: int | None, apart_ms: int = REPEAT_MS) -> bool:
    """Whether a press is a new one, ``last_ms`` being when the same key was last seen."""
    return last_ms is None or now_ms - last_ms >= apart_ms
