"""What the household reported: five steps each, and its rating by one digit."""

from collections.abc import Sequence

from kiosk.common.hub import HubPort
from kiosk.common.matters import RATING, RATINGS, short_time, steps
from kiosk.common.once import new_key
from kiosk.common.page import Page, chosen
from kiosk.common.rows import Row, Span, fit, plain
from kiosk.selfcheck.shapes import OwnMatter, OwnMatters
from kiosk.selfcheck.visit import Visit

SHOWN = 6


class MattersPage(Page):
    """The newest first."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.shell)
        self._visit = visit
        self._matters: tuple[OwnMatter, ...] | None = None
        self._start = 0

    def opened(self) -> None:
        token = self._visit.token

        def job(port: HubPort) -> OwnMatters:
            return OwnMatters.model_validate(port.get("/self/matters", token=token).body)

        self.ask(job, self._came)

    def title(self) -> str:
        return self.t("My matters")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown: list[Row] = []
        for no, one in enumerate(self._part(), start=1):
            rating = "  " + self.t(RATINGS.get(one.rating or "", "—")) if one.rating else ""
            asks = "  " + self.t("← your rating, please") if one.ratable and not rating else ""
            head = f" {no} {one.matter}  {one.kind_zh} {one.place}  {one.state_zh}{rating}{asks}"
            shown.append((Span(fit(head, width), "unclear" if asks else ""),))
            told = self.t("{steps}   {name} {phone}   due {due}").format(
                steps=steps(one.steps), name=one.person_name, phone=one.phone,
                due=short_time(one.due_at),
            )  # fmt: skip
            shown.append(plain(f"  {told}", width, "waits"))
        if self._matters == ():
            shown.append(plain(self.t("Nothing reported"), width))
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("1 to 6 rate one   + − other matters   0 back"),)

    def press(self, key: str) -> None:
        place = chosen(key, len(self._part()))
        if place is not None:
            self._open(self._part()[place])
        elif key == "+" and self._start + SHOWN < len(self._matters or ()):
            self._start += SHOWN
        elif key == "-":
            self._start = max(0, self._start - SHOWN)
        elif key in ("0", "escape"):
            self.shell.close(self)

    def _open(self, one: OwnMatter) -> None:
        if one.ratable:
            self.shell.open(RatePage(self._visit, one))
        else:
            self.say(self.t("It can be rated when it is done"))

    def _part(self) -> tuple[OwnMatter, ...]:
        return (self._matters or ())[self._start : self._start + SHOWN]

    def _came(self, own: OwnMatters) -> None:
        self._matters = own.matters


class RatePage(Page):
    """民评."""

    def __init__(self, visit: Visit, matter: OwnMatter) -> None:
        super().__init__(visit.shell)
        self._visit, self._matter = visit, matter
        self._key = new_key()

    def title(self) -> str:
        return f"{self._matter.matter}  {self._matter.kind_zh} {self._matter.place}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = [plain(self.t("How was it?"), width, "head")]
        for no, (words, _value) in enumerate(RATING, start=1):
            shown += [plain("", width), plain(f"[{no}] {self.t(words)}", width)]
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("1 to 3   0 back"),)

    def press(self, key: str) -> None:
        place = chosen(key, len(RATING))
        if place is not None:
            path = f"/self/matters/{self._matter.matter}/rating"
            body, token, once = {"rating": RATING[place][1]}, self._visit.token, self._key
            self.ask(lambda port: port.post(path, body, once=once, token=token), self._done)
        elif key in ("0", "escape"):
            self.shell.close(self)

    def _done(self, _answer: object) -> None:
        self.shell.close(self)
        self.say(self.t("Thank you: your rating is kept"))
