"""Balances and entries."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hub.access.deps import require
from hub.ledger.accounts import balance, entries_after
from hub.registry.tables import Household
from hub.web.deps import Caller, HubDep, ReadDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import InPath, InQuery
from wire.base import Cursor

router = APIRouter(tags=["ledger"], route_class=ListRoute)
Reader = Annotated[Caller, Depends(require("admin", "office", "auditor", "committee", "property"))]


class BalanceView(BaseModel):
    """Earned minus paid; ``available_…`` is what nothing has set aside. Points are no money."""

    household: str
    balance_fen: int
    available_fen: int
    balance_points: int
    available_points: int


class EntryView(BaseModel):
    """One movement of a household's money; nothing in it ever changes."""

    entry: int
    household: str
    day: date
    kind: str
    amount_fen: int
    unit: str = Field(description="fen, or point: then amount_fen counts points")
    run: int | None
    policy: str | None
    visit: str | None
    reverses: int | None
    booked_on: date
    reason: str


class EntryPage(Page):
    """Entries in the order they were booked."""

    items: list[EntryView]


@router.get("/households/{household}/balance")
def get_balance(household: InPath, session: ReadDep, hub: HubDep, _caller: Reader) -> BalanceView:
    """What a household has, and what of it is free."""
    if session.get(Household, (hub.community, household)) is None:
        raise ProblemError(404, "no-household", f"household {household[:80]} is not registered")
    fen = balance(session, hub.community, household)
    points = balance(session, hub.community, household, "point")
    return BalanceView(
        household=household,
        balance_fen=fen.balance_fen,
        available_fen=fen.available_fen,
        balance_points=points.balance_fen,
        available_points=points.available_fen,
    )


@router.get("/entries")
def get_entries(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    household: InQuery = None,
    day: date | None = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> EntryPage:
    """Entries in the order they were booked; ``next`` is the ``after`` of the following page."""
    (last,) = decode_place(after, tuple[Cursor]) or (0,)
    rows = entries_after(
        session, hub.community, household=household, day=day, after=last, limit=limit + 1
    )
    items = [
        EntryView(
            entry=row.entry,
            household=row.household_id,
            day=row.day,
            kind=row.kind,
            amount_fen=row.amount_fen,
            unit=row.unit,
            run=row.run,
            policy=row.policy_id,
            visit=row.visit_id,
            reverses=row.reverses,
            booked_on=row.booked_on,
            reason=row.reason,
        )
        for row in rows[:limit]
    ]
    return EntryPage(items=items, next=encode_place(items[-1].entry) if len(rows) > limit else None)
