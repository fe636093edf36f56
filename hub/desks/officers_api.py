"""Officers over HTTP: who stands for which side."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from sqlalchemy import select
from sqlmodel import col

from hub.access.deps import require
from hub.desks.duty import end_duty
from hub.desks.tables import Officer
from hub.registry import rows
from hub.registry.api import Writer
from hub.registry.changes import Registrar, Who
from hub.registry.tables import Person
from hub.web.deps import Caller, HubDep, ReadDep, WriteDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import Why
from wire.base import PersonId

router = APIRouter(prefix="/officers", tags=["desks"], route_class=ListRoute)
Reader = Annotated[
    Caller, Depends(require("admin", "office", "committee", "property", "auditor", "desk"))
]
_CHANGE: JsonDict = {
    "body": "property", "name": "物业值班员", "phone": "0571-88000202", "why": "new at the desk",
}  # fmt: skip


class OfficerView(BaseModel):
    """An officer; one who has ``left`` gets nothing new."""

    person: str
    body: str
    name: str
    phone: str
    left: bool


class OfficerPage(Page):
    """By their numbers."""

    items: list[OfficerView]


class OfficerChange(BaseModel):
    """The officer as from now on; name and phone are printed on slips."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_CHANGE]})

    body: Literal["committee", "property", "owners"]
    name: rows.Name
    phone: rows.Phone
    left: bool = False
    why: Why


@router.get("")
def list_officers(
    hub: HubDep,
    session: ReadDep,
    _caller: Reader,
    *,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> OfficerPage:
    """Everybody who stands or stood for a side."""
    found = select(Officer).where(col(Officer.community) == hub.community)
    if (place := decode_place(after, tuple[str])) is not None:
        found = found.where(col(Officer.person_id) > place[0])
    read = session.scalars(found.order_by(col(Officer.person_id)).limit(limit + 1)).all()
    more = encode_place(read[limit - 1].person_id) if len(read) > limit else None
    return OfficerPage(items=[_view(row) for row in read[:limit]], next=more)


@router.put("/{person}")
def put_officer(
    person: Annotated[PersonId, Path(examples=["o01"])],
    asked: OfficerChange,
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
) -> OfficerView:
    """Register an officer, or change what is printed; who leaves or changes sides is off duty."""
    known = session.get(Person, (hub.community, person))
    if known is None or known.role != "officer":
        detail = f"{person} is not registered as an officer; expected PUT /people/{person} first"
        raise ProblemError(409, "no-person", detail)
    held = session.get(Officer, (hub.community, person))
    before = held.body if held else asked.body
    who = Who(caller.user, caller.role, asked.why, hub.now_ms())
    row = asked.model_dump(exclude={"why"}) | {"person_id": person}
    Registrar(session.connection(), hub.community, who).put(Officer, [row])
    session.expire_all()
    officer = session.get_one(Officer, (hub.community, person))
    if officer.left or officer.body != before:
        end_duty(session, officer, hub.now_ms())
    return _view(officer)


def _view(row: Officer) -> OfficerView:
    fields = row.model_dump(include={"body", "name", "phone", "left"})
    return OfficerView(person=row.person_id, **fields)
