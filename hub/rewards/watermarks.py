"""The newest fact that a day's worth may hang on.

A fact about a visit touches the day the visit is shown on. Staff may have given the visit to
another day, whose worth hangs on the same facts: it is as new as the day the visit is shown on.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from hub.db import table
from hub.rewards.tables import AssignedDay
from hub.visits.tables import TouchedDay, Visit
from hub.visits.touched import shown_on

_touched, _given, _visit = table(TouchedDay).c, table(AssignedDay).c, table(Visit).c


def newest_fact(session: Session, community: str, day: date) -> int:
    """Arrival of the newest fact of one day; 0 = none."""
    days = {day} | {shown for _, shown in _given_to(session, community, _given.day == day)}
    found = session.scalar(
        select(func.max(_touched.arrival)).where(
            _touched.community == community, _touched.day.in_(sorted(days))
        )
    )
    return found or 0


def newest_facts(session: Session, community: str) -> dict[date, int]:
    """The same of every day that has one."""
    rows = session.execute(
        select(_touched.day, _touched.arrival).where(_touched.community == community)
    )
    touched = {day: arrival for day, arrival in rows}  # noqa: C416 - a Row is no pair to mypy
    marks = dict(touched)
    for day, shown in _given_to(session, community):
        marks[day] = max(marks.get(day, 0), touched.get(shown, 0))
    return marks


def _given_to(
    session: Session, community: str, *which: ColumnElement[bool]
) -> Iterator[tuple[date, date]]:
    """A day that staff gave to a visit, and the one it would be shown on without that."""
    rows = session.execute(
        select(_given.day, _visit.day, _visit.received_ms)
        .join_from(
            table(AssignedDay), table(Visit),
            (_visit.community == _given.community) & (_visit.visit_id == _given.visit_id),
        )
        .where(_given.community == community, *which)
    )  # fmt: skip
    for day, own, received_ms in rows:
        yield day, shown_on(own, received_ms)
