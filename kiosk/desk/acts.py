"""What an officer can do to a matter, and what each of them asks for. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal

from kiosk.common.matters import RATING
from kiosk.words import mark as _

MOST_AHEAD = 366
"""Days."""


@dataclass(frozen=True)
class Ask:
    """One thing an act needs; ``choices`` pairs words with what is sent, under 1, 2, 3 …."""

    name: str
    words: str
    kind: Literal["text", "day", "number", "choice", "person", "card"] = "text"
    needed: bool = True
    choices: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Form:
    """An act; its words stand in the matter's menu."""

    act: str
    words: str
    asks: tuple[Ask, ...] = ()


_REASON = Ask("reason", _("Why?"))
_RESULT = Ask("result", _("What was done?"))
_TOLD = Ask("told", _("What was the resident told?"))
_PERSON = Ask("person", _("Who? 1, 2 for those on duty, or a staff number"), "person")
LEADS: tuple[tuple[str, Any], ...] = (
    (_("committee"), ("committee", None)),
    (_("property"), ("property", None)),
    (_("joint, property leads"), ("property", "committee")),
    (_("joint, committee leads"), ("committee", "property")),
)
_FORMS = (
    Form("propose", _("settle whose it is: both tap"), (
        Ask("lead", _("Whose is it?"), "choice", choices=LEADS), _REASON,
        Ask("save_as_rule", _("A word, if texts with it shall always go this way"), needed=False),
        Ask("card", _("Both sides tap their cards"), "card"),
    )),
    Form("accept", _("accept"), ()),
    Form("finish", _("my side's task is done"), (_RESULT,)),
    Form("call", _("called back"), (
        Ask("outcome", _("How did it go?"), "choice",
            choices=(*RATING, (_("not reached"), "not_reached"))),
        Ask("note", _("What was said?"), needed=False),
    )),
    Form("rate", _("the resident rates it here"),
         (Ask("rating", _("How was it?"), "choice", choices=RATING),)),
    Form("verify", _("checked"), (
        Ask("ok", _("Is it done?"), "choice",
            choices=((_("done"), True), (_("not done, back to work"), False))),
        Ask("note", _("What did you see? (needed if it is not done)"), needed=False),
    )),
    Form("settle_on_spot", _("settled on the spot"), (_RESULT,)),
    Form("progress", _("progress of the watch"), (
        Ask("note", _("What is the progress?")),
        Ask("next_check", _("Next look: days from now, or 5-8"), "day", needed=False),
    )),
    Form("note", _("note for the file"), (Ask("text", _("What is to be noted?")),)),
    Form("watch", _("put under watch"), (
        _PERSON, Ask("next_check", _("Next look: days from now, or 5-8"), "day"),
        Ask("note", _("Why is it watched?")),
    )),
    Form("suspend", _("suspend"),
         (_REASON, Ask("until", _("Until: days from now, or 5-8"), "day"))),
    Form("resume", _("resume")),
    Form("return", _("not ours: return it once"), (_REASON,)),
    Form("doubt", _("unclear whose it is"), (_REASON,)),
    Form("confer", _("to the meeting"), (_REASON,)),
    Form("reassign", _("to a colleague"), (_PERSON,)),
    Form("outside_receipt", _("answer from outside"), (_RESULT,)),
    Form("merge", _("the same as another one"),
         (Ask("into", _("Number of the other matter"), "number"),)),
    Form("transfer", _("hand on outside"), (Ask("where", _("To whom?")), _TOLD)),
    Form("decline", _("not accepted"), (_TOLD,)),
    Form("reopen", _("open again"), (_REASON,)),
)  # fmt: skip
FORMS: Mapping[str, Form] = MappingProxyType({form.act: form for form in _FORMS})


def possible(allowed: Sequence[str]) -> list[Form]:
    """The acts that the state admits, those wanted most often first."""
    return [form for form in _FORMS if form.act in allowed]


def read_day(text: str, today: date) -> date | None:
    """``3`` is in three days, ``5-8`` the next eighth of May, or a whole date."""
    if re.fullmatch(r"[0-9]{1,3}", text) and int(text) <= MOST_AHEAD:
        return today + timedelta(days=int(text))
    parts = re.fullmatch(r"(?:([0-9]{4})[-./])?([0-9]{1,2})[-./]([0-9]{1,2})", text)
    if parts is None:
        return None
    year, month, day = parts.groups()
    try:
        given = date(int(year or today.year), int(month), int(day))
        return given if year or given >= today else given.replace(year=today.year + 1)
    except ValueError:
        return None


def body_of(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent; what was left empty is left out."""
    body: dict[str, Any] = {"act": form.act}
    for ask in form.asks:
        value = given.get(ask.name)
        if ask.name == "lead" and value is not None:
            body["lead"], body["co"] = value
        elif value not in (None, "") and ask.kind != "card":
            body[ask.name] = value.isoformat() if isinstance(value, date) else value
    return body
