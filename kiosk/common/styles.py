"""Colours by day and by night. Every colour stands beside a word that says the same."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from textual.color import Color
from textual.content import Content
from textual.style import Style
from textual.theme import Theme

from kiosk.common.rows import Row

ThemeName = Literal["day", "night", "dim"]
THEMES: Mapping[ThemeName, Theme] = MappingProxyType({
    "day": Theme("day", "#000000", background="#ffffff", foreground="#000000", dark=False),
    "night": Theme("night", "#ffffff", background="#000000", foreground="#e8e8e8", dark=True),
    "dim": Theme("dim", "#707070", background="#000000", foreground="#707070", dark=True),
})  # fmt: skip
UNKNOWN_CATEGORY = "#6b6b6b"

_BLACK, _WHITE = Color.parse("#000000"), Color.parse("#ffffff")


def _style(foreground: str, background: str = "", *, bold: bool = False) -> Style:
    return Style(
        foreground=Color.parse(foreground),
        background=Color.parse(background) if background else Color(0, 0, 0, 0),
        bold=bold,
    )


_DAY: Mapping[str, Style] = MappingProxyType({
    "top": _style("#ffffff", "#000000", bold=True),
    "away": _style("#ffffff", "#b00020", bold=True),
    "notice": _style("#b00020", bold=True),
    "head": _style("#000000", "#dddddd", bold=True),
    "arrow": _style("#ffffff", "#000000", bold=True),
    "waits": _style("#5f5f5f"),
    "accepted": _style("#0b6b2b"),
    "corrected": _style("#0b6b2b"),
    "rejected": _style("#b00020"),
    "unclear": _style("#6b4e00"),
    "fault": _style("#b00020", bold=True),
    "message": _style("#000000", "#ffe9a8", bold=True),
    "keys": _style("#000000", "#eeeeee"),
})  # fmt: skip
_NIGHT: Mapping[str, Style] = MappingProxyType({
    "top": _style("#000000", "#e8e8e8", bold=True),
    "away": _style("#ffffff", "#b00020", bold=True),
    "notice": _style("#ff8080", bold=True),
    "head": _style("#ffffff", "#303030", bold=True),
    "arrow": _style("#000000", "#ffffff", bold=True),
    "waits": _style("#9a9a9a"),
    "accepted": _style("#6fdc8c"),
    "corrected": _style("#6fdc8c"),
    "rejected": _style("#ff8080"),
    "unclear": _style("#f1c21b"),
    "fault": _style("#ff8080", bold=True),
    "message": _style("#ffffff", "#4a3b00", bold=True),
    "keys": _style("#e8e8e8", "#202020"),
})  # fmt: skip


_DIM: Mapping[str, Style] = MappingProxyType({
    **dict.fromkeys(_NIGHT, _style("#707070")),
    "away": _style("#000000", "#803030", bold=True),
    "notice": _style("#a05050", bold=True),
})  # fmt: skip
_SETS: Mapping[str, Mapping[str, Style]] = MappingProxyType(
    {"day": _DAY, "night": _NIGHT, "dim": _DIM}
)


class Painter:
    """Rows to coloured text; the palette gives each category its colour."""

    def __init__(self, theme: ThemeName, palette: Mapping[str, str]) -> None:
        self._palette = palette
        self.use(theme)

    def use(self, theme: ThemeName) -> None:
        """Another set of colours; what is painted next has them."""
        self.theme = theme
        self._styles = _SETS[theme]

    def text(self, lines: Sequence[Row]) -> Content:
        """The rows, one below the other."""
        return Content("\n").join(
            Content.assemble(*((span.text, self._of(span.style)) for span in row)) for row in lines
        )

    def _of(self, name: str) -> Style:
        if name.startswith("bin:"):
            colour = Color.parse(self._palette.get(name[4:], UNKNOWN_CATEGORY))
            colour = colour.darken(0.3) if self.theme == "dim" else colour
            ink = _BLACK if colour.brightness > 0.5 else _WHITE
            return Style(background=colour, foreground=ink, bold=True)
        return self._styles.get(name, Style())
