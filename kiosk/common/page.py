"""A page of a terminal: what it shows, what its keys do. Knows no screen library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.common.hub import HubError
from kiosk.common.rows import Row
from kiosk.common.worker import Failed, Job, Then
from kiosk.words import Translate

DIGITS = "123456789"
WORDS = 500
"""Characters that the hub takes for a reason, a result, a note."""


@dataclass(frozen=True)
class Field:
    """A text that the page asks for now. Another ``name`` is another field."""

    name: str
    label: str
    value: str = ""
    limit: int = WORDS
    secret: bool = False
    long: bool = False


class Shell(Protocol):
    """The terminal around the pages."""

    t: Translate
    pages: list["Page"]

    def ask(
        self, page: "Page", job: Job, then: Then | None = None, failed: Failed | None = None
    ) -> None:
        """Has a job done by the working thread; answers to a page that is closed are dropped."""

    def say(self, text: str, *, bad: bool = False) -> None:
        """The fixed message line."""

    def refused(self, error: HubError) -> None:
        """The same, for what the hub refused."""

    def open(self, page: "Page") -> None:
        """On top of the present one."""

    def close(self, page: "Page") -> None:
        """The page and whatever is on top of it."""

    def home(self) -> None:
        """The first page."""

    def paint(self) -> None:
        """What changed is to be seen."""

    def lock(self) -> None:
        """Nothing is shown until a card says who is there."""

    def wall_ms(self) -> int:
        """UTC, milliseconds."""

    def end(self) -> None:
        """The program ends."""


class Page:
    """One page; subclasses say what differs."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.t = shell.t

    def opened(self) -> None:
        """It is on top now, for the first time or again."""

    def again(self) -> None:
        """The hub answers again after a while without it: what could not be read is read now."""
        self.opened()

    def title(self) -> str:
        return ""

    def large(self) -> str:
        """Digits that stand big above the rows."""
        return ""

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """At most ``height`` rows of exactly ``width`` cells."""
        raise NotImplementedError

    def keys(self) -> tuple[str, ...]:
        """What the keys do now, one or two lines."""
        return (self.t("Esc back"),)

    def field(self) -> Field | None:
        """The text that is being asked for; without one every key is a command."""
        return None

    def typed(self, text: str) -> None:
        """What the field holds now."""

    def entered(self, text: str) -> None:
        """The field was finished with Enter."""

    def press(self, key: str) -> None:
        """A key that is no text; ``escape`` goes back unless a page says otherwise."""
        if key == "escape":
            self.shell.close(self)

    def unsent(self) -> bool:
        """Whether leaving would lose something that was typed or chosen here."""
        return False

    def wants_card(self) -> bool:
        """Whether a card is this page's; else the terminal decides what it means."""
        return False

    def tapped(self, card: str) -> None:
        """A card that the page wanted."""

    def ask(self, job: Job, then: Then | None = None, failed: Failed | None = None) -> None:
        """A job of this page."""
        self.shell.ask(self, job, then, failed)

    def say(self, text: str, *, bad: bool = False) -> None:
        self.shell.say(text, bad=bad)


def chosen(key: str, count: int) -> int | None:
    """0 for the first of ``count`` rows; None for every other key."""
    place = DIGITS.find(key) if len(key) == 1 else -1
    return place if 0 <= place < count else None
