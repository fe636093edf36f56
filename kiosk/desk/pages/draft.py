"""A new matter: a digit for its kind, place and text, a digit whether it is settled already."""

import re
from collections.abc import Sequence

from kiosk.common.hub import HubError, HubPort, HubRefusedError
from kiosk.common.page import WORDS, Field, Page, chosen
from kiosk.common.rows import Row, Span, fit, narrow, plain
from kiosk.desk.acts import FORMS, Form, body_of
from kiosk.desk.desk import Desk
from kiosk.desk.drafts import Asking, Draft
from kiosk.desk.pages.asking import AskingPage
from kiosk.desk.pages.slip import SlipPage
from kiosk.desk.shapes import Json, View

PER_PAGE = 9
ORDER: tuple[Asking, ...] = ("kind", "place", "text", "phone", "settle", "result")
PLACE, TEXT, PHONE = 200, 4000, 20
OTHERWISE = {"3": "merge", "4": "transfer", "5": "decline", "6": "doubt"}
PHONE_FORM = re.compile("[0-9+ -]{3,20}")
"""Characters that the hub takes."""


def label_of(desk: Desk, draft: Draft) -> str:
    """A draft in one line."""
    kind = desk.kind(draft.kind)
    parts = (draft.door, kind.name if kind else draft.kind, draft.place, draft.text)
    return "  ".join(part.replace("\n", " ") for part in parts if part) or desk.t("(empty)")


class DraftPage(Page):
    """One of the nine drafts; leaving it parks it."""

    def __init__(self, desk: Desk, number: int) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._number = number
        self._draft = desk.box.drafts[number]
        self._start = 0
        self._sending = False
        self._dropping = False

    def opened(self) -> None:
        if not self._desk.kinds:
            self._desk.refresh(self)

    def title(self) -> str:
        told = self.t("New matter  F{number}  {door}")
        return told.format(number=self._number, door=self._draft.door)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        draft, t = self._draft, self.t
        if draft.asking == "kind":
            return self._kinds(width)[:height]
        shown = self.about(width)
        if draft.asking == "settle":
            shown += [
                plain("", width), plain(t("Settled on the spot?"), width, "head"),
                plain(t("[1] yes, done now   [2] no, it goes its way"), width),
                *(plain(f"[{no}] {t(FORMS[act].words)}", width) for no, act in OTHERWISE.items()),
            ]  # fmt: skip
        return shown[:height]

    def about(self, width: int) -> list[Row]:
        """What was written so far."""
        draft, t = self._draft, self.t
        kind = self._desk.kind(draft.kind)
        whose = self._desk.whose(kind.lead, kind.co) if kind else "—"
        name = kind.name if kind else draft.kind
        told = t("{kind}  → whose: {whose}").format(kind=name, whose=whose)
        shown = [plain(told, width, "head")]
        for words, value in ((t("Place"), draft.place), (t("Text"), draft.text)):
            shown.append(plain(f"{words}: {value}".replace("\n", " "), width))
        if draft.phone:
            shown.append(plain(f"{t('Phone')}: {draft.phone}", width))
        return shown

    def keys(self) -> tuple[str, ...]:
        asking = self._draft.asking
        last = self.t("F1 to F9 another draft   Esc park   Delete drop this draft")
        if asking == "kind":
            return (self.t("1 to 9 the kind   + − more kinds"), last)
        if asking == "settle":
            return (self.t("1 to 6   ↑ back one question"), last)
        return (self.t("Enter go on   ↑ back one question"), self.t("F1 to F9 drafts   Esc park"))

    def field(self) -> Field | None:
        draft, t = self._draft, self.t
        name = f"{self._number}-{draft.asking}"
        if draft.asking == "place":
            return Field(name, t("Where? 3号楼2单元 楼梯灯"), draft.place, PLACE)
        if draft.asking == "text":
            return Field(name, t("What is it about?"), draft.text, TEXT, long=True)
        if draft.asking == "phone":
            return Field(name, t("Phone for the call back (may stay empty)"), draft.phone, PHONE)
        if draft.asking == "result":
            return Field(name, t("What was done?"), draft.result, WORDS, long=True)
        return None

    def typed(self, text: str) -> None:
        asking = self._draft.asking
        if asking in ("place", "text", "phone", "result"):
            self._put(**{asking: text})

    def entered(self, text: str) -> None:
        asking = self._draft.asking
        if not text and asking != "phone":
            self.say(self.t("This has to be filled in"), bad=True)
            return
        if asking == "phone":
            text = narrow(text)
            if text and not PHONE_FORM.fullmatch(text):
                self.say(self.t("A phone has 3 to 20 digits"), bad=True)
                return
        self._put(**{asking: text})
        if asking == "result":
            self._send()
        else:
            self._ask(ORDER[ORDER.index(asking) + 1])

    def press(self, key: str) -> None:
        asking = self._draft.asking
        sure, self._dropping = self._dropping, False
        if key == "escape":
            self._park()
        elif key[:1] == "f" and key[1:].isdigit():
            self._switch(int(key[1:]))
        elif key == "delete" and asking in ("kind", "settle"):
            self._delete(sure=sure or self._draft.empty)
        elif key == "up" and asking != "kind":
            self._ask(ORDER[ORDER.index(asking) - 1])
        elif asking == "kind":
            self._choose_kind(key)
        elif asking == "settle":
            self._settle(key)

    def _settle(self, key: str) -> None:
        if key == "1":
            self._ask("result")
        elif key == "2":
            self._put(result="")
            self._send()
        elif key in OTHERWISE:
            self._put(result="")
            self.shell.open(OtherwisePage(self._desk, self, FORMS[OTHERWISE[key]]))

    def _delete(self, *, sure: bool) -> None:
        if sure:
            self._drop()
        else:
            self._dropping = True
            self.say(self.t("Delete once more drops what was written"), bad=True)

    def _choose_kind(self, key: str) -> None:
        kinds = self._desk.kinds
        place = chosen(key, len(kinds[self._start : self._start + PER_PAGE]))
        if place is not None:
            self._put(kind=kinds[self._start + place].kind)
            self._ask("place")
        elif key == "+" and self._start + PER_PAGE < len(kinds):
            self._start += PER_PAGE
        elif key == "-":
            self._start = max(0, self._start - PER_PAGE)

    def _kinds(self, width: int) -> list[Row]:
        kinds = self._desk.kinds[self._start : self._start + PER_PAGE]
        if not kinds:
            return [plain(self.t("The kinds have not come from the hub yet"), width, "unclear")]
        rows: list[Row] = []
        for no, kind in enumerate(kinds, start=1):
            whose = self._desk.whose(kind.lead, kind.co)
            rows.append((Span(fit(f" [{no}] {kind.name}", 24)), Span(fit(whose, width - 24))))
        return rows

    def _ask(self, asking: Asking) -> None:
        if asking == "phone" and self._draft.household:
            back = ORDER.index(self._draft.asking) > ORDER.index("phone")
            asking = "text" if back else "settle"
        self._put(asking=asking)
        self.say("")

    def _put(self, **changes: str) -> None:
        self._draft = self._draft.model_copy(update=changes)
        self._desk.keep(self._desk.box.put(self._number, self._draft))

    def _park(self) -> None:
        if self._draft.empty:
            self._drop()
        else:
            self.shell.home()
            self.say(self.t("Parked: F{number} brings it back").format(number=self._number))

    def _drop(self) -> None:
        self._desk.keep(self._desk.box.drop(self._number))
        self.shell.home()

    def _switch(self, number: int) -> None:
        if number != self._number and number in self._desk.box.drafts:
            self.shell.home()
            self.shell.open(DraftPage(self._desk, number))

    @property
    def key(self) -> str:
        """Of what is written here."""
        return self._draft.key

    def send_with(self, first: Json) -> None:
        """What the desk does with it instead of the rule."""
        self._send({"first": first})

    def _send(self, more: Json | None = None) -> None:
        if self._sending:
            return
        self._sending = True
        draft, number = self._draft, self._number
        body = self._desk.signed({**_body(draft), **(more or {})}, draft.made_ms)

        def job(port: HubPort) -> View:
            return View.model_validate(port.post("/matters", body, once=draft.key).body)

        self.say(self.t("Being sent…"))
        # The first page asks: a draft that was left meanwhile must not come back when it was made.
        home = self.shell.pages[0]
        self.shell.ask(home, job, lambda view: self._made(view, number, draft), self._failed)

    def _made(self, view: View, number: int, draft: Draft) -> None:
        box = self._desk.box
        if number in box.drafts and box.drafts[number].key == draft.key:
            self._desk.keep(box.drop(number))
        if self in self.shell.pages:
            self.shell.home()
            self.shell.open(SlipPage(self._desk, view.matter, view))

    def _failed(self, error: HubError) -> None:
        self._sending = False
        refused = isinstance(error, HubRefusedError)
        where = error.where if isinstance(error, HubRefusedError) else {}
        names: dict[str, Asking] = {
            "kind": "kind", "place": "place", "text": "text", "contact_phone": "phone",
            "settled": "result",
        }  # fmt: skip
        wrong = next((asking for name, asking in names.items() if name in where), None)
        if wrong is not None:
            self._put(asking=wrong)
        elif not refused:
            told = self.t("No connection: the draft is kept, press 2 again when it is back")
            self.say(told, bad=True)
            return
        self.shell.refused(error)


class OtherwisePage(AskingPage):
    """What a matter needs that does not go its way: the words are sent with the draft."""

    def __init__(self, desk: Desk, draft: DraftPage, form: Form) -> None:
        super().__init__(desk, form, f"draft-{draft.key}")
        self._draft = draft

    def title(self) -> str:
        return f"{self._draft.title()}  {self.t(self._form.words)}"

    def about(self, width: int) -> Sequence[Row]:
        return self._draft.about(width)

    def send(self, card: str | None = None) -> None:  # noqa: ARG002 - none of them asks for a card
        self.shell.close(self)
        self._draft.send_with(body_of(self._form, self._given))


def _body(draft: Draft) -> Json:
    return {
        "channel": "desk", "kind": draft.kind, "place": draft.place, "text": draft.text,
        "household": draft.household, "contact_name": None,
        "contact_phone": draft.phone or None, "settled": draft.result or None,
    }  # fmt: skip
