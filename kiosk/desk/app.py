"""The desk's terminal: what a card means where no page wants it, header, lock."""

from pathlib import Path

from kiosk.common.hub import HubAwayError, HubError, HubPort
from kiosk.common.page import Page
from kiosk.common.rows import Row, Span, clock, fit, spread
from kiosk.common.terminal import Clock, Terminal, monotonic_ms, utc_ms
from kiosk.common.worker import Done
from kiosk.desk import drafts
from kiosk.desk.config import DeskConfig
from kiosk.desk.desk import Desk
from kiosk.desk.drafts import Box
from kiosk.desk.keeper import Keeper
from kiosk.desk.pages.duty import LockPage, OffDutyPage
from kiosk.desk.pages.home import HomePage
from kiosk.desk.shapes import Duty, OnDuty, Resident, Who

REFRESH_MS = 20_000
TWICE_MS = 3000
"""A card held too long or tapped twice at the beginning is no wish to go."""


class DeskApp(Terminal):
    """Pages over one desk."""

    HUSHED = True

    def __init__(
        self,
        config: DeskConfig,
        box: Box | None = None,
        *,
        dev: bool = False,
        clock_ms: Clock = monotonic_ms,
        wall_ms: Clock = utc_ms,
    ) -> None:
        super().__init__(config, dev=dev, clock_ms=clock_ms, wall_ms=wall_ms)
        self.LOCK_MS = config.lock_after_s * 1000  # type: ignore[misc]
        self._keeper = Keeper(config.data / "drafts.json", self._kept)
        self.desk = Desk(self, config, box or Box(), self._keeper.keep)
        self._title = config.title or self.t("Joint desk")
        self._refreshed_ms = clock_ms()
        self.damaged: Path | None = None
        self._known: dict[str, str] = {}
        """Cards of officers seen on duty: they unlock without the hub, too."""
        self._greeted: str | None = None
        self._greeted_ms = 0
        self._left_by: str | None = None
        """Who acted when the desk was locked."""

    def begun(self) -> None:
        self._keeper.start()
        if self.damaged is not None:
            told = self.t("The drafts' file was damaged; it stands as {file}")
            self.say(told.format(file=self.damaged), bad=True)

    def ended(self) -> None:
        self._keeper.stop()

    def first_page(self) -> Page:
        return HomePage(self.desk)

    def lock(self) -> None:
        """Keeps what is open for whoever opened it."""
        if self.locked is None:
            self._left_by = self.desk.acting
        super().lock()

    def lock_page(self) -> Page:
        return LockPage(self.desk)

    def top(self, width: int) -> list[Row]:
        """Officers and counts; below, the resident who stands here."""
        desk, t = self.desk, self.t
        people = "  ".join(self._officer(one) for one in desk.duty) or t("nobody on duty")
        link, style = self.link()
        reader = "" if self.reader.up else t("✗ card reader") + "  "
        right = f"{self._counts()}{reader}{link} {clock(self.wall_ms())} "
        first: Row = (Span(spread(f" {self._title}  {people}", right, width), style),)
        return [first, (Span(fit(f" {self._resident()}", width), "head"),)]

    def card(self, card: str) -> None:
        """An officer's card unlocks or begins a duty; a resident's brings the household."""
        page = self.page
        self.ask(
            page,
            self.desk.who(card),
            lambda came: self._came(page, card, *came),
            lambda error: self._not_asked(card, error),
        )

    def tick(self) -> None:
        """Counts are renewed while somebody works here."""
        now_ms = self._clock_ms()
        if self.locked is None and now_ms - self._refreshed_ms >= REFRESH_MS:
            self._refreshed_ms = now_ms
            self.desk.refresh(self.pages[0])

    def _kept(self, failed: str | None) -> None:
        self._tell(Done(self.desk.kept, failed))

    def _came(self, page: Page, card: str, who: Who, duty: Duty) -> None:
        self.desk.on_duty(duty)
        if who.officer is not None:
            self._officer_came(page, card, who.officer)
        elif who.household is not None and self.locked is None:
            self._resident_came(who.household)
        else:
            self.say(self.t("The desk is locked: a staff card opens it"), bad=True)

    def _resident_came(self, resident: Resident) -> None:
        """Somebody's words stay on the screen until they are sent or left."""
        self.desk.resident = resident
        if any(page.unsent() for page in self.pages):
            told = self.t("{door} is here: first finish this, or leave it with Esc")
            self.say(told.format(door=resident.door))
        else:
            self.home()

    def _officer_came(self, page: Page, card: str, officer: OnDuty) -> None:
        here = officer.person in {one.person for one in self.desk.duty}
        if not here:
            path = f"/desks/{self.desk.config.desk}/duty"
            self.ask(
                page,
                lambda port: _duty(port, path, card),
                lambda duty: self._began(card, officer, duty),
            )
        elif self.locked is not None:
            self._known[card] = officer.person
            self._greet(officer.person)
            self._unlock_for(officer.person)
        elif self._greeted != officer.person or self._clock_ms() - self._greeted_ms >= TWICE_MS:
            self.open(OffDutyPage(self.desk, card, officer))

    def _began(self, card: str, officer: OnDuty, duty: Duty) -> None:
        self._known[card] = officer.person
        acting = self.desk.acting
        self.desk.on_duty(duty)
        here = officer.person in {one.person for one in duty.on_duty}
        if here:
            self._greet(officer.person)
            busy = self.locked is None and any(page.unsent() for page in self.pages)
            self._unlock_for(acting if busy and acting else officer.person)
            told = self.t("{name} is on duty")
            self.say(told.format(name=officer.name))
        self.desk.refresh(self.pages[0])

    def _greet(self, person: str) -> None:
        self._greeted, self._greeted_ms = person, self._clock_ms()

    def _not_asked(self, card: str, error: HubError) -> None:
        person = self._known.get(card)
        here = {one.person for one in self.desk.duty}
        if isinstance(error, HubAwayError) and self.locked is not None and person in here:
            self._unlock_for(person)
        self.refused(error)

    def _unlock_for(self, person: str) -> None:
        """What another one was writing is not shown: words and drafts are kept."""
        self.desk.acting = person
        if self.locked is not None and person != self._left_by:
            del self.pages[1:]
        self.unlock()

    def _officer(self, one: OnDuty) -> str:
        mark = "▶" if one.person == self.desk.acting and len(self.desk.duty) > 1 else ""
        return f"{mark}{self.desk.side(one.body)}:{one.name}"

    def _counts(self) -> str:
        seen = self.desk.summary
        if seen is None or self.locked is not None:
            return ""
        text = self.t("open {open} · due {soon} · late {late}")
        return text.format(open=seen.open, soon=seen.due_soon, late=seen.overdue) + "  "

    def _resident(self) -> str:
        if self.locked is not None:
            return ""
        resident: Resident | None = self.desk.resident
        if resident is None:
            return self.t("No resident: tap a card, or Enter and type the door")
        near = max(resident.contacts, key=lambda one: one.level, default=None)
        asks = f"   {near.title} {near.name} {near.phone}" if near else ""
        lost = "  " + self.t("✗ this card is blocked") if resident.card_state == "blocked" else ""
        return f"{resident.door}  {resident.name or ''}{lost}{asks}"


def _duty(port: HubPort, path: str, card: str) -> Duty:
    return Duty.model_validate(port.post(path, {"card": card, "begins": True}).body)


def desk_app(
    config: DeskConfig,
    *,
    dev: bool = False,
    clock_ms: Clock = monotonic_ms,
    wall_ms: Clock = utc_ms,
) -> DeskApp:
    """The terminal with the drafts of its folder; raises OSError for a folder it cannot use."""
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    box, damaged = drafts.read(config.data / "drafts.json")
    terminal = DeskApp(config, box, dev=dev, clock_ms=clock_ms, wall_ms=wall_ms)
    terminal.damaged = damaged
    return terminal
