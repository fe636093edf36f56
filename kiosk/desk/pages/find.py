"""A household by its door or by the initials of its holder's name."""

import re
from collections.abc import Callable, Sequence

from kiosk.common.hub import HubPort, HubRefusedError
from kiosk.common.page import Field, Page, chosen
from kiosk.common.rows import Row, narrow, plain
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import Contact, Household, HouseholdPage, Resident

SHOWN = 9
DOOR = re.compile(r"[0-9][0-9A-Za-z]*([-. ][0-9A-Za-z]+)*")


class FindPage(Page):
    """Type, Enter, and if there are several a digit."""

    def __init__(
        self, desk: Desk, begin: str = "", then: Callable[[Resident], None] | None = None
    ) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._begin = begin
        self._then = then
        self._found: tuple[Household, ...] = ()
        self._more = False
        self._asking = True

    def title(self) -> str:
        return self.t("Find a household")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = [
            plain(f"{no} {_door(one)}  {one.holder or ''}", width)
            for no, one in enumerate(self._found, start=1)
        ]
        if self._more:
            shown.append(plain(self.t("and more: type more of the door"), width, "waits"))
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        if self._asking:
            return (self.t("Enter find   Esc back"),)
        return (self.t("1 to 9 choose   Enter type again   Esc back"),)

    def field(self) -> Field | None:
        if not self._asking:
            return None
        label = self.t("Door as 3-2-501, or initials of the name as wxm")
        return Field("door", label, self._begin, limit=40)

    def typed(self, text: str) -> None:
        self._begin = text

    def entered(self, text: str) -> None:
        if not text:
            self.say(self.t("Type a door or initials, or tap a card"), bad=True)
            return
        self._begin = text
        self.ask(lambda port: _search(port, narrow(text)), self._came)

    def press(self, key: str) -> None:
        place = chosen(key, len(self._found))
        if self._asking or place is None:
            if key == "enter":
                self._asking = True
                return
            super().press(key)
            return
        self._take(self._found[place])

    def _came(self, page: HouseholdPage) -> None:
        exact = [one for one in page.items if one.household == normal(self._begin)]
        if len(exact or page.items) == 1:
            self._take((exact or page.items)[0])
        elif not page.items:
            self.say(self.t("No such household: look at the door again"), bad=True)
        else:
            self._found = page.items[:SHOWN]
            self._more = len(page.items) > SHOWN or page.next is not None
            self._asking = False

    def _take(self, one: Household) -> None:
        self.ask(lambda port: _resident(port, one), self._taken)

    def _taken(self, resident: Resident) -> None:
        if self._then is not None:
            self.shell.close(self)
            self._then(resident)
            return
        self._desk.resident = resident
        self.shell.home()


def normal(text: str) -> str:
    """``3.2.501`` and ``3 2 501`` are ``3-2-501``."""
    return re.sub(r"[. ]+", "-", narrow(text).strip())


def _door(one: Household) -> str:
    return f"{one.building}-{one.unit}-{one.room}"


def _search(port: HubPort, text: str) -> HouseholdPage:
    by_door = DOOR.fullmatch(text) is not None
    asked = {"door": normal(text)} if by_door else {"initials": text.lower()}
    return HouseholdPage.model_validate(port.get("/households", {**asked, "limit": SHOWN + 1}).body)


def _resident(port: HubPort, one: Household) -> Resident:
    try:
        said = port.get("/contacts", {"household": one.household}).body
    except HubRefusedError as error:
        if error.status != 404:
            raise
        said = []
    items = said.get("items", []) if isinstance(said, dict) else said or []
    contacts = tuple(Contact.model_validate(item) for item in items)
    return Resident(household=one.household, door=_door(one), name=one.holder, contacts=contacts)
