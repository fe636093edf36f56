"""What happened to a matter, newest first."""

from collections.abc import Sequence

from kiosk.common.hub import HubPort
from kiosk.common.matters import short_time
from kiosk.common.page import Page
from kiosk.common.rows import Row, plain
from kiosk.desk.acts import FORMS
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import Happened, History

MOST = 200


class HistoryPage(Page):
    """Events are never changed."""

    def __init__(self, desk: Desk, matter: int) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._matter = matter
        self._events: tuple[Happened, ...] = ()
        self._start = 0
        self._room = 1

    def opened(self) -> None:
        path = f"/matters/{self._matter}/events"
        self.ask(lambda port: _all(port, path), self._came)

    def title(self) -> str:
        return self.t("Matter #{number}: what happened").format(number=self._matter)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        self._room = height
        shown = self._events[self._start : self._start + height]
        return [plain(self._line(one), width) for one in shown]

    def keys(self) -> tuple[str, ...]:
        return (self.t("+ − turn the page   Esc back"),)

    def press(self, key: str) -> None:
        if key == "+" and self._start + self._room < len(self._events):
            self._start += self._room
        elif key == "-":
            self._start = max(0, self._start - self._room)
        else:
            super().press(key)

    def _came(self, events: list[Happened]) -> None:
        self._events = tuple(reversed(events))

    def _line(self, one: Happened) -> str:
        form = FORMS.get(one.act)
        act = self.t(form.words) if form else one.act
        who = f"{self._desk.side(one.body)} {one.actor}"
        return f"{short_time(one.at)}  {act}  {who}  {one.reason}"


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
