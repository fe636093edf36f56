"""Rows of styled text, by cell width. Pure: no screen library but its ruler.

A row never wraps and never depends on a widget under it: wide characters survive only so.
"""

import re
import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from wire.day import local_time


@dataclass(frozen=True)
class Span:
    """Text in one style: a word the style sheet or the palette knows."""

    text: str
    style: str = ""


Row = tuple[Span, ...]


def fit(text: str, width: int) -> str:
    """Exactly ``width`` cells: cut with an ellipsis, or padded; a line end would move the rows."""
    text = text.replace("\n", " ")
    if cell_len(text) > width > 0:
        return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"
    return set_cell_size(text, max(width, 0))


def spread(left: str, right: str, width: int) -> str:
    """Both ends of a line, the right one whole."""
    gap = width - cell_len(right)
    return fit(left, gap) + right if gap > 0 else fit(right, width)


def clock(utc_ms: int | None, pattern: str = "%H:%M") -> str:
    """Time of day in Shanghai."""
    return local_time(utc_ms).strftime(pattern) if utc_ms is not None else "--:--"


def wrapped(text: str, width: int) -> list[str]:
    """The text in pieces of at most ``width`` cells; its own line ends stay, nothing is lost."""
    pieces: list[str] = []
    for line in text.split("\n"):
        piece, used = "", 0
        for letter in line:
            cells = cell_len(letter)
            if used + cells > width > 1 and piece:
                pieces.append(piece)
                piece, used = "", 0
            piece, used = piece + letter, used + cells
        pieces.append(piece)
    return pieces


def narrow(text: str) -> str:
    """Digits and letters as a keyboard has them: an input method's ``3-2`` and ``①`` too."""
    return unicodedata.normalize("NFKC", text)


def clean(text: str) -> str:
    """Without control characters, which a paste may bring; line ends stay."""
    letters = (letter if letter == "\n" or letter.isprintable() else " " for letter in text)
    return "".join(letters).strip()


def number_in(text: str) -> int | None:
    """Of a matter, with or without its sign."""
    found = re.fullmatch(r"#?([0-9]{1,15})", narrow(text).strip())
    return int(found[1]) if found else None


def plain(text: str, width: int, style: str = "") -> Row:
    """A row of one style, a cell of air before it."""
    return (Span(fit(f" {text}", width), style),)
