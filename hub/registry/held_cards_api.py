"""The cards that a household has now, over HTTP: how a lost one is found that cannot be tapped."""

from fastapi import APIRouter
from pydantic import BaseModel

from hub.access.audit import record
from hub.registry import cards
from hub.registry.api import require_household
from hub.registry.cards_api import Counter
from hub.visits.last import LastTap, last_tap
from hub.web.deps import HubDep, ReadDep
from hub.web.words import InPath
from wire.day import local_time

router = APIRouter(prefix="/cards", tags=["cards"], responses={404: {}})


class CardState(BaseModel):
    """A card by its printed serial, or by a mark if it bears none; its token is nobody's to see."""

    serial: str | None
    mark: str
    since: str
    last_tap: LastTap | None
    blocked: bool


class HouseholdCards(BaseModel):
    """Every card that a household has now, by serial."""

    cards: list[CardState]


@router.get("/of/{household}")
def list_cards(household: InPath, hub: HubDep, session: ReadDep, caller: Counter) -> HouseholdCards:
    """The cards of a household by serial, blocked or not; every look is recorded."""
    require_household(session, hub, household)
    record(hub, caller, household, "/cards/of/{household}")
    now_ms = hub.now_ms()
    held = [
        CardState(
            serial=one.serial,
            mark=cards.mark_of(one.card),
            since=local_time(one.from_ms).date().isoformat(),
            last_tap=last_tap(session, one),
            blocked=cards.block_of(session, hub.community, one.card, now_ms) is not None,
        )
        for one in cards.held_by(session, hub.community, household, now_ms)
    ]
    return HouseholdCards(cards=sorted(held, key=lambda one: (one.serial or "", one.since)))
