"""One matter: what it is, what happened, what can be done with it now."""

from collections.abc import Sequence

from kiosk.common.hub import HubPort
from kiosk.common.page import Page, chosen
from kiosk.common.rows import Row, Span, fit, plain
from kiosk.desk.acts import Form, possible
from kiosk.desk.desk import Desk
from kiosk.desk.lines import matter_rows
from kiosk.desk.pages.form import FormPage, Shown
from kiosk.desk.pages.history import HistoryPage
from kiosk.desk.pages.slip import SlipPage
from kiosk.desk.shapes import View

PER_PAGE = 9


class MatterPage(Page):
    """Opened from a list, by number, or after it was made."""

    def __init__(self, desk: Desk, matter: int) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._matter = matter
        self._shown: Shown | None = None
        self._start = 0
        self._fresh = False
        """Whether the menu is of what is shown: an old one must not meet a quick finger."""

    def opened(self) -> None:
        matter = self._matter
        self._fresh = False
        self.ask(lambda port: read_matter(port, matter), self._came)

    def title(self) -> str:
        return self.t("Matter #{number}").format(number=self._matter)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if self._shown is None:
            return ()
        shown = list(matter_rows(self._desk, self._shown.view, width))
        menu = list(self._menu(width))
        return [*shown[: max(0, height - len(menu))], *menu]

    def keys(self) -> tuple[str, ...]:
        return (
            self.t("1 to 9 do it   + more of them   * history   P print the slip"),
            self.t("Esc back"),
        )

    def press(self, key: str) -> None:
        forms = self._forms()
        place = chosen(key, len(forms[self._start : self._start + PER_PAGE]))
        if place is not None and self._shown is not None:
            self.shell.open(FormPage(self._desk, self._shown, forms[self._start + place]))
        elif key == "+":
            self._start = self._start + PER_PAGE if self._start + PER_PAGE < len(forms) else 0
        elif key == "*":
            text = self._shown.view.text if self._shown else ""
            self.shell.open(HistoryPage(self._desk, self._matter, text))
        elif key in ("p", "P"):
            self.shell.open(SlipPage(self._desk, self._matter))
        else:
            super().press(key)

    def _forms(self) -> list[Form]:
        if self._shown is None or not self._fresh:
            return []
        return possible(self._shown.view.allowed)

    def _menu(self, width: int) -> list[Row]:
        forms = self._forms()
        part = forms[self._start : self._start + PER_PAGE]
        cell = width // 2
        words = [f" [{no}] {self.t(form.words)}" for no, form in enumerate(part, start=1)]
        pairs = [words[start : start + 2] for start in range(0, len(words), 2)]
        rows = [tuple(Span(fit(one, cell)) for one in pair) for pair in pairs]
        return [plain("", width), *rows]

    def _came(self, shown: Shown) -> None:
        self._shown = shown
        self._start = 0
        self._fresh = True


def read_matter(port: HubPort, matter: int) -> Shown:
    """The matter with the tag of what is shown."""
    said = port.get(f"/matters/{matter}")
    return Shown(View.model_validate(said.body), said.tag)
