"""推进会议: called by one key, each matter decided by one key, signed by a tap of each body."""

from collections.abc import Sequence
from typing import Any

from kiosk.common.hub import HubError, HubPort
from kiosk.common.once import new_key
from kiosk.common.page import Page, chosen
from kiosk.common.rows import Row, Span, fit, plain
from kiosk.desk import shapes
from kiosk.desk.acts import LEADS, Ask, Form, body_of
from kiosk.desk.desk import Desk
from kiosk.desk.lines import list_rows
from kiosk.desk.pages.asking import AskingPage
from kiosk.words import mark as _
from wire.day import business_day

SHOWN = 8
"""Two rows each, and the signatures, fill the smallest screen."""
BODIES = {
    "n": ("committee", "property"),
    "o": ("committee", "property", "owners"),
}  # fmt: skip
_WHY = Ask("reason", _("Why?"))
_PERSON = Ask("person", _("Who? 1, 2 for those on duty, or a staff number"), "person")
_DUE = Ask("due_on", _("Until: days from now, or 5-8"), "day")
_LEAD = Ask("lead", _("Whose is it?"), "choice", choices=LEADS)
DECISIONS = (
    Form("assigned", _("name who does it"), (_LEAD, _PERSON, _DUE, _WHY)),
    Form("in_progress", _("back to work, new deadline"), (_LEAD, _PERSON, _DUE, _WHY)),
    Form("watched", _("put under watch"), (_PERSON, _DUE, _WHY)),
    Form("unwatched", _("the watch ends"), (_WHY,)),
    Form("suspended", _("suspend"),
         (Ask("until", _("Until: days from now, or 5-8"), "day"), _WHY)),
    Form("transferred", _("hand on outside"), (Ask("where", _("To whom?")), _WHY)),
    Form("to_verify", _("it is done: to be checked"), (_WHY,)),
)  # fmt: skip
ON_THE_WAY = ("watched", "unwatched")
WHY = {
    "to_confer": _("waits for the meeting"), "reopened": _("opened again: not satisfied"),
    "overdue": _("late"), "watch_due": _("its next look is due"), "added": _("added"),
}  # fmt: skip


class MeetingsPage(Page):
    """The newest meetings, and a new one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._found: tuple[shapes.MeetingLine, ...] = ()
        self._key = new_key()

    def opened(self) -> None:
        def job(port: HubPort) -> shapes.MeetingPage:
            return shapes.MeetingPage.model_validate(port.get("/meetings", {"limit": SHOWN}).body)

        self.ask(job, self._came)

    def title(self) -> str:
        return self.t("Meetings")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = []
        for no, one in enumerate(self._found, start=1):
            bodies = self.t(", ").join(self._desk.side(body) for body in one.bodies)
            signed = self.t("✓ signed") if one.signed else self.t("… not signed yet")
            line = f" {no} {one.held_on}  {bodies}  {signed}"
            shown.append((Span(fit(line, width), "accepted" if one.signed else "unclear"),))
        return shown[:height] or [plain(self.t("No meeting yet"), width, "waits")]

    def keys(self) -> tuple[str, ...]:
        return (
            self.t("N new meeting of both sides   O with the owners too"),
            self.t("1 to 9 open   Esc back"),
        )

    def press(self, key: str) -> None:
        place = chosen(key, len(self._found))
        if place is not None:
            self.shell.open(MeetingPage(self._desk, self._found[place].meeting))
        elif key.lower() in BODIES:
            today = business_day(self.shell.wall_ms()).isoformat()
            body = self._desk.signed({"bodies": BODIES[key.lower()], "held_on": today}, 0)
            del body["client_ms"]
            once = self._key
            self.ask(lambda port: _posted(port, "/meetings", body, once), self._called)
        else:
            super().press(key)

    def _came(self, page: shapes.MeetingPage) -> None:
        self._found = page.items

    def _called(self, meeting: shapes.Meeting) -> None:
        self._key = new_key()
        self.shell.open(MeetingPage(self._desk, meeting.meeting))


class MeetingPage(Page):
    """The agenda; while it is open a tap signs."""

    def __init__(self, desk: Desk, number: int) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._number = number
        self._meeting: shapes.Meeting | None = None
        self._start = 0

    def opened(self) -> None:
        path = f"/meetings/{self._number}"
        self.ask(lambda port: shapes.Meeting.model_validate(port.get(path).body), self._came)

    def title(self) -> str:
        meeting = self._meeting
        if meeting is None:
            return self.t("Meetings")
        decided = sum(one.decision is not None for one in meeting.agenda)
        told = self.t("Meeting {day}   chair: {chair}   decided {decided} of {count}")
        return told.format(
            day=meeting.held_on, chair=self._desk.side(meeting.chair), decided=decided,
            count=len(meeting.agenda),
        )  # fmt: skip

    def rows(self, width: int, height: int) -> Sequence[Row]:
        meeting = self._meeting
        if meeting is None:
            return ()
        shown: list[Row] = []
        part = self._part()
        for no, line in enumerate(list_rows(self._desk, part, width, 1)):
            shown.append(line)
            decision = part[no].decision
            if decision is not None:
                told, style = f"     → {self._words(decision)}", "accepted"
            else:
                told, style = f"     {self.t(WHY.get(part[no].why, part[no].why))}", "waits"
            shown.append((Span(fit(told, width), style),))
        if not meeting.agenda:
            shown.append(plain(self.t("Nothing waits here"), width, "accepted"))
        last = [plain("", width), plain(self._signatures(meeting), width, "head")]
        return [*shown[: height - 2], *last]

    def keys(self) -> tuple[str, ...]:
        return (
            self.t("1 to 8 decide   + − turn the page   Esc back"),
            self.t("Tap a card to sign the minutes"),
        )

    def press(self, key: str) -> None:
        meeting = self._meeting
        place = chosen(key, len(self._part()))
        if place is not None and meeting is not None and not meeting.signed:
            self.shell.open(ChoosePage(self._desk, self._number, self._part()[place]))
        elif key == "+" and meeting and self._start + SHOWN < len(meeting.agenda):
            self._start += SHOWN
        elif key == "-":
            self._start = max(0, self._start - SHOWN)
        else:
            super().press(key)

    def wants_card(self) -> bool:
        return self._meeting is not None and not self._meeting.signed

    def tapped(self, card: str) -> None:
        body = {"desk": self._desk.config.desk, "card": card}
        path, once = f"/meetings/{self._number}/signatures", new_key()
        self.ask(lambda port: _posted(port, path, body, once), self._came)

    def _part(self) -> tuple[shapes.AgendaLine, ...]:
        agenda = self._meeting.agenda if self._meeting else ()
        return agenda[self._start : self._start + SHOWN]

    def _came(self, meeting: shapes.Meeting) -> None:
        self._meeting = meeting

    def _words(self, decision: shapes.Decision) -> str:
        form = next((one for one in DECISIONS if one.act == decision.decision), None)
        words = self.t(form.words) if form else decision.decision
        person = self._desk.named(decision.person or "")
        return f"{words}  {person} {decision.due_on or ''}  {decision.reason}"

    def _signatures(self, meeting: shapes.Meeting) -> str:
        signs = (
            f"{self._desk.side(body)} {'…' if body in meeting.missing else '✓'}"
            for body in meeting.bodies
        )
        return self.t("Signatures: {signs}").format(signs="  ".join(signs))


class ChoosePage(Page):
    """One key for what is decided."""

    def __init__(self, desk: Desk, meeting: int, line: shapes.AgendaLine) -> None:
        super().__init__(desk.shell)
        self._desk, self._meeting, self._line = desk, meeting, line
        waits = line.state == "to_confer"
        self._forms = DECISIONS if waits else tuple(f for f in DECISIONS if f.act in ON_THE_WAY)
        """What somebody works on goes on; minutes can put it under watch."""

    def title(self) -> str:
        return self.t("Matter #{number}").format(number=self._line.matter)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = list(list_rows(self._desk, [self._line], width, 99))
        shown += [
            plain(f"[{no}] {self.t(form.words)}", width)
            for no, form in enumerate(self._forms, start=1)
        ]
        return shown[:height]

    def press(self, key: str) -> None:
        place = chosen(key, len(self._forms))
        if place is not None:
            self.shell.close(self)
            page = DecisionPage(self._desk, self._meeting, self._line, self._forms[place])
            self.shell.open(page)
        else:
            super().press(key)


class DecisionPage(AskingPage):
    """What a decision needs, question by question."""

    def __init__(self, desk: Desk, meeting: int, line: shapes.AgendaLine, form: Form) -> None:
        super().__init__(desk, form, f"meeting-{meeting}/{line.matter}")
        self._meeting, self._line = meeting, line

    def title(self) -> str:
        number = self.t("Matter #{number}").format(number=self._line.matter)
        return f"{number}  {self.t(self._form.words)}"

    def about(self, width: int) -> Sequence[Row]:
        return list(list_rows(self._desk, [self._line], width, 99))

    def send(self, card: str | None = None) -> None:  # noqa: ARG002 - no decision asks for a card
        given = body_of(self._form, self._given)
        given["decision"], given["matter"] = given.pop("act"), self._line.matter
        body = self._desk.signed(given, self._written.begun_ms)
        path, once = f"/meetings/{self._meeting}/decisions", self._written.key
        self.say(self.t("Being sent…"))
        self.ask(lambda port: _posted(port, path, body, once), self._done, self._failed)

    def _done(self, _meeting: shapes.Meeting) -> None:
        self._written.drop()
        self.shell.close(self)

    def _failed(self, error: HubError) -> None:
        self.back_to(error)
        self.shell.refused(error)


def _posted(port: HubPort, path: str, body: dict[str, Any], once: str) -> shapes.Meeting:
    return shapes.Meeting.model_validate(port.post(path, body, once=once).body)
