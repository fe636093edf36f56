"""A household's days: what the runs said, and a preview of days that no run has seen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from hub.db import chunks, table
from hub.ledger.journal import DayBooks
from hub.registry.tables import Household
from hub.rewards.by_hand import BY_HAND
from hub.rewards.came import cards_of, door_of, given_to
from hub.rewards.load import load_day
from hub.rewards.model import HouseholdOutcome, Reason, VisitOutcome
from hub.rewards.policy import policy_for
from hub.rewards.rules import judge_day
from hub.rewards.tables import DayOutcome, SettlementRun, VisitOutcomeRow
from hub.rewards.views import DayView, VisitView, at_local
from hub.rewards.why import NOT_SETTLED, why
from hub.visits.tables import Visit
from wire.day import business_day, day_start_ms

_outcome, _run = table(DayOutcome).c, table(SettlementRun).c
_visit_outcome, _visit = table(VisitOutcomeRow).c, table(Visit).c


class _Said(NamedTuple):
    """A day's newest outcome; ``run`` None = no run has seen it."""

    outcome: HouseholdOutcome
    run: int | None
    visits: list[VisitOutcome]


def household_days(
    session: Session, household: Household, first: date, last: date
) -> list[DayView]:
    """Every day from first to last, both included."""
    settled = _settled(session, household, first, last)
    preview = _preview(session, household, first, last, settled)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    nothing = _Said(HouseholdOutcome(household.household_id, 0, NOT_SETTLED, None), None, [])
    said = {day: settled.get(day) or preview.get(day) or nothing for day in days}
    named = {visit.visit for item in said.values() for visit in item.visits}
    named |= {item.outcome.visit for item in said.values() if item.outcome.visit}
    visits = _visits(session, household.community, named)
    return [_view(day, item, visits) for day, item in said.items()]


def _view(day: date, said: _Said, visits: Mapping[str, Any]) -> DayView:
    _, amount_fen, reason, deciding = said.outcome
    by = visits.get(deciding or "")
    words = why(reason, amount_fen, by.point if by else None, by.occurred_ms if by else None)
    shown = [_visit_view(item, visits[item.visit]) for item in said.visits if item.visit in visits]
    return DayView(
        day=day,
        amount_fen=amount_fen,
        reason=reason,
        why=words.zh,
        why_en=words.en,
        run=said.run,
        visits=sorted(shown, key=lambda view: (view.at, view.visit)),
    )


def _visit_view(item: VisitOutcome, visit: Any) -> VisitView:
    return VisitView(
        visit=item.visit,
        point=visit.point,
        at=at_local(visit.occurred_ms),
        source=visit.source,
        verdict=item.verdict,
        verdict_reason=item.verdict_reason,
        by_role=item.by_role,
        reason=item.reason,
        weight_g=visit.weight_g,
    )


def _settled(session: Session, household: Household, first: date, last: date) -> dict[date, _Said]:
    """Days with a run; a household no run has named had no event, or was not there."""
    runs = session.execute(
        select(_run.day, _run.run, _run.policy_id)
        .where(_run.community == household.community, _run.day.between(first, last))
        .order_by(_run.run)
    )
    said = {}
    for day, run, policy in runs:
        reason = _unnamed(household, day) if policy else Reason.NO_POLICY
        said[day] = _Said(HouseholdOutcome(household.household_id, 0, reason, None), run, [])
    unnamed = dict(said)
    named = session.execute(
        select(
            _outcome.day,
            _outcome.run,
            _outcome.household_id,
            _outcome.amount_fen,
            _outcome.reason,
            _outcome.visit_id,
        )
        .where(
            _outcome.community == household.community,
            _outcome.household_id == household.household_id,
            _outcome.day.between(first, last),
        )
        .order_by(_outcome.run)
    )
    for day, run, *outcome in named:
        if outcome[2] != Reason.NO_EVENT:
            said[day] = _Said(HouseholdOutcome(*outcome), run, [])
        else:
            said[day] = unnamed[day]._replace(run=run)
    for day, item in _visit_outcomes(session, household, first, last):
        said[day].visits.append(item)
    return said


def _unnamed(household: Household, day: date) -> Reason:
    active = household.from_day <= day and (household.to_day is None or day < household.to_day)
    return Reason.NO_EVENT if active else Reason.HOUSEHOLD_INACTIVE


def _visit_outcomes(
    session: Session, household: Household, first: date, last: date
) -> Iterable[tuple[date, VisitOutcome]]:
    """The newest outcome of each visit that is this household's; an older one may not be."""
    c = _visit_outcome
    ever = select(c.visit_id).where(
        c.community == household.community,
        c.household_id == household.household_id,
        c.day.between(first, last),
    )
    rows = session.execute(
        select(
            c.day, c.visit_id, c.household_id, c.reason, c.verdict, c.verdict_reason, c.by_role,
            c.held,
        )
        .where(
            c.community == household.community, c.day.between(first, last), c.visit_id.in_(ever)
        )
        .order_by(c.run)
    )  # fmt: skip
    newest = {(day, outcome[0]): VisitOutcome(*outcome) for day, *outcome in rows}
    return [
        (day, outcome)
        for (day, _), outcome in newest.items()
        if outcome.household == household.household_id
    ]


def _preview(
    session: Session,
    household: Household,
    first: date,
    last: date,
    settled: Mapping[date, _Said],
) -> dict[date, _Said]:
    """The visits of days without a run, judged as if now; no amount is promised."""
    said: dict[date, _Said] = {}
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    unsettled = [day for day in days if day not in settled]
    if not unsettled:
        return said
    came = _days_with_visits(session, household, unsettled[0], unsettled[-1])
    for day in sorted(came - settled.keys()):
        policy = policy_for(session, household.community, day, restate=False)
        given = load_day(session, household.community, day, policy, DayBooks(), household=household)
        mine: dict[str | None, list[VisitOutcome]] = defaultdict(list)
        for visit in judge_day(given).visits:
            mine[visit.household].append(visit)
        outcome = HouseholdOutcome(household.household_id, 0, NOT_SETTLED, None)
        said[day] = _Said(outcome, None, mine[household.household_id])
    return said


def _days_with_visits(session: Session, household: Household, first: date, last: date) -> set[date]:
    """Asked card by card, door by hand and gift: for any of them SQLite would read every visit."""
    from_ms, until_ms = day_start_ms(first), day_start_ms(last + timedelta(days=1))
    dated = _visit.day.between(first, last)
    undated = _visit.day.is_(None) & _visit.received_ms.between(from_ms, until_ms - 1)
    both = select(_visit.day, _visit.received_ms).where(dated | undated)
    asked = select(_visit.day, _visit.received_ms).where(_visit.community == household.community)
    here = _visit.community + "" == household.community  # else its index is taken, not the card's
    by_door = asked.where(BY_HAND, _visit.door == door_of(household))
    questions = (
        both.where(here, _visit.card.in_(cards_of(household))),
        both.where(
            _visit.community == household.community, _visit.visit_id.in_(given_to(household))
        ),
        by_door.where(dated),
        by_door.where(undated),
    )
    rows = [row for question in questions for row in session.execute(question)]
    return {day or business_day(received_ms) for day, received_ms in rows}


def _visits(session: Session, community: str, named: set[str]) -> dict[str, Any]:
    found = {}
    for part in chunks(named):
        for row in session.execute(
            select(
                _visit.visit_id, _visit.point, _visit.occurred_ms, _visit.source, _visit.weight_g
            ).where(_visit.community == community, _visit.visit_id.in_(part))
        ):
            found[row.visit_id] = row
    return found
