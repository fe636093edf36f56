"""Questions one by one: a digit, a text, a day, a person, a card. ↑ goes back to each of them."""

from collections.abc import Sequence
from typing import Any

from kiosk.common.hub import HubError, HubRefusedError
from kiosk.common.page import WORDS, Field, Page, chosen
from kiosk.common.rows import Row, narrow, number_in, plain, wrapped
from kiosk.desk.acts import Ask, Form, read_day
from kiosk.desk.desk import Desk
from kiosk.desk.written import Written
from wire.day import business_day

_OF_A_PERSON = ("no-such-officer", "officer-of-other-side")


class AskingPage(Page):
    """Subclasses show what it is about, and send the answers; ``where`` names it among others."""

    def __init__(self, desk: Desk, form: Form, where: str) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._form = form
        self._given: dict[str, Any] = {}
        self._written = Written(desk, f"{where}/{form.act}")
        self._short: dict[str, str] = {}
        """Days and numbers as they were typed; only words are worth keeping."""
        self._at = 0

    def opened(self) -> None:
        if self._written.found:
            self.say(self.t("What you wrote here is in its field again; empty it to drop it"))

    def about(self, width: int) -> Sequence[Row]:
        """What the questions are about."""
        raise NotImplementedError

    def send(self, card: str | None = None) -> None:
        """Every question is answered."""
        raise NotImplementedError

    def rows(self, width: int, height: int) -> Sequence[Row]:
        below = [*self.answers(width), *self._choices(width)]
        return [*self.about(width)[: max(0, height - len(below))], *below][:height]

    def answers(self, width: int) -> list[Row]:
        """What was answered so far, so that nobody has to go back to see it."""
        shown: list[Row] = []
        for ask in self._form.asks[: self._at]:
            value = self._given.get(ask.name)
            if value not in (None, ""):
                words = next((self.t(w) for w, v in ask.choices if v == value), str(value))
                if ask.kind == "person":
                    words = self._desk.named(words)
                pieces = wrapped(f"{self.t(ask.words)} {words}", width - 2)
                shown += [plain(piece, width) for piece in pieces]
        return shown

    def _choices(self, width: int) -> list[Row]:
        ask = self._asked()
        if ask is None or ask.kind not in ("choice", "card", "person"):
            return []
        shown = [plain("", width)]
        if ask.kind == "person":
            people = enumerate(self._desk.duty, start=1)
            lines = [f"{no} {self._desk.side(one.body)} {one.name}" for no, one in people]
            return [*shown, *(plain(line, width) for line in lines)]
        choices = enumerate(ask.choices, start=1)
        shown.append(plain(self.t(ask.words), width, "head"))
        return [*shown, *(plain(f"[{no}] {self.t(words)}", width) for no, (words, _) in choices)]

    def keys(self) -> tuple[str, ...]:
        ask = self._asked()
        if ask is not None and ask.kind == "choice":
            return (self.t("Press a digit   ↑ back one question   Esc back"),)
        if ask is not None and ask.kind == "card":
            return (self.t("Tap a card   ↑ back one question   Esc leave it so"),)
        return (self.t("Enter go on   ↑ back one question   Esc back, words are kept"),)

    def field(self) -> Field | None:
        ask = self._asked()
        if ask is None or ask.kind in ("choice", "card"):
            return None
        empty = "" if ask.needed else "  " + self.t("(may stay empty)")
        text = self._short.get(ask.name) or self._written.text(ask.name)
        return Field(ask.name, self.t(ask.words) + empty, text, WORDS, long=ask.kind == "text")

    def typed(self, text: str) -> None:
        ask = self._asked()
        if ask is not None:
            self._put(ask, text)

    def entered(self, text: str) -> None:
        ask = self._asked()
        if ask is None:
            return
        self._put(ask, text)
        if not text and ask.needed:
            self.say(self.t("This has to be filled in"), bad=True)
            return
        value, wrong = self._read(ask, text)
        if wrong:
            self.say(wrong, bad=True)
            return
        self._given[ask.name] = value
        self._go_on()

    def press(self, key: str) -> None:
        ask = self._asked()
        if key == "up" and self._at > 0:
            self._at -= 1
        elif ask is not None and (place := chosen(key, len(ask.choices))) is not None:
            self._given[ask.name] = ask.choices[place][1]
            self._go_on()
        elif key == "escape":
            self.shell.close(self)
            if self._written.kept:
                self.say(self.t("Your words are kept: choose the same again to go on"))
        else:
            super().press(key)

    def wants_card(self) -> bool:
        ask = self._asked()
        return ask is not None and ask.kind == "card"

    def tapped(self, card: str) -> None:
        self.send(card)

    def _put(self, ask: Ask, text: str) -> None:
        if ask.kind == "text":
            self._written.put(ask.name, text)
        else:
            self._short[ask.name] = text

    def _asked(self) -> Ask | None:
        asks = self._form.asks
        return asks[self._at] if self._at < len(asks) else None

    def _go_on(self) -> None:
        self.say("")
        self._at += 1
        if self._at >= len(self._form.asks):
            self.send()

    def _read(self, ask: Ask, text: str) -> tuple[Any, str]:
        """The value, or what is wrong with it."""
        if not text or ask.kind == "text":
            return text, ""
        text = narrow(text)
        if ask.kind == "day":
            day = read_day(text, business_day(self.shell.wall_ms()))
            return day, "" if day else self.t("No such day: type 3 for in three days, or 5-8")
        if ask.kind == "number":
            number = number_in(text)
            return number, "" if number is not None else self.t("Type a number")
        place = chosen(text, len(self._desk.duty))
        return self._desk.duty[place].person if place is not None else text, ""

    def unsent(self) -> bool:
        return bool(self._given) or self._written.kept or any(self._short.values())

    def back_to(self, error: HubError) -> bool:
        """To the first question that an answer of the hub names."""
        names = error.where if isinstance(error, HubRefusedError) else {}
        if isinstance(error, HubRefusedError) and error.kind in _OF_A_PERSON:
            names = {"person": error.detail}
        wrong = [no for no, ask in enumerate(self._form.asks) if ask.name in names]
        if wrong:
            self._at = wrong[0]
        elif not self.wants_card():
            self._at = max(0, len(self._form.asks) - 1)
        return bool(wrong)
