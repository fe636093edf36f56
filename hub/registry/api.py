"""Households: who lives behind which door, found by door, card, serial or initials."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.audit import record
from hub.access.deps import require
from hub.access.tables import LookUp
from hub.registry import rows
from hub.registry.cards import holder_of
from hub.registry.editing import edit
from hub.registry.finding import Wanted, households, masked
from hub.registry.homes import place_of
from hub.registry.household_forms import (
    CardSearch,
    HolderOut,
    HouseholdChange,
    HouseholdOut,
    HouseholdPage,
    LookUpOut,
    LookUpPage,
    NewHousehold,
)
from hub.registry.tables import Holder, Household
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import PLAIN, InPath, InQuery
from wire.base import Cursor
from wire.day import local_time

router = APIRouter(prefix="/households", tags=["households"], route_class=ListRoute)
Reader = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "auditor"))]
Finder = Annotated[
    Caller, Depends(require("admin", "office", "committee", "property", "auditor", "desk"))
]
Writer = Annotated[Caller, Depends(require("admin", "office"))]
Auditor = Annotated[Caller, Depends(require("admin", "auditor"))]


def _out(row: Any) -> HouseholdOut:
    fields = {name: row[name] for name in HouseholdOut.model_fields if name in row}
    return HouseholdOut(household=row["household_id"], holder=masked(row["name"]), **fields)


@router.get("")
def list_households(
    *,
    hub: HubDep,
    session: ReadDep,
    caller: Finder,
    door: Annotated[
        str | None,
        Query(
            max_length=40,
            pattern=PLAIN,
            description="or its beginning: 11-1-1",
            examples=["11-1-1"],
        ),
    ] = None,
    building: InQuery = None,
    unit: InQuery = None,
    room: InQuery = None,
    serial: InQuery = None,
    initials: Annotated[
        str | None,
        Query(
            max_length=40,
            pattern=PLAIN,
            description="of the holder's name in pinyin",
            examples=["sxx"],
        ),
    ] = None,
    on: Annotated[date | None, Query(description="that had begun and not ended")] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HouseholdPage:
    """Households by a part of the door, a card's serial, or initials; all given must hold."""
    wanted = Wanted(door, building, unit, room, serial, initials, on)
    place = decode_place(after, tuple[str])
    statement = households(hub.community, wanted)
    if place is not None:
        statement = statement.where(col(Household.household_id) > place[0])
    found = session.execute(statement.limit(limit + 1)).mappings().all()
    where = door or "-".join(value or "*" for value in (building, unit, room))
    record(hub, caller, where, "/households?initials" if initials else "/households")
    more = encode_place(found[limit - 1]["household_id"]) if len(found) > limit else None
    return HouseholdPage(items=[_out(row) for row in found[:limit]], next=more)


@router.post("/search", responses={404: {}})
def search_by_card(
    wanted: CardSearch, hub: HubDep, session: ReadDep, caller: Finder
) -> HouseholdOut:
    """The household that holds a card now."""
    held = holder_of(session, hub.community, wanted.card, hub.now_ms())
    if held is None:
        raise ProblemError(404, "card-unknown", "no household holds this card now")
    return _one(hub, session, caller, held.household_id)


@router.post("")
def add_household(
    asked: NewHousehold, hub: HubDep, session: WriteDep, caller: Writer, once: OnceDep
) -> HouseholdOut:
    """Register a household."""

    def effect() -> HouseholdOut:
        given = asked.model_dump(exclude={"why"}, exclude_unset=True)
        row = checked(rows.HouseholdRow, given)
        edit(session, hub, caller, asked.why, households=[row])
        statement = households(hub.community, Wanted(door="-".join(row.place or ())))
        found = session.execute(statement).mappings().all()
        return next(_out(one) for one in found if one["from_day"] == asked.from_day)

    return once.run(session, caller, asked, HouseholdOut, effect)


def checked(model: type[rows.HouseholdRow], given: dict[str, Any]) -> rows.HouseholdRow:
    """A row of the list, or a 422 problem."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        words = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'body'}: {item['msg']}"
            for item in error.errors()
        )
        raise ProblemError(422, "bad-request", words[:500]) from None


@router.patch("/{household}")
def change_household(
    household: InPath, asked: HouseholdChange, hub: HubDep, session: WriteDep, caller: Writer
) -> HouseholdOut:
    """Correct a household's dates, kind, holder or predecessor."""
    held = require_household(session, hub, household)
    now = held.model_dump(include={"kind", "from_day", "to_day", "successor_of"})
    given = asked.model_dump(exclude={"why"}, exclude_unset=True)
    kept = {name: value for name, value in given.items() if value or name not in _NEVER_EMPTY}
    place = place_of(held.model_dump())
    row = checked(rows.HouseholdRow, now | kept | {"household": household, "door": place})
    edit(session, hub, caller, asked.why, households=[row])
    return _read(session, hub, household)


_NEVER_EMPTY = ("kind", "from_day")


@router.get("/{household}")
def read_household(
    household: InPath, hub: HubDep, session: ReadDep, caller: Finder
) -> HouseholdOut:
    """One household."""
    return _one(hub, session, caller, household)


@router.get("/{household}/holder")
def read_holder(household: InPath, hub: HubDep, session: ReadDep, caller: Writer) -> HolderOut:
    """Name and phone."""
    require_household(session, hub, household)
    record(hub, caller, household, "/households/{household}/holder")
    held = session.get(Holder, (hub.community, household))
    return HolderOut(household=household, name=held and held.name, phone=held and held.phone)


@router.get("/{household}/lookups")
def read_lookups(
    household: InPath,
    hub: HubDep,
    session: ReadDep,
    _caller: Auditor,
    *,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> LookUpPage:
    """Who looked at this household's records."""
    (last,) = decode_place(after, tuple[Cursor]) or (0,)
    found = session.scalars(
        select(LookUp)
        .where(
            col(LookUp.community) == hub.community,
            col(LookUp.household_id) == household,
            col(LookUp.lookup) > last,
        )
        .order_by(col(LookUp.lookup))
        .limit(limit + 1)
    ).all()
    items = [
        LookUpOut(at=local_time(row.at_ms).isoformat(), user=row.user, role=row.role, path=row.path)
        for row in found[:limit]
    ]
    return LookUpPage(
        items=items, next=encode_place(found[limit - 1].lookup) if len(found) > limit else None
    )


def require_household(session: Session, hub: Hub, household: str) -> Household:
    """The household, or a 404 problem."""
    row = session.get(Household, (hub.community, household))
    if row is None:
        detail = f"no household {household}; expected building-unit-room, as 11-1-102"
        raise ProblemError(404, "household-unknown", detail)
    return row


def _one(hub: Hub, session: Session, caller: Caller, household: str) -> HouseholdOut:
    require_household(session, hub, household)
    record(hub, caller, household, "/households/{household}")
    return _read(session, hub, household)


def _read(session: Session, hub: Hub, household: str) -> HouseholdOut:
    statement = households(hub.community, Wanted()).where(col(Household.household_id) == household)
    return _out(session.execute(statement).mappings().one())
