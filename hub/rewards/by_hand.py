"""What visits without a card have used of the policy's caps, as the newest runs count them."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, literal_column, select
from sqlmodel import Session

from hub.db import table
from hub.rewards.model import CARD, QUALIFIED, STAFF, ByHand, Policy, VisitIn
from hub.rewards.tables import AssignedDay, SettlementRun, VisitOutcomeRow
from hub.visits.tables import Visit

_outcomes, _visits, _assigned = table(VisitOutcomeRow), table(Visit), table(AssignedDay)
_visit, _run = _visits.c, table(SettlementRun).c
BY_HAND = _visit.source != literal_column("'card'")
"""Literally, for the partial index."""


def month_of(day: date) -> tuple[date, date]:
    """Its first and last day."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def used_by_hand(
    session: Session, community: str, day: date, policy: Policy | None, visits: Iterable[VisitIn]
) -> ByHand | None:
    """None where no cap can bite."""
    if policy is None or (policy.manual_per_month is None and policy.manual_per_shift is None):
        return None
    if all(visit.source == CARD for visit in visits):
        return None
    month, shift, counted = Counter[str](), Counter[str](), set()
    for row in _newest(session, community, day):
        if row.reason != QUALIFIED or row.by_role == STAFF:
            continue
        if row.day == day:
            counted.add(row.visit_id)
            continue
        month[row.household_id] += 1
        shift[row.shift or ""] += 1
    return ByHand(month, shift, frozenset(counted))


def moved_since(session: Session, community: str, day: date, run: int) -> bool:
    """Whether a later run of the month may have left or taken room under a cap."""
    first, last = month_of(day)
    later = exists().where(
        _run.community == community, _run.run > run, _run.day.between(first, last), _run.day != day
    )
    return bool(session.scalar(select(later)))


def _newest(session: Session, community: str, day: date) -> Iterable[Any]:
    """What the newest run of its day says of each visit of the month."""
    first, last = month_of(day)
    said = _outcomes.c
    columns = (
        said.day, said.visit_id, said.household_id, said.reason, said.by_role, said.run,
        _visit.shift,
    )  # fmt: skip
    same = and_(said.community == _visit.community, said.visit_id == _visit.visit_id)
    placed = (
        select(*columns)
        .join_from(_visits, _outcomes, and_(same, said.day == _visit.day))
        .where(_visit.community == community, _visit.day.between(first, last), BY_HAND)
    )
    given = _assigned.c
    assigned = (
        select(*columns)
        .join_from(
            _assigned,
            _visits,
            and_(_visit.community == given.community, _visit.visit_id == given.visit_id),
        )
        .join(_outcomes, and_(same, said.day == given.day))
        .where(given.community == community, given.day.between(first, last), BY_HAND)
    )
    rows = sorted([*session.execute(placed), *session.execute(assigned)], key=lambda row: row.run)
    return {(row.day, row.visit_id): row for row in rows}.values()
