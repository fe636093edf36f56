"""Which policy a day is judged by."""

from datetime import date

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlmodel import Session, col

from hub.ledger.journal import take_turn
from hub.ledger.links import link
from hub.rewards.model import Policy
from hub.rewards.tables import RewardPolicy, SettlementRun

DEFAULT_POLICY = "p1"
MANUAL_PER_MONTH, MANUAL_PER_SHIFT = 4, 20
"""Of a policy that says nothing else: a card forgotten once a week, and a shift of them."""


def ensure_default_policy(
    session: Session, community: str, from_day: date, published_ms: int = 0
) -> None:
    """A new store pays 30 fen a day by the default rules until the office says otherwise."""
    found = session.execute(
        select(col(RewardPolicy.policy_id)).where(col(RewardPolicy.community) == community).limit(1)
    ).first()
    if found is None:
        policy = RewardPolicy(
            community=community,
            policy_id=DEFAULT_POLICY,
            version=1,
            from_day=from_day,
            published_ms=published_ms,
            manual_per_month=MANUAL_PER_MONTH,
            manual_per_shift=MANUAL_PER_SHIFT,
        )
        publish(session, policy)


def publish(session: Session, policy: RewardPolicy) -> None:
    """Write a policy and chain it: what a day pays is as much a word of the office as a verdict."""
    take_turn(session)
    session.add(policy)
    session.flush()
    link(session, policy.community, RewardPolicy, [policy.model_dump()])


def policy_for(session: Session, community: str, day: date, *, restate: bool) -> Policy | None:
    """The policy frozen by the day's runs; without one, or to restate, the one in force."""
    row = None if restate else _frozen(session, community, day)
    row = row or in_force(session, community, day)
    return _value(row) if row else None


def policies(session: Session, community: str) -> dict[str, Policy]:
    """Every policy by its id."""
    found = session.scalars(select(RewardPolicy).where(col(RewardPolicy.community) == community))
    return {row.policy_id: _value(row) for row in found}


def first_day(session: Session, community: str) -> date | None:
    """The first day that any policy covers."""
    policy = RewardPolicy
    return session.scalar(
        select(func.min(col(policy.from_day))).where(col(policy.community) == community)
    )


def _frozen(session: Session, community: str, day: date) -> RewardPolicy | None:
    run = SettlementRun
    policy = session.scalar(
        select(col(run.policy_id))
        .where(
            col(run.community) == community,
            col(run.day) == day,
            col(run.policy_id).is_not(None),
        )
        .order_by(col(run.run).desc())
        .limit(1)
    )
    return session.get(RewardPolicy, (community, policy)) if policy else None


def in_force(session: Session, community: str, day: date) -> RewardPolicy | None:
    """The policy that a day without any run is judged by."""
    policy = RewardPolicy
    return session.scalars(
        select(policy)
        .where(
            col(policy.community) == community,
            col(policy.from_day) <= day,
            col(policy.to_day).is_(None) | (col(policy.to_day) > day),
        )
        .order_by(col(policy.from_day).desc(), col(policy.version).desc())
        .limit(1)
    ).first()


_VALUES = TypeAdapter(Policy)


def _value(row: RewardPolicy) -> Policy:
    fields = row.model_dump(include=set(Policy.__dataclass_fields__))
    return _VALUES.validate_python(fields | {"policy": row.policy_id})
