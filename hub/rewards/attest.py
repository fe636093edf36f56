"""An officer says later who stood at a point without having checked in."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import Session

from hub.db import table
from hub.registry.tables import Person
from hub.rewards.office_tables import ShiftAttest
from hub.rewards.record import append, by
from hub.rewards.settlement import Settlement
from hub.rewards.staff import settle_over, shown_days
from hub.visits.tables import PointState, Visit
from hub.web.deps import Caller
from hub.web.problem import ProblemError

LONGEST_MS = 16 * 3_600_000
_visit, _state = table(Visit).c, table(PointState).c


@dataclass(frozen=True)
class Stood:
    """Somebody at a point; ``value`` accepted says so of every visit they did not judge."""

    point: str
    person: str
    from_ms: int
    to_ms: int
    value: str
    reason: str


@dataclass(frozen=True)
class Attested:
    """Its number, the visits it covers, and the runs that followed."""

    number: int
    visits: int
    settled: tuple[Settlement, ...]


def attest(session: Session, community: str, caller: Caller, now_ms: int, stood: Stood) -> Attested:
    """Record it and settle the days of the visits that nobody was there for until now."""
    _check(session, community, now_ms, stood)
    word = vars(stood) | by(caller, stood.reason, now_ms)
    number = append(session, community, ShiftAttest, word)
    visits = session.scalars(
        select(Visit).where(
            _visit.community == community,
            _visit.point == stood.point,
            _visit.shift.is_(None),
            _visit.trusted,
            _visit.occurred_ms >= stood.from_ms,
            _visit.occurred_ms < stood.to_ms,
        )
    ).all()
    settled = settle_over(session, community, shown_days(session, visits), now_ms)
    return Attested(number, len(visits), settled)


def _check(session: Session, community: str, now_ms: int, stood: Stood) -> None:
    if not 0 < stood.to_ms - stood.from_ms <= LONGEST_MS:
        detail = f"from must lie before to, by at most {LONGEST_MS // 3_600_000} hours"
        raise ProblemError(422, "bad-span", detail)
    if stood.to_ms > now_ms:
        raise ProblemError(422, "future-shift", "to lies ahead; expected a shift that is over")
    if session.get(Person, (community, stood.person)) is None:
        detail = f"person {stood.person} is not registered; expected one that is"
        raise ProblemError(409, "no-person", detail)
    here = exists().where(_state.community == community, _state.point == stood.point)
    if not session.scalar(select(here)):
        detail = f"point {stood.point} is not configured; expected one of GET /points"
        raise ProblemError(409, "no-point", detail)
