"""What the office and the points' faults change about visits before they are judged."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from hub.db import table
from hub.rewards.came import Came
from hub.rewards.model import ATTESTED, Policy, VerdictIn, VisitIn
from hub.rewards.office_tables import AssignedHome, ShiftAttest
from hub.rewards.tables import AssignedDay
from hub.visits.faults import FaultSpan, fault_spans
from wire.day import day_start_ms

_assign, _home, _attest = table(AssignedDay).c, table(AssignedHome).c, table(ShiftAttest).c


def amended(came: Came, day: date, policy: Policy | None) -> tuple[list[VisitIn], list[VerdictIn]]:
    """The visits as staff placed them, and what attested people say of them."""
    visits = came.visits
    days = _newest(came, _assign, _assign.day)
    homes = _newest(came, _home, _home.household_id)
    if days or homes:
        visits = [
            visit._replace(assigned=days.get(visit.visit), home=homes.get(visit.visit))
            for visit in visits
        ]
    if policy is not None and policy.min_grams:
        until_ms = day_start_ms(day + timedelta(days=1))
        spans = fault_spans(came.session.connection(), came.community, until_ms)
        visits = unweighed(visits, spans)
    return _stood_there(visits, attests(came.session, came.community, day))


def _newest(came: Came, of: Any, value: Any) -> dict[str, Any]:
    """The newest word about each visit."""
    rows = sorted(came.decided(of, of.sequence, of.visit_id, value), key=itemgetter(0))
    return {visit: said for _, visit, said in rows}


def unweighed(visits: list[VisitIn], spans: Sequence[FaultSpan]) -> list[VisitIn]:
    """While a scale is at fault, what the others show is not all that was brought.

    The weight is missing then, which pays (R24).
    """
    ailing: dict[str, list[FaultSpan]] = defaultdict(list)
    for span in spans:
        ailing[span.point].append(span)
    return [
        visit._replace(weight_g=None)
        if any(span.meets(visit.occurred_ms) for span in ailing.get(visit.point, ()))
        else visit
        for visit in visits
    ]


def attests(session: Session, community: str, day: date) -> list[Any]:
    """Who is said to have stood anywhere on a day, in the order in which it was said."""
    return list(
        session.execute(
            select(_attest.sequence, _attest.point, _attest.person, _attest.from_ms,
                   _attest.to_ms, _attest.value, _attest.at_ms)
            .where(
                _attest.community == community,
                _attest.from_ms < day_start_ms(day + timedelta(days=1)),
                _attest.to_ms > day_start_ms(day),
            )
            .order_by(_attest.sequence)
        )
    )  # fmt: skip


def _stood_there(
    visits: list[VisitIn], said: Sequence[Any]
) -> tuple[list[VisitIn], list[VerdictIn]]:
    """Visits without a shift get the newest attested one of their point and moment."""
    if not said:
        return visits, []
    seen, verdicts = [], []
    for visit in visits:
        attest = _attested(visit, said)
        if attest is None:
            seen.append(visit)
            continue
        seen.append(visit._replace(shift=f"attested-{attest.sequence}"))
        if attest.value != "none":
            verdicts.append(
                VerdictIn(
                    visit.visit, attest.value, None, attest.person, ATTESTED, attest.at_ms,
                    attest.sequence,
                )
            )  # fmt: skip
    return seen, verdicts


def _attested(visit: VisitIn, said: Sequence[Any]) -> Any:
    if visit.shift is not None or not visit.trusted:
        return None
    there = [
        item
        for item in said
        if item.point == visit.point and item.from_ms <= visit.occurred_ms < item.to_ms
    ]
    return there[-1] if there else None
