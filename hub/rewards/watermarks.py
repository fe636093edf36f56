"""The newest fact that a day's worth may hang on.

A fact about a visit touches the day the visit is shown on. Staff may have given the visit to
another day, whose worth hangs on the same facts: it is as new as the day the visit is shown on.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import ColumnElement, exists, func, select
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


def touched_days(session: Session, community: str) -> dict[date, int]:
    """Arrival of the newest fact about a visit shown on each day."""
    rows = session.execute(
        select(_touched.day, _touched.arrival).where(_touched.community == community)
    )
    return {day: arrival for day, arrival in rows}  # noqa: C416 - a Row is no pair to mypy


def given_days(session: Session, community: str, touched: Mapping[date, int]) -> dict[date, int]:
    """The same of the days that staff gave, by the days where their visits would be shown."""
    marks: dict[date, int] = {}
    for day, shown in _given_to(session, community):
        marks[day] = max(marks.get(day, 0), touched.get(shown, 0))
    return marks


def given_last() -> ColumnElement[bool]:
    """Of ``assign_day``: nothing was said of the visit's day later."""
    later = table(AssignedDay).alias("later").c
    newer = exists().where(
        later.community == _given.community,
        later.visit_id == _given.visit_id,
        later.sequence > _given.sequence,
    )
    return ~newer


def _given_to(
    session: Session, community: str, *which: ColumnElement[bool]
) -> Iterator[tuple[date, date]]:
    """A day that staff gave to a visit last, and the one it would be shown on without that."""
    rows = session.execute(
        select(_given.day, _visit.day, _visit.received_ms)
        .join_from(
            table(AssignedDay), table(Visit),
            (_visit.community == _given.community) & (_visit.visit_id == _given.visit_id),
        )
        .where(_given.community == community, given_last(), *which)
    )  # fmt: skip
    for day, own, received_ms in rows:
        yield day, shown_on(own, received_ms)
