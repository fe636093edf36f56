"""The first page of a visit: balance, the month as a grid, yesterday's reason, four keys."""

from collections.abc import Sequence
from datetime import date, timedelta

from kiosk.common.hub import HubPort
from kiosk.common.once import new_key
from kiosk.common.page import Page
from kiosk.common.rows import Row, Span, fit, plain, wrapped
from kiosk.selfcheck.pages.lost import LostPage
from kiosk.selfcheck.pages.matters import MattersPage
from kiosk.selfcheck.shapes import DayMark, Month, OwnMatter
from kiosk.selfcheck.visit import MARKS, Visit, grid
from wire.day import business_day
from wire.money import format_yuan

AIRY_FROM = 22
"""Rows of room from which a blank one stands between weeks."""


class MonthPage(Page):
    """Everything that most people come for, without a key."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.shell)
        self._visit = visit
        self._months: tuple[Month, ...] = ()
        self._key = new_key()

    def opened(self) -> None:
        today, token = business_day(self.shell.wall_ms()), self._visit.token
        before = today.replace(day=1) - timedelta(days=1)
        wanted = [before, today] if today.day == 1 else [today]

        def job(port: HubPort) -> tuple[Month, ...]:
            asked = ({"month": f"{day:%Y-%m}"} for day in wanted)
            bodies = [port.get("/self/month", one, token=token).body for one in asked]
            return tuple(Month.model_validate(body) for body in bodies)

        self.ask(job, self._came)

    def title(self) -> str:
        if not self._months:
            return self._visit.door
        month = self._months[-1]
        paid = sum(day.mark == "yes" for day in month.days)
        told = self.t("{door}   this month {amount} yuan ({days} days)   balance {balance} yuan")
        return told.format(
            door=self._visit.door, amount=format_yuan(month.amount_fen), days=paid,
            balance=format_yuan(month.balance_fen),
        )  # fmt: skip

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if not self._months:
            return ()
        month = self._months[-1]
        first = date.fromisoformat(f"{month.month}-01")
        shown = grid(month.days, first.weekday(), width, self.t)
        if height >= AIRY_FROM:
            shown = [row for week in shown for row in (week, plain("", width))]
        shown.append(plain(self.t("✓ paid  ✗ not paid  … not decided yet  · nothing"), width))
        shown.append(plain("", width))
        for words, day in ((self.t("Today"), self._day(0)), (self.t("Yesterday"), self._day(1))):
            if day is not None:
                shown += self._reason(words, day, width)
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (
            self.t("1 I doubt yesterday's result   2 a card is lost"),
            self.t("3 my matters and rating   0 end"),
        )

    def press(self, key: str) -> None:
        if key == "1":
            self._doubt()
        elif key == "2":
            self.shell.open(LostPage(self._visit))
        elif key == "3":
            self.shell.open(MattersPage(self._visit))
        elif key in ("0", "escape"):
            self.shell.lock()

    def _came(self, months: tuple[Month, ...]) -> None:
        self._months = months

    def _day(self, back: int) -> DayMark | None:
        wanted = (business_day(self.shell.wall_ms()) - timedelta(days=back)).isoformat()
        days = (day for month in self._months for day in month.days)
        return next((day for day in days if day.day == wanted), None)

    def _reason(self, words: str, day: DayMark, width: int) -> list[Row]:
        sign, style = MARKS.get(day.mark, ("?", ""))
        pieces = wrapped(f"{words} {sign} {self._visit.why(day)}", width - 2)
        return [(Span(fit(f" {piece}", width), style),) for piece in pieces]

    def _doubt(self) -> None:
        day = self._day(1)
        if day is None:
            return
        body, token, key = {"kind": "reward", "day": day.day}, self._visit.token, self._key

        def job(port: HubPort) -> OwnMatter:
            said = port.post("/self/matters", body, once=key, token=token).body
            return OwnMatter.model_validate(said)

        self.ask(job, self._made)

    def _made(self, made: OwnMatter) -> None:
        told = self.t("Matter no. {number}: {name}, phone {phone}, answers you")
        self.say(told.format(number=made.matter, name=made.person_name, phone=made.phone))
