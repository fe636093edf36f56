"""What a desk knows: who is on duty, which resident stands there, the drafts, what waits."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from kiosk.common.hub import Answer, HubPort
from kiosk.common.page import Page, Shell
from kiosk.desk.config import DeskConfig
from kiosk.desk.drafts import Box, Draft
from kiosk.desk.shapes import Duty, Json, Kind, OnDuty, Resident, Summary, Who
from kiosk.words import mark as _

SIDES: Mapping[str, str] = MappingProxyType({
    "committee": _("committee"), "property": _("property"), "owners": _("owners"),
    "office": _("office"), "resident": _("resident"), "volunteer": _("volunteer"),
    "system": _("by itself"),
})  # fmt: skip
OTHER: Mapping[str, str] = MappingProxyType({"committee": "property", "property": "committee"})


class Desk:
    """Owned by the screen's thread; what takes time goes through ``Page.ask``."""

    def __init__(
        self, shell: Shell, config: DeskConfig, box: Box, keep: Callable[[Box], None]
    ) -> None:
        self.shell = shell
        self.t = shell.t
        self.config = config
        self.box = box
        self.duty: tuple[OnDuty, ...] = ()
        self.acting: str | None = None
        self.resident: Resident | None = None
        self.summary: Summary | None = None
        self.kinds: Sequence[Kind] = ()
        self._keep = keep

    @property
    def officer(self) -> OnDuty | None:
        """In whose name the keys act."""
        return next((one for one in self.duty if one.person == self.acting), None)

    def on_duty(self, duty: Duty) -> None:
        """Who is here now; the newest one acts."""
        before = {one.person for one in self.duty}
        fresh = [one.person for one in duty.on_duty if one.person not in before]
        self.duty = duty.on_duty
        here = {one.person for one in duty.on_duty}
        if fresh:
            self.acting = fresh[-1]
        elif self.acting not in here:
            self.acting = duty.on_duty[0].person if duty.on_duty else None

    def other_officer(self) -> None:
        """The other one acts from now on."""
        people = [one.person for one in self.duty]
        if self.acting in people:
            self.acting = people[(people.index(self.acting) + 1) % len(people)]

    def signed(self, body: Json, client_ms: int) -> Json:
        """A request's body with desk, officer and this machine's time of its beginning."""
        return {"desk": self.config.desk, "by": self.acting, "client_ms": client_ms, **body}

    def side(self, body: str | None) -> str:
        """社区, 物业."""
        return self.t(SIDES.get(body or "", body or "—"))

    def named(self, person: str) -> str:
        """An officer by name while on duty here, else the staff number."""
        return next((one.name for one in self.duty if one.person == person), person)

    def whose(self, lead: str | None, co: str | None) -> str:
        """归属 in words."""
        if lead is None:
            return self.t("unclear: both settle it, or the officer present takes it")
        if co is None:
            return self.side(lead)
        said = self.t("joint (lead {lead}, with {co})")
        return said.format(lead=self.side(lead), co=self.side(co))

    def kind(self, kind: str) -> Kind | None:
        """A kind by its code."""
        return next((one for one in self.kinds if one.kind == kind), None)

    def keep(self, box: Box) -> None:
        """The drafts from now on; on the disk a moment later."""
        if box != self.box:
            self.box = box
            self._keep(box)

    def kept(self, failed: str | None) -> None:
        """How the writing of drafts went."""
        if failed is not None:
            told = self.t("The draft could not be written to the disk: {why}")
            self.shell.say(told.format(why=failed), bad=True)

    def begin(self) -> tuple[int, Draft] | None:
        """A fresh draft for the resident who stands here; None when nine are parked."""
        number = self.box.free()
        if number is None:
            return None
        resident = self.resident
        draft = Draft(
            made_ms=self.shell.wall_ms(),
            household=resident and resident.household,
            door=resident.door if resident else "",
        )
        return number, draft

    def refresh(self, page: Page) -> None:
        """Counts, officers, kinds."""
        page.ask(lambda port: _looked(port, self.config.desk), self._refreshed)

    def _refreshed(self, seen: tuple[Duty, Summary, list[Kind]]) -> None:
        duty, self.summary, self.kinds = seen
        self.on_duty(duty)
        self.shell.paint()

    def who(self, card: str) -> "WhoJob":
        """Whose card it is, and who is on duty here: the hub knows of other machines."""
        return WhoJob(self.config.desk, card)


class WhoJob:
    """``POST /desks/{desk}/who``; no readable form, a card is in it."""

    def __init__(self, desk: str, card: str) -> None:
        self._desk, self._card = desk, card

    def __call__(self, port: HubPort) -> tuple[Who, Duty]:
        """Asks the hub."""
        said = port.post(f"/desks/{self._desk}/who", {"card": self._card})
        duty = port.get(f"/desks/{self._desk}")
        return Who.model_validate(said.body), Duty.model_validate(duty.body)


def _looked(port: HubPort, desk: str) -> tuple[Duty, Summary, list[Kind]]:
    duty = Duty.model_validate(port.get(f"/desks/{desk}").body)
    summary = Summary.model_validate(port.get("/matters/summary").body)
    return duty, summary, kinds_of(port.get("/matter-kinds"))


def kinds_of(said: Answer) -> list[Kind]:
    """The kinds in the order of their keys."""
    items = said.body.get("items", []) if isinstance(said.body, dict) else said.body or []
    return sorted((Kind.model_validate(one) for one in items), key=lambda one: one.order)
