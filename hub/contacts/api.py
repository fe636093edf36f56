"""Grid contacts over HTTP: those of a household, all of them, and a change of one."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from sqlalchemy import select
from sqlmodel import col

from hub.access.deps import require
from hub.contacts.finding import contacts_of
from hub.contacts.tables import Contact
from hub.registry import rows
from hub.registry.api import Writer, require_household
from hub.registry.editing import edit
from hub.web.deps import Caller, HubDep, ReadDep, WriteDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import DayInReach, InQuery, Why
from wire.base import PersonId
from wire.day import business_day

router = APIRouter(prefix="/contacts", tags=["contacts"], route_class=ListRoute)
Reader = Annotated[
    Caller,
    Depends(require("admin", "office", "committee", "property", "auditor", "desk", "selfcheck")),
]
_CHANGE: JsonDict = {
    "level": 3, "body": "property", "title": "物业客服", "name": "3号楼管家", "phone": "88000103",
    "building": "3", "why": "new division of the buildings",
}  # fmt: skip


class ContactOut(BaseModel):
    """One contact; without a building of the whole community."""

    contact: str
    level: int
    body: str
    title: str
    name: str
    phone: str
    building: str | None
    unit: str | None
    person: str | None
    to_day: date | None


class ContactPage(Page):
    """By their numbers; those of one household by level and body."""

    items: list[ContactOut]


class ContactChange(BaseModel):
    """The contact as it is from now on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_CHANGE]})

    level: Literal[1, 2, 3]
    body: Literal["committee", "property"]
    title: rows.Name
    name: rows.Name
    phone: rows.Phone
    building: rows.BuildingPart | None = None
    unit: rows.UnitPart | None = None
    person: PersonId | None = None
    to_day: DayInReach | None = Field(default=None, description="from then on it does not count")
    why: Why

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.unit is not None and self.building is None:
            msg = "a unit without its building; expected both or the building alone"
            raise ValueError(msg)
        return self


@router.get("", responses={404: {}})
def list_contacts(
    hub: HubDep,
    session: ReadDep,
    _caller: Reader,
    *,
    household: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ContactPage:
    """The nearest contact of each level and body for a household, or all contacts there are."""
    if household is not None:
        home = require_household(session, hub, household)
        own = contacts_of(session, home, business_day(hub.now_ms()))
        return ContactPage(items=[contact_out(row) for row in own])
    found = select(Contact).where(col(Contact.community) == hub.community)
    if (place := decode_place(after, tuple[str])) is not None:
        found = found.where(col(Contact.contact) > place[0])
    read = session.scalars(found.order_by(col(Contact.contact)).limit(limit + 1)).all()
    more = encode_place(read[limit - 1].contact) if len(read) > limit else None
    return ContactPage(items=[contact_out(row) for row in read[:limit]], next=more)


@router.put("/{contact}")
def put_contact(
    contact: Annotated[rows.ShortId, Path(examples=["c31"])],
    asked: ContactChange,
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
) -> ContactOut:
    """Register a contact, or say who it is now."""
    row = rows.ContactRow.model_validate(asked.model_dump(exclude={"why"}) | {"contact": contact})
    edit(session, hub, caller, asked.why, contacts=[row])
    session.expire_all()
    return contact_out(session.get_one(Contact, (hub.community, contact)))


def contact_out(row: Contact) -> ContactOut:
    """As it is shown."""
    fields = row.model_dump(exclude={"community", "person_id"})
    return ContactOut(person=row.person_id, **fields)
