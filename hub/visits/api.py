"""What happened at the points: visits of a day, and how every point stands."""

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Select, select, tuple_
from sqlmodel import col

from hub.access.deps import ROLES, require
from hub.visits.points import PointOut, points
from hub.visits.tables import Visit
from hub.visits.told import Told
from hub.visits.when_api import router as when
from hub.web.deps import HubDep, ReadDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import InQuery
from wire.base import Cursor
from wire.day import local_time

router = APIRouter(tags=["points"], route_class=ListRoute)
router.include_router(when)
_read = [Depends(require("admin", "office", "committee", "property", "auditor"))]


class VisitOut(BaseModel):
    """One visit with the verdict that counts."""

    visit: str
    point: str
    household: str | None
    card_state: Literal["known", "unknown", "blocked", "none"]
    source: str
    at: str
    day: date | None
    trusted: bool
    attended: bool
    verdict: str | None
    verdict_reason: str | None
    weight_g: int | None
    test: bool


class VisitPage(Page):
    """Visits in the order in which they arrived."""

    items: list[VisitOut]


class PointPage(BaseModel):
    """Every point that is expected to report."""

    items: list[PointOut]


@router.get("/points", dependencies=[Depends(require(*ROLES))])
def list_points(hub: HubDep, session: ReadDep) -> PointPage:
    """Last contact, waiting facts, counters and devices of every point."""
    return PointPage(items=points(session.connection(), hub.community))


@router.get("/visits", dependencies=_read)
def list_visits(
    *,
    hub: HubDep,
    session: ReadDep,
    day: date | None = None,
    point: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> VisitPage:
    """Visits of a day and point; without a day also those that have none."""
    place = decode_place(after, tuple[Cursor, str])
    rows = session.execute(_wanted(hub.community, day, point, place).limit(limit + 1)).all()
    shown = [row[0] for row in rows[:limit]]
    told = Told(session, hub.community, shown)
    more = encode_place(shown[-1].arrival, shown[-1].visit_id) if len(rows) > limit else None
    return VisitPage(items=[_out(visit, told) for visit in shown], next=more)


def _wanted(
    community: str, day: date | None, point: str | None, place: tuple[int, str] | None
) -> Select[Any]:
    statement = select(Visit).where(col(Visit.community) == community)
    if day is not None:
        statement = statement.where(col(Visit.day) == day)
    if point is not None:
        statement = statement.where(col(Visit.point) == point)
    if place is not None:
        key = tuple_(col(Visit.arrival), col(Visit.visit_id))
        statement = statement.where(key > place)
    return statement.order_by(col(Visit.arrival), col(Visit.visit_id))


def _out(visit: Visit, told: Told) -> VisitOut:
    household, card_state = told.holder(visit)
    verdict = told.verdict(visit)
    return VisitOut(
        visit=visit.visit_id,
        point=visit.point,
        household=household,
        card_state=card_state,
        source=visit.source,
        at=local_time(visit.occurred_ms).isoformat(timespec="milliseconds"),
        day=visit.day,
        trusted=visit.trusted,
        attended=visit.shift is not None,
        verdict=verdict[0],
        verdict_reason=verdict[1],
        weight_g=visit.weight_g,
        test=visit.test,
    )
