"""The held list: what the newest run of each day could not decide."""

from datetime import date

from sqlalchemy import and_, exists, or_, select
from sqlmodel import Session

from hub.db import table
from hub.rewards.tables import SettlementRun, VisitOutcomeRow
from hub.rewards.views import HeldPage, HeldView, at_local
from hub.visits.tables import Visit
from hub.web.keyset import decode_place, encode_place

_outcomes, _runs, _visits = table(VisitOutcomeRow), table(SettlementRun), table(Visit)
_outcome, _run, _visit = _outcomes.c, _runs.c, _visits.c


def held_page(
    session: Session,
    community: str,
    *,
    day: date | None,
    point: str | None,
    after: str | None,
    limit: int,
) -> HeldPage:
    """Held visits by day and visit."""
    held, later = _outcome, _outcomes.alias("later").c
    newer = exists().where(
        later.community == held.community,
        later.day == held.day,
        later.visit_id == held.visit_id,
        later.run > held.run,
    )
    found = (
        select(
            held.visit_id, _visit.point, held.household_id, held.day, held.reason,
            _run.started_ms, _visit.shift, _visit.occurred_ms, _visit.source,
        )
        .join(_visits, and_(_visit.community == held.community, _visit.visit_id == held.visit_id))
        .join(_runs, and_(_run.community == held.community, _run.run == held.run))
        .where(held.community == community, held.held, ~newer)
        .order_by(held.day, held.visit_id)
        .limit(limit + 1)
    )  # fmt: skip
    if day is not None:
        found = found.where(held.day == day)
    if point is not None:
        found = found.where(_visit.point == point)
    place = decode_place(after, tuple[date, str])
    if place is not None:
        since, visit = place
        found = found.where(or_(held.day > since, and_(held.day == since, held.visit_id > visit)))
    rows = session.execute(found).all()
    items = [
        HeldView(
            visit=row.visit_id,
            point=row.point,
            household=row.household_id,
            day=row.day,
            reason=row.reason,
            since=at_local(row.started_ms),
            shift=row.shift,
            at=at_local(row.occurred_ms),
            source=row.source,
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return HeldPage(
        items=items, next=encode_place(str(items[-1].day), items[-1].visit) if more else None
    )
