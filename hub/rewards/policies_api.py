"""Policies over HTTP: published once, never edited; the newer version of a day wins."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import func, select, tuple_
from sqlmodel import Session, col

from hub.access.deps import require
from hub.ledger.journal import take_turn
from hub.ledger.links import link
from hub.registry.changes import Registrar, Who
from hub.rewards.policy import MANUAL_PER_MONTH, MANUAL_PER_SHIFT
from hub.rewards.tables import RewardPolicy
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import DayInReach, Why
from wire.base import Cursor
from wire.day import local_time

router = APIRouter(prefix="/policies", tags=["policies"], route_class=ListRoute)
Reader = Annotated[Caller, Depends(require("admin", "office", "auditor", "committee", "property"))]
Publisher = Annotated[Caller, Depends(require("admin", "office"))]
Fen = Annotated[int, Field(ge=0, le=10**9)]


class Rules(BaseModel):
    """What a day pays, under which conditions, and how many cards a household may have."""

    from_day: DayInReach
    to_day: DayInReach | None = Field(default=None, description="exclusive")
    amount_fen: Fen = 30
    combine: Literal["any", "none_rejected"] = "any"
    unattended: Literal["hold", "approve", "reject"] = "hold"
    self_verdict: Literal["hold", "allow"] = "hold"
    day_cap_fen: Fen | None = None
    total_cap_fen: Fen | None = None
    late_limit_days: Annotated[int, Field(ge=0, le=366)] = 31
    min_grams: Annotated[int, Field(ge=0, le=100_000)] | None = None
    max_cards: Annotated[int, Field(ge=1, le=99)] | None = None
    manual_per_month: Annotated[int, Field(ge=0, le=99)] | None = Field(
        default=MANUAL_PER_MONTH, description="visits without a card of a household a month"
    )
    manual_per_shift: Annotated[int, Field(ge=0, le=999)] | None = Field(
        default=MANUAL_PER_SHIFT, description="and of a shift; null is no cap"
    )


class NewPolicy(Rules):
    """A policy to be published."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"policy": "p2", "from_day": "2027-01-01", "amount_fen": 30, "max_cards": 3,
                 "why": "decided on 12 December"}
            ]
        }
    )  # fmt: skip

    policy: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    why: Why

    @model_validator(mode="after")
    def _span(self) -> Self:
        if self.to_day is not None and self.to_day <= self.from_day:
            msg = "to_day is exclusive; expected a day after from_day"
            raise ValueError(msg)
        return self


class PolicyOut(BaseModel):
    """A published policy. A day settled before it was published keeps its own."""

    policy: str
    version: int
    published: str
    from_day: date
    to_day: date | None
    amount_fen: int
    combine: str
    unattended: str
    self_verdict: str
    day_cap_fen: int | None
    total_cap_fen: int | None
    late_limit_days: int
    min_grams: int | None
    max_cards: int | None
    manual_per_month: int | None
    manual_per_shift: int | None


class PolicyPage(Page):
    """In the order of publication."""

    items: list[PolicyOut]


@router.get("")
def list_policies(
    hub: HubDep,
    session: ReadDep,
    _caller: Reader,
    *,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PolicyPage:
    """Every policy."""
    key = col(RewardPolicy.version), col(RewardPolicy.policy_id)
    statement = select(RewardPolicy).where(col(RewardPolicy.community) == hub.community)
    if (place := decode_place(after, tuple[Cursor, str])) is not None:
        statement = statement.where(tuple_(*key) > place)
    found = session.scalars(statement.order_by(*key).limit(limit + 1)).all()
    shown = found[:limit]
    more = encode_place(shown[-1].version, shown[-1].policy_id) if len(found) > limit else None
    return PolicyPage(items=[_out(row) for row in shown], next=more)


@router.post("")
def publish_policy(
    asked: NewPolicy, hub: HubDep, session: WriteDep, caller: Publisher, once: OnceDep
) -> PolicyOut:
    """Publish a policy; days that are settled already are not touched by it."""
    return once.run(
        session, caller, asked, PolicyOut, lambda: _publish(session, hub, caller, asked)
    )


def _publish(session: Session, hub: Hub, caller: Caller, asked: NewPolicy) -> PolicyOut:
    take_turn(session)
    if session.get(RewardPolicy, (hub.community, asked.policy)) is not None:
        detail = f"policy {asked.policy} is published already; expected a new name"
        raise ProblemError(409, "policy-published", detail)
    newest = session.scalar(
        select(func.max(col(RewardPolicy.version))).where(
            col(RewardPolicy.community) == hub.community
        )
    )
    now_ms = hub.now_ms()
    row = asked.model_dump(exclude={"policy", "why"}) | {
        "policy_id": asked.policy,
        "version": (newest or 0) + 1,
        "published_ms": now_ms,
    }
    who = Who(caller.user, caller.role, asked.why, now_ms)
    Registrar(session.connection(), hub.community, who).put(RewardPolicy, [row])
    published = session.get_one(RewardPolicy, (hub.community, asked.policy))
    link(session, hub.community, RewardPolicy, [published.model_dump()])
    return _out(published)


def _out(row: RewardPolicy) -> PolicyOut:
    fields = row.model_dump(include=set(PolicyOut.model_fields))
    published = local_time(row.published_ms).isoformat()
    return PolicyOut(policy=row.policy_id, published=published, **fields)
