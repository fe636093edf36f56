"""Decisions of the office about visits: append-only, above every volunteer's, booked at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import exists, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import take_turn
from hub.registry.tables import Household
from hub.rewards.came import door_of
from hub.rewards.model import VisitIn
from hub.rewards.office_tables import AssignedHome
from hub.rewards.policy import first_day, policy_for
from hub.rewards.record import append, by, newest_word
from hub.rewards.settlement import Settlement, latest_run, settle_day
from hub.rewards.tables import AssignedDay, StaffVerdict
from hub.rewards.visit_rules import Placed, place, too_late
from hub.visits.tables import Visit
from hub.web.deps import Caller
from hub.web.problem import ProblemError
from wire.day import business_day

_household = table(Household).c


@dataclass(frozen=True)
class Decision:
    """What is said of a visit; ``day`` and ``household`` only where its own are wrong."""

    value: str
    reason: str
    day: date | None = None
    household: str | None = None


@dataclass(frozen=True)
class Decided:
    """The verdict that holds now, the day it counts for, and the runs that followed."""

    verdict: StaffVerdict
    day: date
    touched: frozenset[date]
    settled: tuple[Settlement, ...] = field(default=())


def decide(
    session: Session, visit: Visit, caller: Caller, now_ms: int, decision: Decision
) -> Decided:
    """Record the verdict once and settle the days it concerns that are over or were settled."""
    said = say(session, visit, caller, now_ms, decision)
    settled = settle_over(session, visit.community, said.touched, now_ms)
    return Decided(said.verdict, said.day, said.touched, settled)


def say(session: Session, visit: Visit, caller: Caller, now_ms: int, decision: Decision) -> Decided:
    """Record the verdict without settling.

    Accepting a visit whose day is in doubt confirms the day it is shown on, unless another is
    given: nothing may stay held after somebody has decided it.
    """
    take_turn(session)
    before = _placed(session, visit)
    in_doubt = _day_in_doubt(session, visit, before)
    if decision.day is not None:
        _check_day(session, visit, before, now_ms, decision.day, in_doubt=in_doubt)
    if decision.household is not None:
        home = decision.household
        assign_home(session, visit, caller, now_ms, household=home, reason=decision.reason)
    accepted = decision.value == "accepted"
    if accepted and not home_known(session, visit):
        detail = (
            f"no household has the door {visit.door} of visit {visit.visit_id}; "
            "name the household it belongs to, or reject it"
        )
        raise ProblemError(409, "door-unknown", detail)
    if in_doubt and accepted:
        day = decision.day or before.day
        assign_day(session, visit, caller, now_ms, day=day, reason=decision.reason)
    verdict = record_verdict(
        session, visit, caller, now_ms, value=decision.value, reason=decision.reason
    )
    after = _placed(session, visit)
    return Decided(verdict, after.day, frozenset({before.day, after.day}))


def settle_over(
    session: Session, community: str, days: Iterable[date], now_ms: int
) -> tuple[Settlement, ...]:
    """Settle those of some days that are over or were settled."""
    today = business_day(now_ms)
    return tuple(
        settle_day(session, community, day, now_ms)
        for day in sorted(days)
        if day < today or latest_run(session, community, day)
    )


def require_paying(session: Session, community: str, day: date) -> None:
    """A 422 problem for a day before every policy: nobody can mean it."""
    first = first_day(session, community)
    if first is None or day < first:
        detail = f"{day} lies before every policy; expected a day from {first or 'a policy'} on"
        raise ProblemError(422, "no-policy-yet", detail)


def assign_day(
    session: Session, visit: Visit, caller: Caller, now_ms: int, *, day: date, reason: str
) -> None:
    """Say for which day a visit counts; the newest word holds."""
    word = by(caller, reason, now_ms) | {"visit_id": visit.visit_id, "day": day}
    append(session, visit.community, AssignedDay, word)


def assign_home(
    session: Session, visit: Visit, caller: Caller, now_ms: int, *, household: str, reason: str
) -> None:
    """Say whose a visit is, whatever its card or door says."""
    if session.get(Household, (visit.community, household)) is None:
        detail = f"household {household[:80]} is not registered; expected one that is"
        raise ProblemError(409, "no-household", detail)
    held = newest_word(session, AssignedHome, visit.community, visit.visit_id)
    if held is None or held.household_id != household:
        word = by(caller, reason, now_ms) | {"visit_id": visit.visit_id, "household_id": household}
        append(session, visit.community, AssignedHome, word)


def record_verdict(
    session: Session, visit: Visit, caller: Caller, now_ms: int, *, value: str, reason: str
) -> StaffVerdict:
    """Append the verdict; saying the same again adds nothing."""
    take_turn(session)
    held = newest_word(session, StaffVerdict, visit.community, visit.visit_id)
    if held is not None and (held.value, held.reason) == (value, reason):
        return held
    word = by(caller, reason, now_ms) | {"visit_id": visit.visit_id, "value": value}
    number = append(session, visit.community, StaffVerdict, word)
    return session.get_one(StaffVerdict, (visit.community, number))


def home_known(session: Session, visit: Visit) -> bool:
    """Whether the visit has a card, or a door that a household has or had, or was given one."""
    if visit.card is not None:
        return True
    if newest_word(session, AssignedHome, visit.community, visit.visit_id) is not None:
        return True
    at_door = exists().where(
        _household.community == visit.community, door_of(_household) == visit.door
    )
    return bool(session.scalar(select(at_door)))


def shown_days(session: Session, visits: Sequence[Visit]) -> set[date]:
    """The days that some visits count for or are shown on."""
    return {_placed(session, visit).day for visit in visits}


def _check_day(
    session: Session, visit: Visit, shown: Placed, now_ms: int, day: date, *, in_doubt: bool
) -> None:
    if not in_doubt:
        detail = f"visit {visit.visit_id} counts for {shown.day}; its day is not in doubt"
        raise ProblemError(409, "day-is-known", detail)
    if day > business_day(now_ms):
        raise ProblemError(422, "future-day", f"{day} has not begun; expected a past day")
    require_paying(session, visit.community, day)


def _placed(session: Session, visit: Visit) -> Placed:
    assigned = newest_word(session, AssignedDay, visit.community, visit.visit_id)
    return place(_as_input(visit)._replace(assigned=assigned.day if assigned else None))


def _day_in_doubt(session: Session, visit: Visit, placed: Placed) -> bool:
    if newest_word(session, AssignedDay, visit.community, visit.visit_id) is not None:
        return not visit.trusted
    policy = policy_for(session, visit.community, placed.day, restate=False)
    late = policy is not None and too_late(_as_input(visit), placed, policy)
    return late or not placed.sure


def _as_input(visit: Visit) -> VisitIn:
    names = VisitIn._fields[1:11]
    return VisitIn(visit.visit_id, *(getattr(visit, name) for name in names))
