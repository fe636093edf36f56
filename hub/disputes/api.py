"""Disputes over HTTP: opened at the desk, answered by the office, the money shown first."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from sqlalchemy import and_, select
from sqlmodel import Session

from hub.access.audit import record
from hub.access.deps import require
from hub.db import table
from hub.disputes.answering import Answer, answer, open_dispute
from hub.disputes.tables import Dispute, DisputeResult
from hub.registry.rows import HouseholdId
from hub.rewards.api import Asker, Decider, require_household
from hub.rewards.moves import preview
from hub.rewards.restate_api import MovesView, moves_view
from hub.rewards.views import Reason, Value, VisitId, at_local
from hub.web.deps import Caller, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep, OnceForMoney
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.match import MAY_NOT_MATCH, Shown, require_same
from hub.web.problem import ProblemError
from hub.web.words import DayInReach, InQuery
from wire.base import Cursor

router = APIRouter(prefix="/disputes", tags=["disputes"], route_class=ListRoute)
Desk = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "desk"))]
Number = Annotated[int, Path(ge=1, le=2**53)]
_OPENED: JsonDict = {
    "household": "11-1-102", "day": "2026-05-03", "claim": "当天早上刷过卡,没有奖励",
}  # fmt: skip
_ANSWERED: JsonDict = {
    "outcome": "upheld", "visit": "0" * 32, "value": "accepted", "household": "11-1-102",
    "reason": "补登时房号输错,已核对监控",
}  # fmt: skip


class DisputeRequest(BaseModel):
    """What somebody says of a day, or of one visit of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_OPENED]})

    household: HouseholdId
    day: DayInReach
    visit: VisitId | None = None
    claim: Reason


class AnswerRequest(BaseModel):
    """``visit`` unless the dispute names one; ``household`` when the visit is another's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ANSWERED]})

    outcome: Literal["upheld", "dismissed"]
    visit: VisitId | None = None
    value: Value | None = Field(default=None, description="upheld: the verdict; default accepted")
    household: HouseholdId | None = None
    reason: Reason

    @model_validator(mode="after")
    def _dismissed_changes_nothing(self) -> Self:
        if self.outcome == "dismissed" and (self.visit or self.value or self.household):
            msg = "dismissed changes nothing; expected no visit, value or household"
            raise ValueError(msg)
        return self

    def answer(self) -> Answer:
        return Answer(self.outcome, self.reason, self.visit, self.value, self.household)


class ResultView(BaseModel):
    """How a dispute ended."""

    outcome: str
    visit: str | None
    value: str | None
    household: str | None
    reason: str
    user: str
    role: str
    at: str


class DisputeView(BaseModel):
    """A dispute; ``result`` is null while it is open."""

    dispute: int
    household: str
    day: date
    visit: str | None
    claim: str
    user: str
    role: str
    at: str
    result: ResultView | None


class DisputePage(Page):
    """In the order in which they were opened."""

    items: list[DisputeView]


@router.post("", responses={404: {}})
def post_dispute(
    request: DisputeRequest, session: WriteDep, hub: HubDep, caller: Desk, once: OnceDep
) -> DisputeView:
    """Open a dispute about a household's day."""
    require_household(session, hub.community, request.household)

    def effect() -> DisputeView:
        opened = open_dispute(
            session, hub, caller, household=request.household, day=request.day,
            visit=request.visit, claim=request.claim,
        )  # fmt: skip
        return _view(opened, None)

    return once.run(session, caller, request, DisputeView, effect)


@router.get("")
def list_disputes(
    session: ReadDep,
    hub: HubDep,
    _caller: Asker,
    *,
    household: InQuery = None,
    state: Literal["open", "answered"] | None = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> DisputePage:
    """Disputes and their answers."""
    d, r = table(Dispute).c, table(DisputeResult).c
    same = and_(r.community == d.community, r.dispute == d.dispute)
    found = (
        select(Dispute, DisputeResult)
        .outerjoin(DisputeResult, same)
        .where(d.community == hub.community)
    )
    if household is not None:
        found = found.where(d.household_id == household)
    if state is not None:
        found = found.where(r.dispute.is_(None) if state == "open" else r.dispute.is_not(None))
    if (place := decode_place(after, tuple[Cursor])) is not None:
        found = found.where(d.dispute > place[0])
    rows = session.execute(found.order_by(d.dispute).limit(limit + 1)).all()
    items = [_view(opened, result) for opened, result in rows[:limit]]
    more = encode_place(items[-1].dispute) if len(rows) > limit else None
    return DisputePage(items=items, next=more)


@router.get("/{number}")
def get_dispute(number: Number, session: ReadDep, hub: HubDep, caller: Asker) -> DisputeView:
    """One dispute and how it ended."""
    opened = _require(session, hub.community, number)
    record(hub, caller, opened.household_id, f"/disputes/{number}")
    return _view(opened, session.get(DisputeResult, (hub.community, number)))


@router.post("/{number}/preview")
def preview_answer(
    number: Number,
    request: AnswerRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    response: Response,
) -> MovesView:
    """The money that an answer would move; its ETag is what the answer has to carry."""
    opened, said = _require(session, hub.community, number), request.answer()
    told = []

    def change() -> None:
        told.append(answer(session, hub, caller, opened, said))

    preview(session, hub.community, change)
    return moves_view(response, told[0])


@router.post("/{number}/answer", responses=MAY_NOT_MATCH)
def post_answer(
    number: Number,
    request: AnswerRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    response: Response,
    once: OnceForMoney,
    shown: Shown,
) -> MovesView:
    """Answer a dispute, once, if that moves what the preview showed."""
    opened = _require(session, hub.community, number)

    def effect() -> MovesView:
        moves = answer(session, hub, caller, opened, request.answer())
        require_same(shown, moves.digest)
        return moves_view(response, moves)

    return once.run(session, caller, request, MovesView, effect)


def _require(session: Session, community: str, number: int) -> Dispute:
    known = session.get(Dispute, (community, number))
    if known is None:
        raise ProblemError(404, "no-dispute", f"dispute {number} is not known")
    return known


def _view(opened: Dispute, result: DisputeResult | None) -> DisputeView:
    return DisputeView(
        dispute=opened.dispute,
        household=opened.household_id,
        day=opened.day,
        visit=opened.visit_id,
        claim=opened.claim,
        user=opened.user,
        role=opened.role,
        at=at_local(opened.at_ms),
        result=None
        if result is None
        else ResultView(
            outcome=result.outcome,
            visit=result.visit_id,
            value=result.value,
            household=result.household_id,
            reason=result.reason,
            user=result.user,
            role=result.role,
            at=at_local(result.at_ms),
        ),
    )
