"""Why a day paid or did not, and a dispute about it."""

from collections.abc import Sequence
from datetime import timedelta

from kiosk.common.hub import HubPort
from kiosk.common.page import WORDS, Field, Page, chosen
from kiosk.common.rows import Row, Span, fit, plain, wrapped
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import Day, Days, Resident
from kiosk.desk.written import Written
from wire.day import business_day
from wire.money import format_yuan

DAYS = 31
PER_PAGE = 9


class RewardPage(Page):
    """The last month of the household that stands here, newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._days: tuple[Day, ...] = ()
        self._resident: Resident | None = None
        self._start = 0

    def opened(self) -> None:
        self._days = ()
        resident = self._resident = self._desk.resident
        if resident is None:
            self.say(self.t("First the household: Esc, then tap a card or type the door"), bad=True)
            return
        today = business_day(self.shell.wall_ms())
        first, path = today - timedelta(days=DAYS - 1), f"/households/{resident.household}/days"

        def job(port: HubPort) -> Days:
            params = {"from": first.isoformat(), "to": today.isoformat()}
            return Days.model_validate(port.get(path, params).body)

        self.ask(job, self._came)

    def title(self) -> str:
        door = self._desk.resident.door if self._desk.resident else "—"
        return self.t("Why was I (not) paid: {door}").format(door=door)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = self._days[self._start : self._start + PER_PAGE]
        return [_day_row(self._desk, no, one, width) for no, one in enumerate(shown, 1)][:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("1 to 9 the day   + − other days   Esc back"),)

    def press(self, key: str) -> None:
        shown = self._days[self._start : self._start + PER_PAGE]
        place = chosen(key, len(shown))
        if place is not None and self._resident is not None:
            self.shell.open(DayPage(self._desk, self._resident, shown[place]))
        elif key == "+" and self._start + PER_PAGE < len(self._days):
            self._start += PER_PAGE
        elif key == "-":
            self._start = max(0, self._start - PER_PAGE)
        else:
            super().press(key)

    def _came(self, days: Days) -> None:
        self._days = tuple(reversed(days.days))


class DayPage(Page):
    """One day, every visit of it, and the household's objection."""

    def __init__(self, desk: Desk, resident: Resident, day: Day) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._resident = resident
        self._day = day
        self._begin()
        self._asking = False

    def _begin(self) -> None:
        where = f"objection/{self._resident.household}/{self._day.day}"
        self._written = Written(self._desk, where)

    def title(self) -> str:
        return f"{self._resident.door}  {self._day.day}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        day = self._day
        shown = [_day_row(self._desk, None, day, width)]
        shown += [plain(piece, width) for piece in wrapped(words_of(self._desk, day), width - 2)]
        for visit in day.visits:
            told = self.t("{time}  point {point}  {verdict}  {reason}")
            line = told.format(
                time=visit.at[11:16], point=visit.point, verdict=visit.verdict or "—",
                reason=visit.reason,
            )  # fmt: skip
            shown.append(plain(line, width))
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        if self._asking:
            return (self.t("Enter send   Esc cancel"),)
        return (self.t("1 the household objects   Esc back"),)

    def field(self) -> Field | None:
        if not self._asking:
            return None
        text = self._written.text("claim")
        return Field("claim", self.t("What does the household say?"), text, WORDS, long=True)

    def typed(self, text: str) -> None:
        self._written.put("claim", text)

    def unsent(self) -> bool:
        return self._written.kept

    def entered(self, text: str) -> None:
        if not text:
            self.say(self.t("This has to be filled in"), bad=True)
            return
        claim = " ".join(text.split())
        body = {"household": self._resident.household, "day": self._day.day, "claim": claim}
        key = self._written.key
        self.ask(lambda port: port.post("/disputes", body, once=key).body, self._opened)

    def press(self, key: str) -> None:
        if self._asking:
            if key == "escape":
                self._asking = False
        elif key == "1":
            self._asking = True
        else:
            super().press(key)

    def _opened(self, said: dict[str, object]) -> None:
        self._asking = False
        self._written.drop()
        self._begin()
        told = self.t("Objection no. {number} goes to the office, who answer it")
        self.say(told.format(number=said.get("dispute")))


def words_of(desk: Desk, day: Day) -> str:
    """Why, in the language of the terminal."""
    return day.why if desk.config.language == "zh" else day.why_en


def _day_row(desk: Desk, no: int | None, day: Day, width: int) -> Row:
    sign, style = ("✗", "rejected") if day.run is not None else ("…", "unclear")
    if day.amount_fen > 0:
        sign, style = "✓", "accepted"
    amount = format_yuan(day.amount_fen)
    lead = f" {no} " if no is not None else " "
    head = f"{lead}{day.day}  {sign} {amount:>6}"
    return (Span(head, style), Span(fit(f"  {words_of(desk, day)}", width - len(head)), ""))
