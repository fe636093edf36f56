"""Who reported a matter, for the call back: no other answer tells a name or a phone."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.audit import record
from hub.matters.acting import find
from hub.matters.api import Number, Officer
from hub.matters.tables import MatterReporter
from hub.registry.finding import masked
from hub.registry.tables import Holder, Household
from hub.web.deps import HubDep, ReadDep

router = APIRouter(prefix="/matters", tags=["matters"])


class ReporterView(BaseModel):
    """One reporter; of a registered name only its beginning. ``from_matter``: merged with it."""

    reporter: int
    door: str | None
    name: str | None
    phone: str | None
    from_matter: int | None


class ReporterList(BaseModel):
    """In the order in which they came."""

    items: list[ReporterView]


@router.get("/{number}/reporters")
def list_reporters(number: Number, session: ReadDep, hub: HubDep, caller: Officer) -> ReporterList:
    """Whom to call back, everybody of merged matters too; every look is recorded."""
    find(session, hub.community, number)
    r = MatterReporter
    rows = session.scalars(
        select(r)
        .where(col(r.community) == hub.community, col(r.matter) == number)
        .order_by(col(r.reporter))
    ).all()
    for home in sorted({row.household_id or "*" for row in rows}):
        record(hub, caller, home, f"/matters/{number}/reporters")
    return ReporterList(items=[_view(session, row) for row in rows])


def _view(session: Session, row: MatterReporter) -> ReporterView:
    key = (row.community, row.household_id)
    home = session.get(Household, key) if row.household_id else None
    holder = session.get(Holder, key) if row.household_id else None
    return ReporterView(
        reporter=row.reporter,
        door=f"{home.building}-{home.unit}-{home.room}" if home else None,
        name=row.name or masked(holder.name if holder else None),
        phone=row.phone or (holder.phone if holder else None),
        from_matter=row.from_matter,
    )
