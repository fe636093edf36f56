"""Households: who lives behind which door, found by door or by card."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.audit import record
from hub.access.deps import require
from hub.registry.tables import CardBinding, Household
from hub.web.deps import Caller, Hub, HubDep, ReadDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.problem import ProblemError
from wire.base import CardToken

router = APIRouter(prefix="/households", tags=["households"])
Reader = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "auditor"))]


class HouseholdOut(BaseModel):
    """A door and since when."""

    household: str
    building: str
    unit: str
    room: str
    kind: str
    from_day: date
    to_day: date | None


class HouseholdPage(Page):
    """Households in the order of their names."""

    items: list[HouseholdOut]


class CardSearch(BaseModel):
    """A card token; it never stands in a URL."""

    card: CardToken


def _out(row: Household) -> HouseholdOut:
    return HouseholdOut(household=row.household_id, **row.model_dump())


@router.get("")
def list_households(
    *,
    hub: HubDep,
    session: ReadDep,
    caller: Reader,
    building: str | None = None,
    unit: str | None = None,
    room: str | None = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HouseholdPage:
    """Households of a building, unit or room."""
    place = decode_place(after, tuple[str])
    wanted = {"building": building, "unit": unit, "room": room}
    statement = select(Household).where(col(Household.community) == hub.community)
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(getattr(Household, name) == value)
    if place is not None:
        statement = statement.where(col(Household.household_id) > place[0])
    rows = session.scalars(statement.order_by(col(Household.household_id)).limit(limit + 1)).all()
    record(hub, caller, "-".join(value or "*" for value in wanted.values()), "/households")
    return _page(rows, limit)


def _page(rows: Sequence[Household], limit: int) -> HouseholdPage:
    shown = rows[:limit]
    more = encode_place(shown[-1].household_id) if len(rows) > limit else None
    return HouseholdPage(items=[_out(row) for row in shown], next=more)


@router.post("/search")
def search_by_card(
    wanted: CardSearch, hub: HubDep, session: ReadDep, caller: Reader
) -> HouseholdOut:
    """The household that holds a card now."""
    now_ms = hub.now_ms()
    holder = session.scalar(
        select(col(CardBinding.household_id))
        .where(
            col(CardBinding.community) == hub.community,
            col(CardBinding.card) == wanted.card,
            col(CardBinding.from_ms) <= now_ms,
            col(CardBinding.to_ms).is_(None) | (col(CardBinding.to_ms) > now_ms),
        )
        .order_by(col(CardBinding.from_ms).desc())
        .limit(1)
    )
    if holder is None:
        raise ProblemError(404, "card-unknown", "no household holds this card now")
    return _one(hub, session, caller, holder)


@router.get("/{household}")
def read_household(household: str, hub: HubDep, session: ReadDep, caller: Reader) -> HouseholdOut:
    """One household."""
    return _one(hub, session, caller, household)


def _one(hub: Hub, session: Session, caller: Caller, household: str) -> HouseholdOut:
    row = session.get(Household, (hub.community, household))
    if row is None:
        detail = f"no household {household}; expected building-unit-room, as 11-1-102"
        raise ProblemError(404, "household-unknown", detail)
    record(hub, caller, household, "/households/{household}")
    return _out(row)
