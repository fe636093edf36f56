"""Desks over HTTP: who is on duty, whose card this is, and taps on their way to a browser.

No card stands in a URL, an answer or a log; only a waiting desk is given the tap that was meant
for it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from hub.access.audit import record
from hub.access.deps import current_caller, require
from hub.contacts.finding import contacts_of
from hub.desks.acting_for import officer_by_card, require_own_desk
from hub.desks.duty import on_duty, toggle
from hub.desks.tables import Officer
from hub.desks.taps import LONGEST_S, OtherTapError, Taps, TooManyError
from hub.registry.cards import block_of, holder_of
from hub.registry.finding import masked
from hub.registry.tables import Holder, Household
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import REPLAYED, Key, OnceDep, key_reused
from hub.web.problem import ProblemError
from wire.base import CardToken
from wire.day import business_day

DeskPath = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,32}$", examples=["d1"])]


async def _own_desk(desk: DeskPath, caller: Annotated[Caller, Depends(current_caller)]) -> None:
    require_own_desk(caller, desk)


router = APIRouter(prefix="/desks", tags=["desks"], dependencies=[Depends(_own_desk)])
Desk = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "desk"))]
_CROWD: dict[int | str, dict[str, Any]] = {429: {"description": "Too many wait for taps"}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "Nobody's card"}}


async def _own_taps(
    desk: DeskPath,
    caller: Annotated[
        Caller, Depends(require("admin", "office", "committee", "property", "desk", "selfcheck"))
    ],
) -> Caller:
    """A self-check machine must not hear the cards of officers at a desk."""
    if caller.role == "selfcheck" and desk != caller.user:
        detail = f"a self-check machine has its own taps alone; expected /desks/{caller.user}/taps"
        raise ProblemError(403, "forbidden", detail)
    return caller


Tapper = Annotated[Caller, Depends(_own_taps)]


async def _machine(caller: Tapper) -> Caller:
    """A tap is somebody's signature: no person's own account is given it."""
    if caller.role not in {"desk", "selfcheck"}:
        detail = f"role {caller.role} is no machine that waits for taps; expected role desk"
        raise ProblemError(403, "forbidden", detail)
    return caller


Waiting = Annotated[Caller, Depends(_machine)]


class CardTapped(BaseModel):
    """The token of a card, as a reader gives it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"card": "k1." + "a" * 52}]}
    )

    card: CardToken


class DutyTapped(CardTapped):
    """``begins``: to begin duty or to end it, tapped once or twice; null: whichever is not so."""

    begins: bool | None = None


class OfficerOut(BaseModel):
    """Somebody of a side."""

    person: str
    name: str
    body: str


class DeskOut(BaseModel):
    """A desk and who sits there, one of a side."""

    desk: str
    on_duty: list[OfficerOut]


class ContactLine(BaseModel):
    """One of the grid contacts (三级网格)."""

    level: int
    body: str
    title: str
    name: str
    phone: str


class HomeOut(BaseModel):
    """A household as a desk sees it; ``card_state`` is ok or blocked."""

    household: str
    door: str
    name: str | None
    card_state: str
    contacts: list[ContactLine]


class WhoOut(BaseModel):
    """Whose card it is: an officer's, a household's, or both."""

    officer: OfficerOut | None
    household: HomeOut | None


class Accepted(BaseModel):
    """It waits for its desk."""

    expires_in: int


class TapOut(BaseModel):
    """The tap, given this once; null when none came."""

    card: str | None


@router.get("/{desk}")
def get_desk(desk: DeskPath, session: ReadDep, hub: HubDep, _caller: Desk) -> DeskOut:
    """Who is on duty."""
    return _desk(session, hub, desk)


@router.post("/{desk}/duty", responses=_UNKNOWN)
def post_duty(
    desk: DeskPath,
    asked: DutyTapped,
    session: WriteDep,
    hub: HubDep,
    caller: Desk,
    *,
    once: OnceDep,
) -> DeskOut:
    """An officer's card begins duty or ends it; another one of the same side takes the seat."""

    def effect() -> DeskOut:
        officer = officer_by_card(session, hub.community, asked.card)
        if officer is None or officer.left:
            raise _unknown("it is no officer's card; tap an officer's, or register the officer")
        toggle(session, desk, officer, hub.now_ms(), begins=asked.begins)
        return _desk(session, hub, desk)

    return once.run(session, caller, asked, DeskOut, effect)


@router.post("/{desk}/who", responses=_UNKNOWN)
def post_who(
    desk: DeskPath, asked: CardTapped, session: ReadDep, hub: HubDep, caller: Desk
) -> WhoOut:
    """Whose card it is; looking at a household leaves a trace."""
    officer = officer_by_card(session, hub.community, asked.card)
    home = _home(session, hub, asked.card)
    if officer is None and home is None:
        raise _unknown("neither an officer's nor a household's; find the household by its door")
    if home is not None:
        record(hub, caller, home.household, f"/desks/{desk}/who")
    return WhoOut(officer=officer and _officer(officer), household=home)


@router.post("/{desk}/taps", status_code=202, responses=_CROWD)
def post_tap(
    desk: DeskPath,
    asked: CardTapped,
    request: Request,
    caller: Tapper,
    *,
    response: Response,
    key: Key = None,
) -> Accepted:
    """Hand a tap to whoever waits at the desk; it is good for ten seconds.

    Under a key it is one tap for ten minutes, however often it is sent.
    """
    taps: Taps = request.app.state.taps
    try:
        if not taps.put(desk, asked.card, key and f"{caller.user} {key}"):
            response.headers.update(REPLAYED)
    except TooManyError:
        raise _crowded("too many desks have taps waiting") from None
    except OtherTapError:
        raise key_reused(str(key)) from None
    return Accepted(expires_in=10)


@router.get("/{desk}/taps", responses=_CROWD)
def get_tap(
    desk: DeskPath,
    request: Request,
    _caller: Waiting,
    wait_s: Annotated[int, Query(ge=0, le=LONGEST_S, description="how long to wait")] = 0,
) -> TapOut:
    """The next tap of the desk, or of the self-check machine that is called like its account."""
    taps: Taps = request.app.state.taps
    try:
        return TapOut(card=taps.take(desk, wait_s))
    except TooManyError:
        raise _crowded("too many wait for taps already") from None


def _crowded(what: str) -> ProblemError:
    return ProblemError(429, "too-many-waiting", f"{what}; try again", {"Retry-After": "2"})


def _unknown(what: str) -> ProblemError:
    return ProblemError(404, "unknown-card", what)


def _desk(session: Session, hub: Hub, desk: str) -> DeskOut:
    here = on_duty(session, hub.community, desk)
    return DeskOut(desk=desk, on_duty=[_officer(officer) for officer in here])


def _officer(officer: Officer) -> OfficerOut:
    return OfficerOut(person=officer.person_id, name=officer.name, body=officer.body)


def _home(session: Session, hub: Hub, card: str) -> HomeOut | None:
    now_ms = hub.now_ms()
    held = holder_of(session, hub.community, card, now_ms)
    home = held and session.get(Household, (hub.community, held.household_id))
    if not home:
        return None
    holder = session.get(Holder, (hub.community, home.household_id))
    blocked = block_of(session, hub.community, card, now_ms) is not None
    return HomeOut(
        household=home.household_id,
        door=f"{home.building}-{home.unit}-{home.room}",
        name=masked(holder.name if holder else None),
        card_state="blocked" if blocked else "ok",
        contacts=[
            ContactLine.model_validate(one.model_dump(include=set(ContactLine.model_fields)))
            for one in contacts_of(session, home, business_day(now_ms))
        ],
    )
