"""The self-check machine: a tap opens it, a minute without a key or another card closes it."""

from kiosk.common.hub import HubError, HubPort, HubRefusedError
from kiosk.common.page import Page
from kiosk.common.rows import Row, Span, clock, fit, spread
from kiosk.common.terminal import Clock, Terminal, monotonic_ms, utc_ms
from kiosk.selfcheck.config import SelfConfig
from kiosk.selfcheck.pages.lock import WelcomePage
from kiosk.selfcheck.pages.month import MonthPage
from kiosk.selfcheck.pages.service import ServicePage
from kiosk.selfcheck.shapes import Opened, Staff
from kiosk.selfcheck.visit import Visit


class SelfApp(Terminal):
    """What is shown belongs to the last card tapped."""

    def __init__(
        self,
        config: SelfConfig,
        *,
        dev: bool = False,
        clock_ms: Clock = monotonic_ms,
        wall_ms: Clock = utc_ms,
    ) -> None:
        super().__init__(config, dev=dev, clock_ms=clock_ms, wall_ms=wall_ms)
        self.LOCK_MS = config.lock_after_s * 1000  # type: ignore[misc]
        self._config = config
        self._taps_seen = 0

    def first_page(self) -> Page:
        return WelcomePage(self)

    def lock_page(self) -> Page:
        return WelcomePage(self)

    def top(self, width: int) -> list[Row]:
        title = self.config.title or self.t("Self-check")
        reader = "" if self.reader.up else self.t("✗ card reader") + "  "
        link, style = self.link()
        right = f"{reader}{link} {clock(self.wall_ms())} "
        return [(Span(spread(f" {title}", right, width), style),), (Span(fit("", width)),)]

    def lock(self) -> None:
        """Forgets who was there: pages, token, everything."""
        del self.pages[1:]
        super().lock()

    def refused(self, error: HubError) -> None:
        """A visit that ended at the hub ends here, too."""
        if isinstance(error, HubRefusedError) and error.status == 401 and self.locked is None:
            self.lock()
            self.say(self.t("The time is over: tap your card again"))
            return
        super().refused(error)

    def card(self, card: str) -> None:
        """Closes what is open before it is known whose card this is."""
        self.lock()
        self._taps_seen += 1
        tap, page = self._taps_seen, self.pages[0]

        def job(port: HubPort) -> Opened:
            return Opened.model_validate(port.post("/self/tap", {"card": card}).body)

        self.ask(
            page,
            job,
            lambda opened: self._opened(tap, opened),
            lambda error: self._unknown(tap, card, error),
        )

    def _opened(self, tap: int, opened: Opened) -> None:
        if tap != self._taps_seen:
            return  # somebody else's card came after it
        self.unlock()
        self.open(MonthPage(Visit(self, self._config, opened)))

    def _unknown(self, tap: int, card: str, error: HubError) -> None:
        if tap != self._taps_seen:
            return
        if not isinstance(error, HubRefusedError):
            self.refused(error)
        elif error.kind == "card-blocked":
            self.say(self.t("This card was reported lost: ask at the desk"), bad=True)
        elif error.kind == "unknown-card":
            self._ask_staff(tap, card)
        else:
            self.refused(error)

    def _ask_staff(self, tap: int, card: str) -> None:
        """No household's card may be an officer's or a technician's."""

        def job(port: HubPort) -> Staff:
            return Staff.model_validate(port.post("/self/staff", {"card": card}).body)

        def came(staff: Staff) -> None:
            if tap == self._taps_seen:
                self.unlock()
                self.open(ServicePage(self, self._config, staff, self.reader))

        self.ask(self.pages[0], job, came)
