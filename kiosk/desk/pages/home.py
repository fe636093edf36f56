"""The first page: one key for each thing that people come for."""

from collections.abc import Callable, Sequence

from kiosk.common.page import Page
from kiosk.common.rows import Row, Span, fit, plain
from kiosk.desk.desk import Desk
from kiosk.desk.pages.cards import CardsPage
from kiosk.desk.pages.draft import DraftPage, label_of
from kiosk.desk.pages.find import FindPage
from kiosk.desk.pages.meetings import MeetingsPage
from kiosk.desk.pages.queue import QueuePage
from kiosk.desk.pages.reward import RewardPage
from kiosk.words import mark as _

MENU = (
    ("1", _("new matter")), ("2", _("all open matters")), ("3", _("mine")),
    ("4", _("to be settled")), ("5", _("watch list")), ("6", _("to call back")),
    ("7", _("meeting")), ("8", _("why was I (not) paid")), ("9", _("cards, moving out")),
)  # fmt: skip
QUEUES = {"2": "open", "3": "mine", "4": "unclear", "5": "watch", "6": "call_back"}


class HomePage(Page):
    """Menu and parked drafts."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._opens: dict[str, Callable[[], Page]] = {
            "7": lambda: MeetingsPage(desk),
            "8": lambda: RewardPage(desk),
            "9": lambda: CardsPage(desk),
        }

    def opened(self) -> None:
        self._desk.refresh(self)

    def title(self) -> str:
        return self.t("What can we do for you?")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        columns = 3
        cell = width // columns
        drafts, contacts = self._desk.box.drafts, self._contacts()
        airy = height > len(drafts) + len(contacts) + 8
        shown: list[Row] = [()]
        for start in range(0, len(MENU), columns):
            part = MENU[start : start + columns]
            shown.append(tuple(self._item(key, words, cell) for key, words in part))
            shown += [()] if airy else []
        shown += [plain(line, width) for line in contacts]
        if drafts:
            shown.append(plain(self.t("Parked drafts (F1 to F9):"), width, "head"))
        shown += [
            plain(f"F{no} {label_of(self._desk, draft)}", width) for no, draft in drafts.items()
        ]
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (
            self.t("1 to 9 choose   Enter find a household   / find a matter"),
            self.t("F1 to F9 drafts   * other officer   - resident gone   0 lock"),
        )

    def press(self, key: str) -> None:
        desk = self._desk
        if key == "1":
            self._begin()
        elif key in QUEUES:
            self.shell.open(QueuePage(desk, QUEUES[key]))
        elif key in self._opens:
            self.shell.open(self._opens[key]())
        elif key == "enter" or (len(key) == 1 and key.isalpha()):
            self.shell.open(FindPage(desk, "" if key == "enter" else key))
        elif key == "/":
            self.shell.open(QueuePage(desk, "all", searching=True))
        else:
            self._rest(key)

    def _rest(self, key: str) -> None:
        desk = self._desk
        if key == "*":
            desk.other_officer()
        elif key == "-":
            desk.resident = None
        elif key == "0":
            self.shell.lock()
        elif key[:1] == "f" and key[1:].isdigit() and int(key[1:]) in desk.box.drafts:
            self.shell.open(DraftPage(desk, int(key[1:])))

    def _contacts(self) -> list[str]:
        """三级网格 of the household that stands here, a line for each level."""
        found = self._desk.resident.contacts if self._desk.resident else ()
        levels = sorted({one.level for one in found})
        lines = []
        for level in levels:
            people = (f"{o.title} {o.name} {o.phone}" for o in found if o.level == level)
            told = self.t("grid {level}: {people}")
            lines.append(told.format(level=level, people="   ".join(people)))
        return lines

    def _begin(self) -> None:
        fresh = self._desk.begin()
        if fresh is None:
            self.say(self.t("Nine drafts are parked: finish or drop one first"), bad=True)
            return
        number, draft = fresh
        self._desk.keep(self._desk.box.put(number, draft))
        self.shell.open(DraftPage(self._desk, number))

    def _item(self, key: str, words: str, cell: int) -> Span:
        count = self._count(key)
        return Span(fit(f" [{key}] {self.t(words)}{count}", cell))

    def _count(self, key: str) -> str:
        seen = self._desk.summary
        if seen is None:
            return ""
        counts = {"2": seen.open, "4": seen.unclear, "5": seen.watch, "6": seen.call_back}
        return f" {counts[key]}" if counts.get(key) else ""
