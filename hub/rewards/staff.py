"""Decisions of the office: append-only, above every volunteer's, and booked at once."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import func, select
from sqlmodel import Session, col

from hub.ledger.journal import take_turn
from hub.ledger.links import link
from hub.rewards.model import VisitIn
from hub.rewards.policy import first_day, policy_for
from hub.rewards.settlement import Settlement, latest_run, settle_day
from hub.rewards.tables import AssignedDay, StaffVerdict
from hub.rewards.visit_rules import Placed, place, too_late
from hub.visits.tables import Visit
from hub.web.deps import Caller
from hub.web.problem import ProblemError
from wire.day import business_day

Decision = TypeVar("Decision", StaffVerdict, AssignedDay)


@dataclass(frozen=True)
class Decided:
    """The verdict that holds now, the day it counts for, and the runs that followed."""

    verdict: StaffVerdict
    day: date
    settled: tuple[Settlement, ...]


def decide(
    session: Session,
    visit: Visit,
    caller: Caller,
    now_ms: int,
    *,
    value: str,
    reason: str,
    day: date | None = None,
) -> Decided:
    """Record the verdict once and settle the days it concerns that are over or were settled.

    Accepting a visit whose day is in doubt confirms the day it is shown on, unless another is
    given: nothing may stay held after somebody has decided it.
    """
    take_turn(session)
    before = _placed(session, visit)
    in_doubt = _day_in_doubt(session, visit, before)
    if day is not None and not in_doubt:
        detail = f"visit {visit.visit_id} counts for {before.day}; its day is not in doubt"
        raise ProblemError(409, "day-is-known", detail)
    if day is not None and day > business_day(now_ms):
        raise ProblemError(422, "future-day", f"{day} has not begun; expected a past day")
    if day is not None:
        require_paying(session, visit.community, day)
    if in_doubt and value == "accepted":
        assign_day(session, visit, caller, now_ms, day=day or before.day, reason=reason)
    verdict = record_verdict(session, visit, caller, now_ms, value=value, reason=reason)
    after = _placed(session, visit)
    settled = [
        settle_day(session, visit.community, touched, now_ms)
        for touched in sorted({before.day, after.day})
        if touched < business_day(now_ms) or latest_run(session, visit.community, touched)
    ]
    return Decided(verdict, after.day, tuple(settled))


def require_paying(session: Session, community: str, day: date) -> None:
    """A 422 problem for a day before every policy: nobody can mean it."""
    first = first_day(session, community)
    if first is None or day < first:
        detail = f"{day} lies before every policy; expected a day from {first or 'a policy'} on"
        raise ProblemError(422, "no-policy-yet", detail)


def assign_day(
    session: Session, visit: Visit, caller: Caller, now_ms: int, *, day: date, reason: str
) -> AssignedDay:
    """Say for which day a visit counts; the newest word holds."""
    take_turn(session)
    return _append(
        session,
        AssignedDay(
            community=visit.community,
            sequence=_next(session, AssignedDay, visit.community),
            visit_id=visit.visit_id,
            day=day,
            reason=reason,
            user=caller.user,
            role=caller.role,
            at_ms=now_ms,
        ),
    )


def record_verdict(
    session: Session, visit: Visit, caller: Caller, now_ms: int, *, value: str, reason: str
) -> StaffVerdict:
    """Append the verdict; saying the same again adds nothing."""
    take_turn(session)
    held = _latest(session, StaffVerdict, visit)
    if held is not None and (held.value, held.reason) == (value, reason):
        return held
    return _append(
        session,
        StaffVerdict(
            community=visit.community,
            sequence=_next(session, StaffVerdict, visit.community),
            visit_id=visit.visit_id,
            value=value,
            reason=reason,
            user=caller.user,
            role=caller.role,
            at_ms=now_ms,
        ),
    )


def _append(session: Session, row: Decision) -> Decision:
    session.add(row)
    session.flush()
    link(session, row.community, type(row), [row.model_dump()])
    return row


def _latest(session: Session, model: type[Decision], visit: Visit) -> Decision | None:
    return session.scalars(
        select(model)
        .where(col(model.community) == visit.community, col(model.visit_id) == visit.visit_id)
        .order_by(col(model.sequence).desc())
        .limit(1)
    ).first()


def _next(session: Session, model: type[StaffVerdict | AssignedDay], community: str) -> int:
    last = session.scalar(
        select(func.max(col(model.sequence))).where(col(model.community) == community)
    )
    return (last or 0) + 1


def _placed(session: Session, visit: Visit) -> Placed:
    assigned = _latest(session, AssignedDay, visit)
    return place(_as_input(visit)._replace(assigned=assigned.day if assigned else None))


def _day_in_doubt(session: Session, visit: Visit, placed: Placed) -> bool:
    if _latest(session, AssignedDay, visit) is not None:
        return not visit.trusted
    policy = policy_for(session, visit.community, placed.day, restate=False)
    late = policy is not None and too_late(_as_input(visit), placed, policy)
    return late or not placed.sure


def _as_input(visit: Visit) -> VisitIn:
    return VisitIn(
        visit=visit.visit_id,
        point=visit.point,
        source=visit.source,
        card=visit.card,
        door=visit.door,
        shift=visit.shift,
        occurred_ms=visit.occurred_ms,
        trusted=visit.trusted,
        received_ms=visit.received_ms,
        weight_g=visit.weight_g,
        test=visit.test,
    )
