"""The held list over HTTP: who is to decide what, and decisions for one visit or many."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session

from hub.access.tables import User
from hub.rewards.api import Decider, Reader
from hub.rewards.held import OFFICE, Which, decide_many, give, held_page, held_visits
from hub.rewards.staff import Decision, decide
from hub.rewards.views import (
    DecisionRequest,
    DecisionView,
    HeldPage,
    Reason,
    Value,
    VisitId,
    at_local,
)
from hub.roles import NAME_LENGTH
from hub.visits.tables import Visit
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import InPath, InQuery

router = APIRouter(prefix="/held", tags=["held"], route_class=ListRoute)
MOST = 500
"""Visits that one request may decide."""
Word = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Chosen(BaseModel):
    """Held visits by their names, or by where, when and why; at most 500 at a time."""

    model_config = ConfigDict(extra="forbid")

    visits: Annotated[list[VisitId], Field(min_length=1, max_length=MOST)] | None = None
    day: date | None = None
    point: Word | None = None
    shift: Word | None = None
    held_as: Word | None = Field(default=None, description="the reason it is held for")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_where = any((self.day, self.point, self.shift, self.held_as))
        if by_where == (self.visits is not None):
            msg = "expected either visits, or some of day, point, shift and held_as"
            raise ValueError(msg)
        return self

    def names(self, session: Session, community: str) -> list[str]:
        """Those that are named, or the first of those that are described."""
        if self.visits is not None:
            return list(dict.fromkeys(self.visits))
        which = Which(point=self.point, shift=self.shift, reason=self.held_as, day=self.day)
        return held_visits(session, community, which, MOST)


class BulkRequest(Chosen):
    """One decision with one reason for many."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"day": "2026-05-03", "point": "p03", "held_as": "unattended_hold",
                 "value": "accepted", "reason": "督导员生病,楼栋长在场证明"}
            ]
        },
    )  # fmt: skip

    value: Value
    reason: Reason


class BulkView(BaseModel):
    """``left`` were decided by others meanwhile, or have a door that nobody has."""

    decided: list[str]
    left: list[str]
    entries: int
    amount_fen: int
    runs: list[int]


class OwnerRequest(Chosen):
    """Who is to decide; ``office`` gives them back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"day": "2026-05-03", "point": "p03", "owner": "li.fang"}]},
    )

    owner: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]


class OwnerView(BaseModel):
    """Visits that have this owner now."""

    owner: str
    visits: list[str]


@router.get("")
def get_held(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    day: date | None = None,
    point: InQuery = None,
    shift: InQuery = None,
    reason: InQuery = None,
    owner: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HeldPage:
    """Visits that wait for a decision, by day."""
    which = Which(point, shift, reason, owner, day)
    return held_page(session, hub.community, which, hub.now_ms(), after=after, limit=limit)


@router.post("/{visit}/decision")
def post_decision(
    visit: InPath,
    request: DecisionRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceDep,
) -> DecisionView:
    """Decide any visit. The same decision again changes nothing; another one outranks it.

    A day that was settled before is supplemented in the same transaction.
    """
    known = require_visit(session, hub.community, visit)
    return once.run(
        session,
        caller,
        request,
        DecisionView,
        lambda: _decide(session, hub, known, request, caller),
    )


@router.post("/decisions")
def post_decisions(
    request: BulkRequest, session: WriteDep, hub: HubDep, caller: Decider, once: OnceDep
) -> BulkView:
    """Decide what is still held among many, with one reason."""

    def effect() -> BulkView:
        done = decide_many(
            session, hub.community, caller, hub.now_ms(),
            visits=request.names(session, hub.community),
            decision=Decision(request.value, request.reason),
        )  # fmt: skip
        return BulkView(
            decided=done.decided,
            left=done.left,
            entries=sum(run.entries for run in done.settled),
            amount_fen=sum(run.amount_fen for run in done.settled),
            runs=[run.run for run in done.settled],
        )

    return once.run(session, caller, request, BulkView, effect)


@router.post("/owners")
def post_owners(
    request: OwnerRequest, session: WriteDep, hub: HubDep, caller: Decider, once: OnceDep
) -> OwnerView:
    """Say who is to decide them."""

    def effect() -> OwnerView:
        if request.owner != OFFICE and session.get(User, (hub.community, request.owner)) is None:
            detail = f"no user {request.owner}; expected one, or {OFFICE}"
            raise ProblemError(409, "no-user", detail)
        visits = give(
            session, hub.community, caller, hub.now_ms(),
            visits=request.names(session, hub.community), owner=request.owner,
        )  # fmt: skip
        return OwnerView(owner=request.owner, visits=visits)

    return once.run(session, caller, request, OwnerView, effect)


def require_visit(session: Session, community: str, visit: str) -> Visit:
    """The visit, or a 404."""
    known = session.get(Visit, (community, visit))
    if known is None:
        raise ProblemError(404, "no-visit", f"visit {visit[:80]} is not known")
    return known


def _decide(
    session: Session, hub: Hub, visit: Visit, request: DecisionRequest, caller: Caller
) -> DecisionView:
    decision = Decision(request.value, request.reason, request.day, request.household)
    done = decide(session, visit, caller, hub.now_ms(), decision)
    return DecisionView(
        visit=visit.visit_id,
        value=done.verdict.value,
        reason=done.verdict.reason,
        user=done.verdict.user,
        role=done.verdict.role,
        at=at_local(done.verdict.at_ms),
        day=done.day,
        runs=[settlement.run for settlement in done.settled],
    )
