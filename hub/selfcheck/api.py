"""Self-check over HTTP: a tap opens two minutes of one household's own records."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.audit import record
from hub.access.deps import require
from hub.desks.api import CardTapped
from hub.desks.duty import Staff
from hub.desks.tables import Officer
from hub.matters import acts
from hub.matters.acting import Intake, act, find, take
from hub.matters.book import read_book
from hub.matters.model import Actor
from hub.matters.store import take_turn
from hub.matters.transitions import Now
from hub.registry.cards import block_of, holder_of, mark_of
from hub.registry.cards_api import block
from hub.registry.tables import Household, Person
from hub.rewards.days import household_days
from hub.rewards.views import DayView
from hub.selfcheck import tokens
from hub.selfcheck.reading import cards_of, matters_of, month_of, own_matter
from hub.selfcheck.tokens import SelfVisit
from hub.selfcheck.views import (
    Lost,
    MonthOut,
    Opened,
    OwnCards,
    OwnMatter,
    OwnMatters,
    Question,
    Rated,
    StaffOut,
)
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.problem import ProblemError
from hub.web.words import DayInReach
from wire.day import business_day

router = APIRouter(prefix="/self", tags=["self-check"])
_bearer = HTTPBearer(
    scheme_name="SelfCheck", auto_error=False, description="the token of POST /self/tap"
)
SERVICE = ("officer", "technician")
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "Nobody's card"}}
Machine = Annotated[Caller, Depends(require("selfcheck"))]
Number = Annotated[int, Path(ge=1, le=2**53)]
Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-05"])]


def _visit(
    hub: HubDep, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> SelfVisit:
    now_ms = hub.now_ms()
    known = tokens.read(hub.secret, hub.community, given.credentials, now_ms) if given else None
    if known is None:
        detail = "no token of a visit, or it has ended; tap the card again"
        raise ProblemError(401, "unauthorized", detail, {"WWW-Authenticate": "Bearer"})
    return known


Visit = Annotated[SelfVisit, Depends(_visit)]


@router.post("/tap", responses=_UNKNOWN)
def post_tap(asked: CardTapped, session: ReadDep, hub: HubDep, caller: Machine) -> Opened:
    """A household's card opens its own records; a blocked one does not."""
    now_ms = hub.now_ms()
    held = holder_of(session, hub.community, asked.card, now_ms)
    if held is None:
        raise ProblemError(404, "unknown-card", "it is no household's card; ask at the desk")
    if block_of(session, hub.community, asked.card, now_ms) is not None:
        detail = "the card was reported lost and opens nothing; ask at the desk"
        raise ProblemError(409, "card-blocked", detail)
    home = session.get_one(Household, (hub.community, held.household_id))
    record(hub, caller, home.household_id, "/self/tap")
    visit = SelfVisit(home.household_id, mark_of(asked.card), caller.user)
    return Opened(
        token=tokens.issue(hub.secret, hub.community, visit, now_ms),
        household=home.household_id,
        door=_door(home),
        expires_in=tokens.LIFETIME_S,
    )


@router.post("/staff", responses=_UNKNOWN)
def post_staff(asked: CardTapped, session: ReadDep, hub: HubDep, _caller: Machine) -> StaffOut:
    """Whether a card may service the machine: an officer's or a technician's."""
    p = Person
    found = select(p).where(col(p.community) == hub.community, col(p.card) == asked.card)
    person = session.scalars(found).first()
    if person is None or person.role not in SERVICE or _left(session, person):
        raise ProblemError(404, "unknown-card", "it is no officer's and no technician's card")
    return StaffOut(person=person.person_id, role=person.role)


@router.get("/month")
def get_month(month: Month, session: ReadDep, hub: HubDep, visit: Visit) -> MonthOut:
    """Balance and every day of a month until today."""
    return month_of(session, hub, _home(session, hub, visit), date.fromisoformat(f"{month}-01"))


@router.get("/why")
def get_why(day: DayInReach, session: ReadDep, hub: HubDep, visit: Visit) -> DayView:
    """Why a day brought what it brought."""
    today = business_day(hub.now_ms())
    if day > today:
        raise ProblemError(422, "future-day", f"{day} has not begun; today is {today}")
    return household_days(session, _home(session, hub, visit), day, day)[0]


@router.get("/matters")
def list_own_matters(session: ReadDep, hub: HubDep, visit: Visit) -> OwnMatters:
    """What the household reported, with the five steps of each."""
    return OwnMatters(matters=matters_of(session, hub, visit.household))


@router.post("/matters")
def post_question(
    request: Question, session: WriteDep, hub: HubDep, visit: Visit, once: OnceDep
) -> OwnMatter:
    """Ask about a reward, or report something; about one day's reward there is one matter."""

    def effect() -> OwnMatter:
        home = _home(session, hub, visit)
        day = request.day or business_day(hub.now_ms())
        asked = Intake(
            "self", request.kind, request.place or _door(home),
            request.text or f"对{day}的奖励有疑问", visit.household,
            source=f"self {visit.household} {day}" if request.kind == "reward" else None,
        )  # fmt: skip
        number = take(session, hub.community, asked, _resident(visit), hub.now_ms())
        return _own(session, hub, number, visit)

    return once.run(session, _caller(visit), request, OwnMatter, effect)


@router.post("/matters/{number}/rating")
def post_rating(
    number: Number,
    request: Rated,
    session: WriteDep,
    hub: HubDep,
    visit: Visit,
    *,
    once: OnceDep,
) -> OwnMatter:
    """民评: how the household found what was done."""

    def effect() -> OwnMatter:
        take_turn(session)
        known = find(session, hub.community, number)
        if visit.household not in known.matter.households:
            raise ProblemError(404, "no-matter", f"matter {number} is none of this household's")
        said = acts.Rate(act="rate", rating=request.rating, household=visit.household)
        now = Now(hub.now_ms(), Staff(session, hub.community))
        act(session, hub.community, known, said, (_resident(visit), now))
        return _own(session, hub, number, visit)

    return once.run(session, _caller(visit), request, OwnMatter, effect)


@router.get("/cards")
def list_own_cards(session: ReadDep, hub: HubDep, visit: Visit) -> OwnCards:
    """The household's cards, to say which of them is lost."""
    return OwnCards(cards=list(cards_of(session, hub, visit.household, visit.card).values()))


@router.post("/lost", responses=_UNKNOWN)
def post_lost(
    request: Lost, session: WriteDep, hub: HubDep, visit: Visit, once: OnceDep
) -> OwnCards:
    """挂失: block another card of the household at once; never the one just tapped."""

    def effect() -> OwnCards:
        mine = cards_of(session, hub, visit.household, visit.card)
        wanted = {"card": request.card, "serial": request.serial}
        named = [
            card
            for card, line in mine.items()
            if any(value is not None and getattr(line, key) == value
                   for key, value in wanted.items())
        ]  # fmt: skip
        if len(named) != 1:
            raise ProblemError(404, "card-unknown", "no card of this household is called so")
        if mine[named[0]].this:
            detail = "that is the card just tapped, so it is not lost; choose another one"
            raise ProblemError(409, "card-present", detail)
        why = "reported lost at a self-check machine"
        block(session, hub, _caller(visit), card=named[0], at_ms=hub.now_ms(), why=why)
        session.expire_all()
        return OwnCards(cards=list(cards_of(session, hub, visit.household, visit.card).values()))

    return once.run(session, _caller(visit), request, OwnCards, effect)


def _left(session: Session, person: Person) -> bool:
    officer = session.get(Officer, (person.community, person.person_id))
    return officer is not None and officer.left


def _home(session: Session, hub: Hub, visit: SelfVisit) -> Household:
    return session.get_one(Household, (hub.community, visit.household))


def _door(home: Household) -> str:
    return f"{home.building}-{home.unit}-{home.room}"


def _caller(visit: SelfVisit) -> Caller:
    return Caller(f"{visit.machine} {visit.household}", "selfcheck")


def _resident(visit: SelfVisit) -> Actor:
    return Actor("resident", "resident", visit.machine)


def _own(session: Session, hub: Hub, number: int, visit: SelfVisit) -> OwnMatter:
    known = find(session, hub.community, number)
    return own_matter(session, hub, known, read_book(session, hub.community), visit.household)
