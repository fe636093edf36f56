"""What happened to a matter, newest first."""

from collections.abc import Sequence

from kiosk.common.hub import HubPort
from kiosk.common.matters import short_time
from kiosk.common.page import Page
from kiosk.common.rows import Row, plain, wrapped
from kiosk.desk.acts import FORMS
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import Happened, History
from kiosk.words import mark as _

MOST = 200
NAMED = ("committee", "property", "owners", "office")
BY_ITSELF = {
    "receive": _("taken"), "assign": _("given to"), "escalate": _("to the meeting by the clock"),
    "decide": _("decided by minutes"), "join": _("another one joined"),
    "unwatch": _("watch ended by minutes"),
}  # fmt: skip


class HistoryPage(Page):
    """Events are never changed."""

    def __init__(self, desk: Desk, matter: int, text: str = "") -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._text = text
        self._matter = matter
        self._events: tuple[Happened, ...] = ()
        self._start = 0
        self._room = 1
        self._count = 0
        """Of all its lines, as they were painted last."""

    def opened(self) -> None:
        path = f"/matters/{self._matter}/events"
        self.ask(lambda port: _all(port, path), self._came)

    def title(self) -> str:
        return self.t("Matter #{number}: what happened").format(number=self._matter)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        self._room = height
        lines = [line for one in self._events for line in self._lines(one, width)]
        self._count = len(lines)
        return [plain(line, width) for line in lines[self._start : self._start + height]]

    def keys(self) -> tuple[str, ...]:
        return (self.t("+ − turn the page   Esc back"),)

    def press(self, key: str) -> None:
        if key == "+" and self._start + self._room < self._count:
            self._start += self._room
        elif key == "-":
            self._start = max(0, self._start - self._room)
        else:
            super().press(key)

    def _came(self, events: list[Happened]) -> None:
        self._events = tuple(reversed(events))

    def _lines(self, one: Happened, width: int) -> list[str]:
        form = FORMS.get(one.act)
        act = self.t(form.words if form else BY_ITSELF.get(one.act, one.act))
        who = self._desk.side(one.body)
        if one.body in NAMED:
            who += f" {one.actor_name}"
        said = self._text if one.act == "receive" else one.said
        return wrapped(f"{short_time(one.at)}  {act}  {who}  {said}", width - 2)


def _all(port: HubPort, path: str) -> list[Happened]:
    found: list[Happened] = []
    after: str | None = None
    while len(found) < MOST:
        page = History.model_validate(port.get(path, {"after": after, "limit": 100}).body)
        found += page.items
        if page.next is None:
            break
        after = page.next
    return found
