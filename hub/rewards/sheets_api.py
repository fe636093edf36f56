"""The month's sheets over HTTP, as the accountant signs them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hub.access.deps import require
from hub.rewards.months_api import Month
from hub.rewards.settlement import newest_run
from hub.rewards.sheets import by_building, by_household
from hub.web.deps import Caller, HubDep, ReadDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import PLAIN, InQuery

router = APIRouter(prefix="/months", tags=["months"], route_class=ListRoute)
Reader = Annotated[Caller, Depends(require("admin", "office", "auditor", "committee", "property"))]
Accountant = Annotated[Caller, Depends(require("admin", "office", "auditor"))]

HomePlace = Annotated[str, Field(max_length=80, pattern=PLAIN)]


class BuildingLine(BaseModel):
    """A building's line; days are household-days that were paid."""

    building: str
    households: int
    days: int
    amount_fen: int


class BuildingSheet(Page):
    """Every building with anything; the lines add up to ``amount_fen``.

    ``digest`` is that of the newest run: printed on the sheet, it shows later whether any run
    before was changed.
    """

    items: list[BuildingLine]
    amount_fen: int
    run: int = Field(description="the newest run of all")
    digest: str


class HouseholdLine(BaseModel):
    """A household's line: how many of its days were paid, and what they brought."""

    household: str
    building: str
    days: int
    amount_fen: int


class HouseholdSheet(Page):
    """In the order of households; who earned nothing has no line."""

    items: list[HouseholdLine]


@router.get("/{month}/buildings")
def list_building_sheet(
    month: Month, session: ReadDep, hub: HubDep, _caller: Reader
) -> BuildingSheet:
    """What the days of a month brought, a line a building."""
    lines = [
        BuildingLine(building=name, households=homes, days=days, amount_fen=fen)
        for name, homes, days, fen in by_building(session, hub.community, month)
    ]
    run, digest = newest_run(session, hub.community)
    total = sum(line.amount_fen for line in lines)
    return BuildingSheet(items=lines, amount_fen=total, run=run, digest=digest)


@router.get("/{month}/households")
def list_household_sheet(
    month: Month,
    session: ReadDep,
    hub: HubDep,
    _caller: Accountant,
    *,
    building: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HouseholdSheet:
    """The same, a line a household."""
    (last,) = decode_place(after, tuple[HomePlace]) or ("",)
    rows = by_household(
        session, hub.community, month, building=building, after=last, limit=limit + 1
    )
    lines = [
        HouseholdLine(household=home, building=name, days=days, amount_fen=fen)
        for home, name, days, fen in rows[:limit]
    ]
    more = len(rows) > limit
    return HouseholdSheet(items=lines, next=encode_place(lines[-1].household) if more else None)
