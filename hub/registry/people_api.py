"""People with a role at a point or desk, volunteers among them; no name stands here."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from hub.access.deps import require
from hub.registry import rows
from hub.registry.api import Reader, Writer
from hub.registry.editing import edit
from hub.registry.tables import Person, RegistryChange
from hub.web.deps import Caller, HubDep, ReadDep, WriteDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import InQuery, Why
from wire.base import CardToken, Cursor, PersonId
from wire.day import local_time

router = APIRouter(tags=["people"], route_class=ListRoute)
Auditor = Annotated[Caller, Depends(require("admin", "auditor", "office"))]


class PersonOut(BaseModel):
    """Somebody by number; the PIN is never told."""

    person: str
    number: str
    role: str
    card: str | None
    has_pin: bool
    household: str | None


class PersonPage(Page):
    """People by their numbers."""

    items: list[PersonOut]


class PersonChange(BaseModel):
    """What is left out stays; null takes a card or home away."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"number": "101", "role": "volunteer", "household": "11-1-102", "why": "new"}
            ]
        }
    )

    number: Annotated[str, Field(pattern=r"^[0-9]{1,8}$")]
    role: Literal["volunteer", "officer", "technician"]
    card: CardToken | None = None
    pin: rows.Pin | None = None
    household: rows.HouseholdId | None = None
    why: Why


class ChangeOut(BaseModel):
    """One changed row: who, when, why, and what became of it."""

    change: int
    at: str
    user: str
    role: str
    why: str
    what: str
    key: str
    fields: str


class ChangePage(Page):
    """Oldest first."""

    items: list[ChangeOut]


@router.get("/people")
def list_people(
    hub: HubDep,
    session: ReadDep,
    _caller: Reader,
    *,
    role: Literal["volunteer", "officer", "technician"] | None = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PersonPage:
    """Everybody with a role, or everybody with one role."""
    statement = select(Person).where(col(Person.community) == hub.community)
    if role is not None:
        statement = statement.where(col(Person.role) == role)
    if (place := decode_place(after, tuple[str])) is not None:
        statement = statement.where(col(Person.person_id) > place[0])
    found = session.scalars(statement.order_by(col(Person.person_id)).limit(limit + 1)).all()
    more = encode_place(found[limit - 1].person_id) if len(found) > limit else None
    return PersonPage(items=[_out(row) for row in found[:limit]], next=more)


@router.put("/people/{person}")
def put_person(
    person: Annotated[PersonId, Path(examples=["v01"])],
    asked: PersonChange,
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
) -> PersonOut:
    """Register somebody, or change what is known of them; the roster follows."""
    given = asked.model_dump(exclude={"why"}, exclude_unset=True)
    held = session.get(Person, (hub.community, person))
    if held is not None and "household" not in given:
        given["household"] = held.household_id
    row = rows.PersonRow.model_validate(given | {"person": person})
    edit(session, hub, caller, asked.why, people=[row])
    session.expire_all()
    return _out(session.get_one(Person, (hub.community, person)))


def _out(row: Person) -> PersonOut:
    return PersonOut(
        person=row.person_id,
        number=row.number,
        role=row.role,
        card=row.card,
        has_pin=row.pin is not None,
        household=row.household_id,
    )


@router.get("/registry/changes")
def list_changes(
    hub: HubDep,
    session: ReadDep,
    _caller: Auditor,
    *,
    what: InQuery = None,
    key: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ChangePage:
    """Who changed what in the registry, when and why; ``what`` is a table, ``key`` a row of it."""
    (last,) = decode_place(after, tuple[Cursor]) or (0,)
    c = RegistryChange
    statement = select(c).where(col(c.community) == hub.community, col(c.change) > last)
    if what is not None:
        statement = statement.where(col(c.what) == what)
    if key is not None:
        statement = statement.where(col(c.key) == key)
    found = session.scalars(statement.order_by(col(c.change)).limit(limit + 1)).all()
    items = [
        ChangeOut(at=local_time(row.at_ms).isoformat(), **row.model_dump(exclude={"at_ms"}))
        for row in found[:limit]
    ]
    return ChangePage(
        items=items, next=encode_place(items[-1].change) if len(found) > limit else None
    )
