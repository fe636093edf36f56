"""What the runs of a day have said so far, and what a new run has to add."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from hub.db import table
from hub.rewards.model import DayResult, HouseholdOutcome, Reason, VisitOutcome
from hub.rewards.tables import DayOutcome, VisitOutcomeRow

MOVED = "moved"
"""The visit counts for another day now."""

_day, _visit = table(DayOutcome).c, table(VisitOutcomeRow).c


class Known(NamedTuple):
    """The newest outcome of every household and visit of one day."""

    households: dict[str, HouseholdOutcome]
    visits: dict[str, VisitOutcome]


class DayRow(NamedTuple):
    """A row of ``day_outcome``, in the order of its columns."""

    community: str
    day: date
    household_id: str
    run: int
    amount_fen: int
    reason: str
    visit_id: str | None


class VisitRow(NamedTuple):
    """A row of ``visit_outcome``, in the order of its columns."""

    community: str
    day: date
    visit_id: str
    run: int
    household_id: str | None
    reason: str
    verdict: str | None
    verdict_reason: str | None
    by_role: str | None
    held: bool


def known_outcomes(session: Session, community: str, day: date) -> Known:
    """Later runs outrank earlier ones."""
    households = session.execute(
        select(_day.household_id, _day.amount_fen, _day.reason, _day.visit_id)
        .where(_day.community == community, _day.day == day)
        .order_by(_day.run)
    ).all()
    visits = session.execute(
        select(
            _visit.visit_id, _visit.household_id, _visit.reason, _visit.verdict,
            _visit.verdict_reason, _visit.by_role, _visit.held,
        )
        .where(_visit.community == community, _visit.day == day)
        .order_by(_visit.run)
    ).all()  # fmt: skip
    return Known(
        {row[0]: HouseholdOutcome(*row) for row in households},
        {row[0]: VisitOutcome(*row) for row in visits},
    )


def changes(known: Known, result: DayResult) -> DayResult:
    """Outcomes that differ from the known ones; what left the day is said to have left."""
    households = {outcome.household for outcome in result.households}
    visits = {outcome.visit for outcome in result.visits}
    gone = [
        HouseholdOutcome(household, 0, Reason.NO_EVENT, None)
        for household in known.households.keys() - households
    ]
    moved = [
        VisitOutcome(visit, None, MOVED, None, None, None, held=False)
        for visit in known.visits.keys() - visits
    ]
    return DayResult(
        [o for o in [*result.households, *gone] if known.households.get(o.household) != o],
        [o for o in [*result.visits, *moved] if known.visits.get(o.visit) != o],
    )


def day_rows(
    community: str, day: date, run: int, outcomes: Iterable[HouseholdOutcome]
) -> list[DayRow]:
    """Rows of ``day_outcome``."""
    return [
        DayRow(community, day, household, run, amount_fen, str(reason), visit)
        for household, amount_fen, reason, visit in outcomes
    ]


def visit_rows(
    community: str, day: date, run: int, outcomes: Iterable[VisitOutcome]
) -> list[VisitRow]:
    """Rows of ``visit_outcome``."""
    return [
        VisitRow(community, day, o.visit, run, o.household, str(o.reason), *o[3:6], o.held)
        for o in outcomes
    ]
