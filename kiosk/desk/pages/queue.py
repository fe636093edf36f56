"""Lists of matters: pages of nine, one key to open, one key to the next list."""

from collections.abc import Sequence

from kiosk.common.hub import HubError, HubPort
from kiosk.common.page import Field, Page, chosen
from kiosk.common.rows import Row, number_in, plain
from kiosk.desk import shapes
from kiosk.desk.desk import Desk
from kiosk.desk.lines import list_rows
from kiosk.desk.pages.matter import MatterPage
from kiosk.words import mark as _

SHOWN = 9
TAKEN = 90
"""Fetched at once, so that a key that turns the page waits for nobody."""
NAMES = {
    "open": _("all open matters"), "mine": _("mine"), "unclear": _("to be settled"),
    "watch": _("watch list"), "call_back": _("to call back"), "due": _("due or late"),
    "to_verify": _("to be checked"), "to_confer": _("for the meeting"), "all": _("all matters"),
}  # fmt: skip


class QueuePage(Page):
    """What waits."""

    def __init__(self, desk: Desk, queue: str, *, searching: bool = False) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._queue = queue
        self._text = ""
        self._asking = searching
        self._found: list[shapes.Row] = []
        self._next: str | None = None
        self._start = 0
        self._known = False
        self._under_way = False

    def opened(self) -> None:
        if not self._asking:
            self._fetch(None)

    def title(self) -> str:
        name = self.t(NAMES[self._queue])
        if self._text:
            name += f"  / {self._text}"
        last = min(self._start + SHOWN, len(self._found))
        more = "+" if self._next else ""
        return f"{name}   {self._start + 1 if self._found else 0}–{last} / {len(self._found)}{more}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = list(list_rows(self._desk, self._shown(), width, height))
        if self._known and not shown:
            shown.append(plain(self.t("Nothing waits here"), width, "accepted"))
        return shown

    def keys(self) -> tuple[str, ...]:
        if self._asking:
            return (self.t("Enter find   Esc back"),)
        return (
            self.t("1 to 9 open   + − turn the page   / find   Esc back"),
            self.t("Tab next list: due, to be checked, for the meeting …"),
        )

    def field(self) -> Field | None:
        if not self._asking:
            return None
        return Field("search", self.t("Words of the matter, or its number"), limit=40)

    def entered(self, text: str) -> None:
        number = number_in(text)
        if number is not None:
            self._asking = False
            self.shell.open(MatterPage(self._desk, number))
            return
        self._text, self._asking = text, False
        self._load()

    def press(self, key: str) -> None:
        place = chosen(key, len(self._shown()))
        if place is not None:
            self.shell.open(MatterPage(self._desk, self._shown()[place].matter))
        elif key in ("+", "down"):
            self._turn(SHOWN)
        elif key in ("-", "up"):
            self._turn(-SHOWN)
        elif key == "/":
            self._asking = True
        elif key == "tab":
            names = list(NAMES)
            self._queue = names[(names.index(self._queue) + 1) % len(names)]
            self._load()
        elif key == "escape" and self._asking and self._known:
            self._asking = False
        else:
            super().press(key)

    def _shown(self) -> list[shapes.Row]:
        return self._found[self._start : self._start + SHOWN]

    def _turn(self, by: int) -> None:
        if 0 <= self._start + by < len(self._found):
            self._start += by
        if self._next and self._start + 3 * SHOWN > len(self._found) and not self._under_way:
            self._fetch(self._next)

    def _load(self) -> None:
        self._found, self._next, self._start, self._known = [], None, 0, False
        self._fetch(None)

    def _fetch(self, after: str | None) -> None:
        self._under_way = True
        asked = (self._queue, self._text)
        params = {
            "queue": self._queue, "text": self._text or None, "after": after, "limit": TAKEN,
            "person": self._desk.acting if self._queue == "mine" else None,
        }  # fmt: skip

        def came(page: shapes.MatterPage) -> None:
            self._under_way = False
            if asked == (self._queue, self._text):
                self._found = [*(self._found if after else ()), *page.items]
                self._next, self._known = page.next, True
                self._start = min(self._start, max(0, len(self._found) - 1) // SHOWN * SHOWN)

        def failed(error: HubError) -> None:
            self._under_way = False
            self.shell.refused(error)

        def job(port: HubPort) -> shapes.MatterPage:
            return shapes.MatterPage.model_validate(port.get("/matters", params).body)

        self.ask(job, came, failed)
