"""The supervisor's screen: rows from the board onto fixed lines, nothing over anything."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import ModalScreen, Screen
from textual.widgets import Digits

from kiosk.common.lines import Lines
from kiosk.common.rows import Row, Span, fit
from kiosk.common.styles import Painter
from kiosk.point import notices, rows
from kiosk.point.board import Board
from kiosk.point.dialogs import page
from kiosk.point.sentences import door_of, sentence
from kiosk.words import Translate

ABOVE = ("top", "notice")
BELOW = ("count", "visits", "judged", "bins", "message", "keys")
FIXED_ROWS = 11
"""Rows that are neither the list nor the bins; as in screen.tcss."""
LISTED_MARGIN = 4
"""Rows of the confirmation that are not visits: question, gap, two of keys."""


class PointScreen(Screen[None], inherit_bindings=False):
    """Top line, notice, door, list, judged, bins, message, keys."""

    ALLOW_SELECT = False

    def __init__(self, title: str, painter: Painter, t: Translate) -> None:
        super().__init__()
        self._point_title = title
        self._t = t
        names = ("words", "details", *ABOVE, *BELOW)
        self._lines = {name: Lines(painter, name) for name in names}
        self._digits = Digits(id="digits")

    def compose(self) -> ComposeResult:
        yield from (self._lines[name] for name in ABOVE)
        yield Horizontal(self._digits, self._lines["words"], self._lines["details"], id="door")
        yield from (self._lines[name] for name in BELOW)

    def paint(self, board: Board, now_ms: int, unreadable: int) -> None:
        """Shows the board; called after every key, every message and every tick."""
        t, width = self._t, self.size.width
        bins = rows.bin_rows(board, width, t)
        height = max(1, self.size.height - FIXED_ROWS - len(bins))
        room = height * max(1, width // rows.VISIT_WIDTH)
        message = fit(f" {sentence(board.prompt, t)}", width)
        lines: dict[str, Sequence[Row]] = {
            "top": [rows.top_row(board, self._point_title, now_ms, width, t)],
            "notice": [notices.notice_row(board, now_ms, unreadable, width, t)],
            "count": [rows.count_row(board, width, room, t)],
            "visits": rows.visit_rows(board, width, height, t),
            "judged": rows.judged_rows(board, width, 2, t),
            "bins": bins,
            "message": [(Span(message, "message"),)],
            "keys": notices.key_rows(board, width, t),
        }
        for name, shown in lines.items():
            self._lines[name].show(shown)
        self._paint_door(board)

    def _paint_door(self, board: Board) -> None:
        target = board.target
        large = rows.large(target.door) if target and target.card == "known" else None
        digits, words = self._digits, self._lines["words"]
        digits.display, words.display = large is not None, large is None
        if large is not None and digits.value != large:
            digits.update(large)
        words.show([(Span(door_of(target, self._t)),)])
        details = rows.detail_rows(board, self._t)
        self._lines["details"].show([(Span(line),) for line in details])


class AllScreen(ModalScreen[None], inherit_bindings=False):
    """The visits that the second Enter accepts, and no others."""

    ALLOW_SELECT = False

    def __init__(self, board: Board, painter: Painter, t: Translate) -> None:
        super().__init__()
        self._board = board
        self._painter = painter
        self._t = t

    def compose(self) -> ComposeResult:
        for name in ("ask", "listed", "keys"):
            yield Lines(self._painter, name)

    def on_resize(self) -> None:
        board, width, t = self._board, self.size.width, self._t
        height = max(1, self.size.height - LISTED_MARGIN)
        ask = fit(f" {sentence(board.prompt, t)}", width)
        self.query_one("#ask", Lines).show([(Span(ask, "message"),)])
        self.query_one("#listed", Lines).show(rows.listed_rows(board, width, height, t))
        self.query_one("#keys", Lines).show(notices.key_rows(board, width, t))


class DialogScreen(ModalScreen[None], inherit_bindings=False):
    """An open dialog, whole: nothing of the list shows beside it."""

    ALLOW_SELECT = False

    def __init__(self, painter: Painter, t: Translate) -> None:
        super().__init__()
        self._t = t
        self._lines = {name: Lines(painter, name) for name in ("top", "ask", "body", "keys")}
        self._digits = Digits(id="typed")
        self._message = Lines(painter, "message")

    def compose(self) -> ComposeResult:
        yield from (self._lines["top"], self._lines["ask"], self._digits, self._lines["body"])
        yield from (self._message, self._lines["keys"])

    def paint(self, board: Board, title: str, now_ms: int) -> None:
        """Shows the dialog of the board; called like the list's."""
        dialog, t, width = board.dialog, self._t, self.size.width
        if dialog is None:
            return
        ask = f" {page.title(dialog, t)}"
        body = page.lines(board, dialog, t)
        keys = [*page.keys(board, dialog, t), ""][:2]
        message = sentence(board.prompt, t)
        waiting = rows.count_row(board, width, len(board.visits), t)
        self._lines["top"].show([rows.top_row(board, title, now_ms, width, t), waiting])
        self._lines["ask"].show([(Span(fit(ask, width), "arrow"),)])
        self._lines["body"].show([(Span(fit(f" {line}", width)),) for line in body])
        self._message.show([(Span(fit(f" {message}", width), "message"),)])
        self._lines["keys"].show([(Span(fit(f" {key}", width), "keys"),) for key in keys])
        typed = page.large(dialog)
        self._digits.display = bool(typed)
        if self._digits.value != typed:
            self._digits.update(typed)


def room_for(width: int, height: int) -> int:
    """How many visits the confirmation can show."""
    return max(1, width // rows.VISIT_WIDTH) * max(1, height - LISTED_MARGIN)
