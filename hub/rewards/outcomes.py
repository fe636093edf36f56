"""What the runs of a day have said so far, and what a new run has to add."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

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


def known_outcomes(session: Session, community: str, day: date) -> Known:
    """Later runs outrank earlier ones."""
    households = session.execute(
        select(_day.household_id, _day.amount_fen, _day.reason, _day.visit_id)
        .where(_day.community == community, _day.day == day)
        .order_by(_day.run)
    )
    visits = session.execute(
        select(
            _visit.visit_id, _visit.household_id, _visit.reason, _visit.verdict,
            _visit.verdict_reason, _visit.by_role, _visit.held,
        )
        .where(_visit.community == community, _visit.day == day)
        .order_by(_visit.run)
    )  # fmt: skip
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
) -> list[dict[str, Any]]:
    """Rows of ``day_outcome``."""
    return [
        {
            "community": community,
            "day": day,
            "household_id": household,
            "run": run,
            "amount_fen": amount_fen,
            "reason": str(reason),
            "visit_id": visit,
        }
        for household, amount_fen, reason, visit in outcomes
    ]


def visit_rows(
    community: str, day: date, run: int, outcomes: Iterable[VisitOutcome]
) -> list[dict[str, Any]]:
    """Rows of ``visit_outcome``."""
    return [
        {
            "community": community,
            "day": day,
            "visit_id": visit,
            "run": run,
            "household_id": household,
            "reason": str(reason),
            "verdict": verdict,
            "verdict_reason": verdict_reason,
            "by_role": by_role,
            "held": held,
        }
        for visit, household, reason, verdict, verdict_reason, by_role, held in outcomes
    ]
