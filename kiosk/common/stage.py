"""The one screen of a terminal: fixed lines, a list, a field; nothing ever over anything."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Digits, Input, TextArea

from kiosk.common.lines import Lines
from kiosk.common.page import Field, Page
from kiosk.common.rows import Row, Span, fit
from kiosk.common.styles import Painter

NAMES = ("top", "title", "body", "label", "message", "keys")
FIXED_ROWS = 6
"""Top, title, message, keys; as in stage.tcss."""
LARGE_ROWS = 3
LONG_ROWS = 4


class Entry(Input):
    """One row of text. Enter is heard at once, so that the next key meets the next field."""

    async def _on_key(self, event: Key) -> None:
        if not _stage_of(self).takes(self, event):
            await super()._on_key(event)


class Long(TextArea):
    """Several rows of text; Enter is the end of it, as in every other field."""

    async def _on_key(self, event: Key) -> None:
        if not _stage_of(self).takes(self, event):
            await super()._on_key(event)


class Stage(Screen[None], inherit_bindings=False):
    """Paints pages. One field, or none."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def __init__(self, painter: Painter, entered: Callable[[], None]) -> None:
        super().__init__()
        self._entered = entered
        self._lines = {name: Lines(painter, name) for name in NAMES}
        self._large = Digits(id="large")
        self._entry = Entry(id="entry", compact=True, select_on_focus=False)
        self._long = Long(
            id="long", soft_wrap=True, tab_behavior="focus", compact=True,
            highlight_cursor_line=False,
        )  # fmt: skip
        self._asked: tuple[Page, str] | None = None
        self._message: tuple[str, str] = ("", "message")

    def compose(self) -> ComposeResult:
        lines = self._lines
        yield from (lines["top"], lines["title"], self._large, lines["body"], lines["label"])
        yield from (self._entry, self._long, lines["message"], lines["keys"])

    def on_mount(self) -> None:
        self._begin(None)

    def say(self, text: str, style: str = "message") -> None:
        """What the message line shows from the next painting on."""
        self._message = (text, style)

    def text(self) -> str:
        """What the field holds."""
        return self._long.text if self._long.display else self._entry.value

    def pass_on(self, event: Key) -> None:
        """To the field, as if it had been there when the key was pressed."""
        if self.focused is not None:
            self.focused.post_message(Key(event.key, event.character))

    def leaves(self, key: str) -> bool:
        """Whether a key means the page although a field is open."""
        if key == "up":
            return not self._long.display or self._long.cursor_location[0] == 0
        return key in ("escape", "tab") or (key[:1] == "f" and key[1:].isdigit())

    def asks(self, page: Page, widget: Input | TextArea) -> bool:
        """Whether this widget is the field of this page now."""
        field = page.field()
        shown = self._long if field is not None and field.long else self._entry
        return field is not None and widget is shown and self._asked == (page, field.name)

    def takes(self, widget: Input | TextArea, event: Key) -> bool:
        """Enter, and keys that were under way to a field which is no longer asked for."""
        late = self.focused is not widget
        if not late and event.key not in ("enter", "ctrl+j"):
            return False
        event.stop()
        event.prevent_default()
        if late:
            self.app.post_message(Key(event.key, event.character))
        else:
            self._entered()
        return True

    def paint(self, page: Page, top: list[Row]) -> None:
        """Shows the page; called after every key, answer and tick."""
        width, height = self.size
        if width < 1:
            return
        field = page.field()
        self._ask(page, field, width)
        large = page.large()
        self._large.display = bool(large)
        if self._large.value != large:
            self._large.update(large)
        used = FIXED_ROWS + (LARGE_ROWS if large else 0) + _rows_of(field)
        room = max(1, height - used)
        said, style = self._message
        keys = (*page.keys(), "", "")[:2]
        shown: dict[str, list[Row]] = {
            "top": top,
            "title": [(Span(fit(f" {page.title()}", width), "arrow"),)],
            "body": list(page.rows(width, room))[:room],
            "message": [(Span(fit(f" {said}", width), style if said else ""),)],
            "keys": [(Span(fit(f" {line}", width), "keys"),) for line in keys],
        }
        for name, rows in shown.items():
            self._lines[name].show(rows)

    def _ask(self, page: Page, field: Field | None, width: int) -> None:
        asked = None if field is None else (page, field.name)
        if asked != self._asked:
            self._asked = asked
            self._begin(field)
        self._lines["label"].display = field is not None
        if field is not None:
            label = fit(f" {field.label}", width)
            self._lines["label"].show([(Span(label, "head"),)])

    def _begin(self, field: Field | None) -> None:
        long = field is not None and field.long
        self._entry.display = field is not None and not long
        self._long.display = long
        if field is None:
            self.set_focus(None)
        elif long:
            self._long.load_text(field.value)
            self._long.move_cursor(self._long.document.end)
            self.set_focus(self._long)
        else:
            self._entry.password = field.secret
            self._entry.value = field.value
            self._entry.cursor_position = len(field.value)
            self.set_focus(self._entry)


def _stage_of(widget: Input | TextArea) -> Stage:
    stage = widget.screen
    assert isinstance(stage, Stage)  # noqa: S101 - for the type checker
    return stage


def _rows_of(field: Field | None) -> int:
    if field is None:
        return 0
    return 1 + (LONG_ROWS if field.long else 1)
