"""The daily review list over HTTP: evidence, and three things to do about it."""

import json
from datetime import date
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import and_, select, tuple_
from sqlmodel import Session

from hub.db import table
from hub.disputes.answering import open_dispute
from hub.registry.rows import HouseholdId
from hub.review.signals import A_DAY
from hub.review.tables import ReviewItem, ReviewResult
from hub.rewards.api import Decider, Reader, require_household
from hub.rewards.record import by
from hub.rewards.views import Reason, VisitId, at_local
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import DayInReach, InPath, InQuery

router = APIRouter(prefix="/review", tags=["review"], route_class=ListRoute)
Number = Annotated[int, Path(ge=1, le=A_DAY)]


class ResultRequest(BaseModel):
    """``fine``, ``ask`` (somebody is asked about it), or ``dispute``, which opens one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"action": "fine", "reason": "祖孙三代一起来的"}]},
    )

    action: Literal["fine", "ask", "dispute"]
    reason: Reason
    household: HouseholdId | None = None
    visit: VisitId | None = None

    @model_validator(mode="after")
    def _about_somebody(self) -> Self:
        if (self.action == "dispute") != (self.household is not None):
            msg = "expected a household with dispute, and with nothing else"
            raise ValueError(msg)
        return self


class ResultView(BaseModel):
    """What came of it."""

    action: str
    dispute: int | None
    reason: str
    user: str
    role: str
    at: str


class ItemView(BaseModel):
    """One thing to look at; ``result`` is null until somebody has."""

    day: date
    point: str
    number: int
    signal: str
    subject: str
    evidence: dict[str, Any]
    at: str
    result: ResultView | None


class ItemPage(Page):
    """By day, point and number."""

    items: list[ItemView]


@router.get("")
def list_items(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    day: date | None = None,
    point: InQuery = None,
    state: Literal["open", "closed"] | None = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ItemPage:
    """What is to be looked at, at most ten a day and point."""
    c, r = table(ReviewItem).c, table(ReviewResult).c
    names = ("community", "day", "point", "number")
    same = and_(*(c[name] == r[name] for name in names))
    found = (
        select(ReviewItem, ReviewResult)
        .outerjoin(ReviewResult, same)
        .where(c.community == hub.community)
    )
    if day is not None:
        found = found.where(c.day == day)
    if point is not None:
        found = found.where(c.point == point)
    if state is not None:
        found = found.where(r.day.is_(None) if state == "open" else r.day.is_not(None))
    if (place := decode_place(after, tuple[date, str, int])) is not None:
        found = found.where(tuple_(c.day, c.point, c.number) > place)
    rows = session.execute(found.order_by(c.day, c.point, c.number).limit(limit + 1)).all()
    items = [_view(item, result) for item, result in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    more = encode_place(str(last.day), last.point, last.number) if last else None
    return ItemPage(items=items, next=more)


@router.post("/{day}/{point}/{number}/result")
def post_result(
    day: Annotated[DayInReach, Path()],
    point: InPath,
    number: Number,
    request: ResultRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceDep,
) -> ItemView:
    """Close an item, once, with a reason. No amount of money changes by it."""
    item = session.get(ReviewItem, (hub.community, day, point, number))
    if item is None:
        detail = f"nothing to look at under {day}, {point[:32]}, {number}"
        raise ProblemError(404, "no-review-item", detail)

    def effect() -> ItemView:
        return _close(session, hub, caller, item, request)

    return once.run(session, caller, request, ItemView, effect)


def _close(
    session: Session, hub: Hub, caller: Caller, item: ReviewItem, request: ResultRequest
) -> ItemView:
    key = item.community, item.day, item.point, item.number
    if session.get(ReviewResult, key) is not None:
        raise ProblemError(409, "review-closed", "somebody has looked at it; it is closed once")
    dispute = None
    if request.household is not None:
        require_household(session, hub.community, request.household)
        dispute = open_dispute(
            session, hub, caller, household=request.household, day=item.day,
            visit=request.visit, claim=request.reason,
        ).dispute  # fmt: skip
    result = ReviewResult(
        community=item.community, day=item.day, point=item.point, number=item.number,
        action=request.action, dispute=dispute, **by(caller, request.reason, hub.now_ms()),
    )  # fmt: skip
    session.add(result)
    session.flush()
    return _view(item, result)


def _view(item: ReviewItem, result: ReviewResult | None) -> ItemView:
    return ItemView(
        day=item.day,
        point=item.point,
        number=item.number,
        signal=item.signal,
        subject=item.subject,
        evidence=json.loads(item.evidence),
        at=at_local(item.at_ms),
        result=None
        if result is None
        else ResultView(
            action=result.action,
            dispute=result.dispute,
            reason=result.reason,
            user=result.user,
            role=result.role,
            at=at_local(result.at_ms),
        ),
    )
