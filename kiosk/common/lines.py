"""A widget of rows: what the same rows show is not painted again."""

from collections.abc import Sequence

from textual.widgets import Static

from kiosk.common import rows
from kiosk.common.styles import Painter


class Lines(Static):
    """Rows of text; painting the same again costs nothing."""

    def __init__(self, painter: Painter, name: str) -> None:
        super().__init__(id=name)
        self._painter = painter
        self._shown: tuple[str, tuple[rows.Row, ...]] = ("", ())

    def show(self, lines: Sequence[rows.Row]) -> None:
        """Replaces what is shown, if it or the colours differ."""
        shown = (self._painter.theme, tuple(lines))
        if shown != self._shown:
            self._shown = shown
            self.update(self._painter.text(shown[1]))
