"""Moving out: the household ends, its cards are blocked, its successor begins. In that order.

The registry is the office's; so the page asks for an account of the office, uses its token for
these changes and forgets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kiosk.common.hub import HubPort
from kiosk.common.once import new_key
from kiosk.common.page import Field, Page
from kiosk.common.rows import Row, plain
from kiosk.desk.acts import read_day
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import Household, HouseholdCards, Resident
from kiosk.words import mark as _
from wire.day import business_day


@dataclass(frozen=True)
class Moving:
    """What was typed, question by question."""

    day: str = ""
    name: str = ""
    phone: str = ""
    username: str = ""
    password: str = ""


ASKS = (
    ("day", _("Moves out on: 0 is today, or 5-8"), 10),
    ("name", _("Name of who moves in (may stay empty)"), 40),
    ("phone", _("Phone of who moves in (may stay empty)"), 20),
    ("username", _("Account of the office"), 64),
    ("password", _("Password"), 128),
)
MAY_STAY_EMPTY = ("name", "phone")


class MovingPage(Page):
    """Five questions; sent again after a failure it goes on where it stopped."""

    def __init__(self, desk: Desk, resident: Resident) -> None:
        super().__init__(desk.shell)
        self._desk, self._resident = desk, resident
        self._moving = Moving()
        self._at = 0
        self._day: date | None = None
        self._key = new_key()

    def opened(self) -> None:
        """Whoever unlocks the desk is not whose password was being typed."""
        self._moving = replace(self._moving, password="")

    def again(self) -> None:
        """Nothing was read; a password that is being typed stays."""

    def unsent(self) -> bool:
        return self._moving != Moving()

    def title(self) -> str:
        return self.t("Moving out: {door}").format(door=self._resident.door)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        lines = [
            self.t("The household ends on that day, its cards are blocked at once,"),
            self.t("and the same door begins anew with an account of its own."),
            "",
        ]
        for name, words, _limit in ASKS[: min(self._at, 4)]:
            lines.append(f"{self.t(words)}: {getattr(self._moving, name) or '—'}")
        return [plain(line, width) for line in lines][:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("Enter go on   ↑ back one question   Esc cancel"),)

    def field(self) -> Field | None:
        name, words, limit = ASKS[self._at]
        value = getattr(self._moving, name)
        return Field(name, self.t(words), value, limit, secret=name == "password")

    def typed(self, text: str) -> None:
        self._moving = replace(self._moving, **{ASKS[self._at][0]: text})

    def entered(self, text: str) -> None:
        name = ASKS[self._at][0]
        if not text and name not in MAY_STAY_EMPTY:
            self.say(self.t("This has to be filled in"), bad=True)
            return
        if name == "day":
            self._day = read_day(text, business_day(self.shell.wall_ms()))
            if self._day is None:
                self.say(self.t("No such day: type 3 for in three days, or 5-8"), bad=True)
                return
        self.say("")
        if self._at + 1 < len(ASKS):
            self._at += 1
        else:
            self._send()

    def press(self, key: str) -> None:
        if key == "up" and self._at > 0:
            self._at -= 1
        else:
            super().press(key)

    def _send(self) -> None:
        moving, resident, day, key = self._moving, self._resident, self._day, self._key
        why = f"{self.t('moved out')} {self._desk.config.desk} {self._desk.acting or ''}".strip()

        def job(port: HubPort) -> Household:
            return moved(port, resident, moving, (str(day), why, key))

        self.say(self.t("Being sent…"))
        self.ask(job, self._done)

    def _done(self, successor: Household) -> None:
        self._moving = Moving()
        self.shell.close(self)
        told = self.t("Done: the door's new number is {household}")
        self.say(told.format(household=successor.household))


def moved(
    port: HubPort, resident: Resident, moving: Moving, how: tuple[str, str, str]
) -> Household:
    """Each step may be repeated without doing anything twice; raises HubError."""
    day, why, key = how
    token = port.log_in(moving.username, moving.password)
    old = f"/households/{resident.household}"
    held = Household.model_validate(port.get(old, token=token).body)
    if held.to_day is None:
        port.post(old, {"to_day": day, "why": why}, token=token, method="PATCH")
    cards = HouseholdCards.model_validate(port.get(f"/cards/of/{resident.household}").body).cards
    for card in cards:
        if card.serial is not None and not card.blocked:
            port.post("/cards/block", {"serial": card.serial, "why": why})
    asked = {
        "door": f"{held.building}-{held.unit}-{held.room}", "kind": held.kind, "from_day": day,
        "successor_of": held.household, "name": moving.name or None,
        "phone": moving.phone or None, "why": why,
    }  # fmt: skip
    return Household.model_validate(port.post("/households", asked, once=key, token=token).body)
