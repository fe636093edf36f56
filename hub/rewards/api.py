"""Days and why, and settlements.

``hub serve`` also starts ``hub.rewards.nightly.start_nightly(hub)`` and calls what it returns.
"""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select
from sqlmodel import Session

from hub.access.deps import require
from hub.db import table
from hub.registry.tables import Household
from hub.rewards.days import household_days
from hub.rewards.settlement import settle_day
from hub.rewards.staff import require_paying
from hub.rewards.tables import SettlementRun
from hub.rewards.views import (
    HouseholdDays,
    RunPage,
    RunView,
    SettlementView,
    SettleRequest,
    at_local,
)
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import InPath
from wire.base import Cursor
from wire.day import business_day

MAX_DAYS = 92

router = APIRouter(tags=["rewards"], route_class=ListRoute)
Reader = Annotated[Caller, Depends(require("admin", "office", "auditor", "committee", "property"))]
Asker = Annotated[
    Caller, Depends(require("admin", "office", "auditor", "committee", "property", "desk"))
]
Decider = Annotated[Caller, Depends(require("admin", "office"))]


@router.get("/households/{household}/days")
def get_days(
    household: InPath,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    session: ReadDep,
    hub: HubDep,
    _caller: Asker,
) -> HouseholdDays:
    """What each day brought and why, both ends included; days to come are left out."""
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        detail = f"from {first} to {last}; expected from ≤ to and at most {MAX_DAYS} days"
        raise ProblemError(422, "bad-range", detail)
    known = require_household(session, hub.community, household)
    until = min(last, business_day(hub.now_ms()))
    days = household_days(session, known, first, until) if first <= until else []
    return HouseholdDays(household=household, days=days)


def require_household(session: Session, community: str, household: str) -> Household:
    """The household, or a 404."""
    known = session.get(Household, (community, household))
    if known is None:
        raise ProblemError(404, "no-household", f"household {household[:80]} is not registered")
    return known


@router.post("/settlements")
def post_settlement(
    request: SettleRequest, session: WriteDep, hub: HubDep, caller: Decider, once: OnceDep
) -> SettlementView:
    """Settle a day, or supplement it with what came since; at once again it adds nothing."""
    return once.run(
        session, caller, request, SettlementView, lambda: _settle(session, hub, request)
    )


def _settle(session: Session, hub: Hub, request: SettleRequest) -> SettlementView:
    today = business_day(hub.now_ms())
    if request.day > today:
        raise ProblemError(422, "future-day", f"{request.day} has not begun; today is {today}")
    if request.day == today and not request.early:
        detail = f"{request.day} is not over; wait until tomorrow or set early"
        raise ProblemError(409, "day-not-over", detail)
    require_paying(session, hub.community, request.day)
    early = request.day == today
    done = settle_day(session, hub.community, request.day, hub.now_ms(), early=early)
    return SettlementView(
        run=done.run,
        day=done.day,
        entries=done.entries,
        amount_fen=done.amount_fen,
        held=done.held,
        absent_points=list(done.absent_points),
        digest=done.digest,
    )


@router.get("/settlements")
def get_settlements(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    day: date | None = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> RunPage:
    """Recorded runs with their chained digests, oldest first."""
    runs = table(SettlementRun)
    found = select(runs).where(runs.c.community == hub.community)
    if (place := decode_place(after, tuple[Cursor])) is not None:
        found = found.where(runs.c.run > place[0])
    if day is not None:
        found = found.where(runs.c.day == day)
    rows = session.execute(found.order_by(runs.c.run).limit(limit + 1)).all()
    items = [
        RunView(
            run=row.run,
            day=row.day,
            kind=row.kind,
            early=row.early,
            policy=row.policy_id,
            started=at_local(row.started_ms),
            watermark=row.watermark,
            entries=row.entries,
            amount_fen=row.amount_fen,
            held=row.held,
            absent_points=[name for name in row.absent_points.split(",") if name],
            previous_digest=row.previous_digest,
            digest=row.digest,
        )
        for row in rows[:limit]
    ]
    return RunPage(items=items, next=encode_place(items[-1].run) if len(rows) > limit else None)
