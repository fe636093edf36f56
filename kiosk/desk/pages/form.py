"""An act on a matter: its questions one by one, then it is sent with the tag of what was shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.common.hub import HubError, HubPort, HubRefusedError
from kiosk.common.page import WORDS, Field, Page, chosen
from kiosk.common.rows import Row, plain, wrapped
from kiosk.desk.acts import Ask, Form, body_of, read_day
from kiosk.desk.desk import Desk
from kiosk.desk.drafts import new_key
from kiosk.desk.lines import matter_rows, short_time
from kiosk.desk.shapes import View
from wire.day import business_day


@dataclass(frozen=True)
class Shown:
    """A matter as it was read, with its tag."""

    view: View
    tag: str | None


class FormPage(Page):
    """Every answer can be gone back to with ↑; a text in conflict is never thrown away."""

    def __init__(self, desk: Desk, shown: Shown, form: Form) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._shown = shown
        self._form = form
        self._given: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        self._at = 0
        self._key = new_key()
        self._begun_ms = desk.shell.wall_ms()
        self._theirs: Shown | None = None

    def opened(self) -> None:
        if not self._form.asks:
            self._send()

    def title(self) -> str:
        words = self.t(self._form.words)
        return self.t("Matter #{number}").format(number=self._shown.view.matter) + f"  {words}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if self._theirs is not None:
            return self._both(self._theirs, width)[:height]
        shown = list(matter_rows(self._desk, self._shown.view, width))
        ask = self._asked()
        choices: list[Row] = []
        if ask is not None and ask.kind in ("choice", "card"):
            choices = [plain("", width), plain(self.t(ask.words), width, "head")]
            choices += [
                plain(f"[{no}] {self.t(words)}", width)
                for no, (words, _value) in enumerate(ask.choices, start=1)
            ]
        return [*shown[: height - len(choices)], *choices]

    def keys(self) -> tuple[str, ...]:
        if self._theirs is not None:
            return (
                self.t("1 send mine after all   2 leave it as they did"),
                self.t("3 change mine   nothing is lost until you choose"),
            )
        ask = self._asked()
        if ask is not None and ask.kind == "choice":
            return (self.t("Press a digit   ↑ back one question   Esc cancel"),)
        if ask is not None and ask.kind == "card":
            return (self.t("Tap a card   ↑ back one question   Esc leave it so"),)
        return (self.t("Enter go on   ↑ back one question   Esc cancel"),)

    def field(self) -> Field | None:
        ask = self._asked()
        if ask is None or ask.kind in ("choice", "card") or self._theirs is not None:
            return None
        empty = "" if ask.needed else "  " + self.t("(may stay empty)")
        text = self._texts.get(ask.name, "")
        long = ask.kind == "text"
        return Field(ask.name, self.t(ask.words) + empty, text, WORDS, long=long)

    def typed(self, text: str) -> None:
        ask = self._asked()
        if ask is not None:
            self._texts[ask.name] = text

    def entered(self, text: str) -> None:
        ask = self._asked()
        if ask is None:
            return
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
        if self._theirs is not None:
            self._choose(key)
        elif key == "up" and self._at > 0:
            self._at -= 1
        elif ask is not None and (place := chosen(key, len(ask.choices))) is not None:
            self._given[ask.name] = ask.choices[place][1]
            self._go_on()
        else:
            super().press(key)

    def wants_card(self) -> bool:
        ask = self._asked()
        return ask is not None and ask.kind == "card" and self._theirs is None

    def tapped(self, card: str) -> None:
        self._send(card)

    def _asked(self) -> Ask | None:
        asks = self._form.asks
        return asks[self._at] if self._at < len(asks) else None

    def _go_on(self) -> None:
        self.say("")
        self._at += 1
        if self._at >= len(self._form.asks):
            self._send()

    def _read(self, ask: Ask, text: str) -> tuple[Any, str]:
        """The value, or what is wrong with it."""
        if not text or ask.kind == "text":
            return text, ""
        if ask.kind == "day":
            day = read_day(text, business_day(self.shell.wall_ms()))
            return day, "" if day else self.t("No such day: type 3 for in three days, or 5-8")
        if ask.kind == "number":
            good = text.lstrip("#").isdigit()
            return int(text.lstrip("#")) if good else None, "" if good else self.t("Type a number")
        place = chosen(text, len(self._desk.duty))
        return self._desk.duty[place].person if place is not None else text, ""

    def _send(self, card: str | None = None) -> None:
        desk, shown, key = self._desk, self._shown, self._key
        body = desk.signed(body_of(self._form, self._given), self._begun_ms)
        if card is not None:
            del body["by"]
            body["card"], key = card, new_key()
        if self._form.act in ("rate", "reopen"):
            body["household"] = self._household()
        path = f"/matters/{shown.view.matter}/acts"

        def job(port: HubPort) -> Shown:
            said = port.post(path, body, once=key, tag=shown.tag)
            return Shown(View.model_validate(said.body), said.tag)

        self.say(self.t("Being sent…"))
        self.ask(job, self._done, self._failed)

    def _household(self) -> str | None:
        resident = self._desk.resident
        return resident.household if resident is not None else self._shown.view.household

    def _done(self, shown: Shown) -> None:
        waits = self._form.act == "propose" and shown.view.state == "unclear"
        if waits:
            self._shown = shown
            self.say(self.t("One side has tapped; now the other side"))
            return
        self.shell.close(self)
        told = self.t("Done: #{number} is now {state}")
        self.say(told.format(number=shown.view.matter, state=shown.view.state_zh))

    def _failed(self, error: HubError) -> None:
        if isinstance(error, HubRefusedError) and error.kind == "changed-since":
            number = self._shown.view.matter
            self.ask(lambda port: _again(port, number), self._conflict)
            return
        asks = self._form.asks
        wrong = [no for no, ask in enumerate(asks) if ask.name in getattr(error, "where", {})]
        if wrong:
            self._at = wrong[0]
        elif not self.wants_card():
            self._at = max(0, len(asks) - 1)
        self.shell.refused(error)

    def _conflict(self, theirs: Shown) -> None:
        self._theirs = theirs
        self.say(self.t("Somebody changed it meanwhile: both stand here, choose"), bad=True)

    def _choose(self, key: str) -> None:
        theirs = self._theirs
        if theirs is None or key not in ("1", "2", "3"):
            return
        self._theirs, self._shown = None, theirs
        if key == "1":
            self._send()
        elif key == "2":
            self.shell.close(self)
        else:
            self._at = 0
            self.say("")

    def _both(self, theirs: Shown, width: int) -> list[Row]:
        rows = [plain(self.t("Mine, not sent:"), width, "head")]
        for ask in self._form.asks:
            value = self._given.get(ask.name)
            if value in (None, ""):
                continue
            words = next((self.t(w) for w, v in ask.choices if v == value), str(value))
            pieces = wrapped(f"{self.t(ask.words)} {words}", width - 2)
            rows += [plain(piece, width) for piece in pieces]
        rows.append(plain(self.t("Theirs, in force:"), width, "head"))
        view = theirs.view
        state = f"{view.state_zh}  {short_time(view.received_at)}  {view.result or ''}"
        rows.append(plain(state, width))
        rows += matter_rows(self._desk, view, width)
        return rows


def _again(port: HubPort, number: int) -> Shown:
    said = port.get(f"/matters/{number}")
    return Shown(View.model_validate(said.body), said.tag)
