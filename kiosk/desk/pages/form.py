"""An act on a matter: its questions, then it is sent with the tag of what was shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.common.hub import HubError, HubPort, HubRefusedError
from kiosk.common.once import new_key
from kiosk.common.page import Field
from kiosk.common.rows import Row, plain
from kiosk.desk.acts import Form, body_of
from kiosk.desk.desk import Desk
from kiosk.desk.lines import matter_rows
from kiosk.desk.pages.asking import AskingPage
from kiosk.desk.shapes import Reporter, Reporters, View

MOST_REPORTERS = 4
"""Whose phones stand above the matter."""


@dataclass(frozen=True)
class Shown:
    """A matter as it was read, with its tag."""

    view: View
    tag: str | None


class FormPage(AskingPage):
    """A text in conflict is never thrown away: both stand there until somebody chooses."""

    def __init__(self, desk: Desk, shown: Shown, form: Form) -> None:
        super().__init__(desk, form, str(shown.view.matter))
        self._shown = shown
        self._sending = False
        self._theirs: Shown | None = None
        self._reporters: tuple[Reporter, ...] = ()

    def opened(self) -> None:
        super().opened()
        if not self._form.asks and not self._sending:
            self.send()
        else:
            self.again()

    def again(self) -> None:
        if self._form.act == "call":
            path = f"/matters/{self._shown.view.matter}/reporters"
            self.ask(lambda port: Reporters.model_validate(port.get(path).body), self._called)

    def title(self) -> str:
        words = self.t(self._form.words)
        return self.t("Matter #{number}").format(number=self._shown.view.matter) + f"  {words}"

    def about(self, width: int) -> Sequence[Row]:
        call = (
            plain("  ".join((self.t("Call back:"), one.door or "—", one.name or "", one.phone
                             or self.t("no phone"))), width, "arrow")
            for one in self._reporters[:MOST_REPORTERS]
        )  # fmt: skip
        return [*call, *matter_rows(self._desk, self._shown.view, width)]

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if self._theirs is not None:
            return self._both(self._theirs, width)[:height]
        return super().rows(width, height)

    def keys(self) -> tuple[str, ...]:
        if self._theirs is None:
            return super().keys()
        return (
            self.t("1 send mine after all   2 leave it as they did"),
            self.t("3 change mine   nothing is lost until you choose"),
        )

    def field(self) -> Field | None:
        return None if self._theirs is not None else super().field()

    def press(self, key: str) -> None:
        if self._theirs is not None:
            self._choose(key)
        elif key == "escape" or not self._sending:
            super().press(key)

    def wants_card(self) -> bool:
        return self._theirs is None and super().wants_card()

    def send(self, card: str | None = None) -> None:
        desk, shown, key = self._desk, self._shown, self._written.key
        if self._form.act == "rate" and desk.resident is None:
            self.back_to(HubError())
            self.say(self.t("Only the household itself rates: tap its card, then choose"), bad=True)
            return
        body = desk.signed(body_of(self._form, self._given), self._written.begun_ms)
        if card is not None:
            del body["by"]
            body["card"], key = card, new_key()
        if self._form.act in ("rate", "reopen"):
            body["household"] = self._household()
        path = f"/matters/{shown.view.matter}/acts"

        def job(port: HubPort) -> Shown:
            said = port.post(path, body, once=key, tag=shown.tag)
            return Shown(View.model_validate(said.body), said.tag)

        self._sending = True
        self.say(self.t("Being sent…"))
        # The first page asks: words that were left meanwhile must not stay when they were sent.
        self.shell.ask(self.shell.pages[0], job, self._done, self._failed)

    def _called(self, found: Reporters) -> None:
        self._reporters = found.items

    def _household(self) -> str | None:
        resident = self._desk.resident
        return resident.household if resident is not None else self._shown.view.household

    def _done(self, shown: Shown) -> None:
        self._sending = False
        waits = self._form.act == "propose" and shown.view.state == "unclear"
        if waits:
            self._shown = shown
            self.say(self.t("One side has tapped; now the other side"))
            return
        self._written.drop()
        self.shell.close(self)
        told = self.t("Done: #{number} is now {state}")
        self.say(told.format(number=shown.view.matter, state=shown.view.state_zh))

    def _failed(self, error: HubError) -> None:
        self._sending = False
        here = self in self.shell.pages
        if here and isinstance(error, HubRefusedError) and error.kind == "changed-since":
            number = self._shown.view.matter
            self.ask(lambda port: _again(port, number), self._conflict)
            return
        if self._form.asks:
            self.back_to(error)
        else:
            self.shell.close(self)
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
            self.send()
        elif key == "2":
            self._written.drop()
            self.shell.close(self)
        else:
            self._at = 0
            self.say("")

    def _both(self, theirs: Shown, width: int) -> list[Row]:
        rows = [plain(self.t("Mine, not sent:"), width, "head"), *self.answers(width)]
        rows.append(plain(self.t("Theirs, in force:"), width, "head"))
        rows += matter_rows(self._desk, theirs.view, width)
        return rows


def _again(port: HubPort, number: int) -> Shown:
    said = port.get(f"/matters/{number}")
    return Shown(View.model_validate(said.body), said.tag)
