"""Months over HTTP: how they stand, and closing them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from hub.db import table
from hub.rewards.api import Decider, Reader
from hub.rewards.months import Standing, close, standing
from hub.rewards.office_tables import MonthClose
from hub.rewards.views import Reason, at_local
from hub.web.deps import HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute

router = APIRouter(prefix="/months", tags=["months"], route_class=ListRoute)
Month = Annotated[str, Path(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", examples=["2026-05"])]


class CloseRequest(BaseModel):
    """Why now; it stands beside the figures."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "月结"}]})

    reason: Reason


class ClosedView(BaseModel):
    """A closed month: its newest run then, that run's digest, and what its days had brought."""

    month: str
    run: int
    digest: str
    amount_fen: int
    reason: str
    user: str
    role: str
    at: str


class ClosedPage(Page):
    """By month."""

    items: list[ClosedView]


class HeldCount(BaseModel):
    """How many visits wait at a point for one reason."""

    point: str
    reason: str
    visits: int


class MonthView(BaseModel):
    """How a month stands; ``in_the_way`` is null when it can be closed or is."""

    month: str
    over: bool
    amount_fen: int
    closed: ClosedView | None
    held: list[HeldCount]
    unsettled: list[date]
    in_the_way: str | None


@router.get("")
def list_months(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ClosedPage:
    """Every closed month."""
    c = table(MonthClose).c
    found = select(MonthClose).where(c.community == hub.community)
    if (place := decode_place(after, tuple[str])) is not None:
        found = found.where(c.month > place[0])
    rows = session.scalars(found.order_by(c.month).limit(limit + 1)).all()
    items = [_closed(row) for row in rows[:limit]]
    return ClosedPage(
        items=items, next=encode_place(items[-1].month) if len(rows) > limit else None
    )


@router.get("/{month}")
def get_month(month: Month, session: ReadDep, hub: HubDep, _caller: Reader) -> MonthView:
    """What a month has brought, and what stands in the way of closing it."""
    return _view(standing(session, hub.community, month, hub.now_ms()))


@router.post("/{month}/close")
def close_month(
    month: Month,
    request: CloseRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceDep,
) -> MonthView:
    """Close a month that is over, settled and decided; it is never opened again."""

    def effect() -> MonthView:
        now_ms = hub.now_ms()
        return _view(close(session, hub.community, caller, month, now_ms, reason=request.reason))

    return once.run(session, caller, request, MonthView, effect)


def _view(now: Standing) -> MonthView:
    return MonthView(
        month=now.month,
        over=now.over,
        amount_fen=now.amount_fen,
        closed=_closed(now.closed) if now.closed else None,
        held=[
            HeldCount(point=point, reason=reason, visits=count)
            for (point, reason), count in now.held.items()
        ],
        unsettled=now.unsettled,
        in_the_way=None if now.closed else now.in_the_way(),
    )


def _closed(row: MonthClose) -> ClosedView:
    shown = set(ClosedView.model_fields) - {"at"}
    return ClosedView(at=at_local(row.at_ms), **row.model_dump(include=shown))
