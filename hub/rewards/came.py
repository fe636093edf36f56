"""The visits that may count for a day, and what other tables say about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlmodel import Session

from hub.db import chunks, table
from hub.ledger.bulk import read_rows
from hub.registry.tables import CardBinding, Household
from hub.rewards.model import VisitIn
from hub.rewards.office_tables import AssignedHome
from hub.rewards.tables import AssignedDay, StaffVerdict
from hub.visits.tables import Visit
from wire.day import day_start_ms

_visit, _assign = table(Visit).c, table(AssignedDay).c
_binding, _home_of = table(CardBinding).c, table(AssignedHome).c
OFFICE = table(StaffVerdict).c, _assign, _home_of
_READ = (
    _visit.visit_id, _visit.point, _visit.source, _visit.card, _visit.door, _visit.shift,
    _visit.occurred_ms, _visit.trusted, _visit.received_ms, _visit.weight_g, _visit.test,
)  # fmt: skip


@dataclass(frozen=True)
class Came:
    """Those placed on the day, and ``odd`` ones: without a day, or given to it by staff.

    Without a ``day`` all of them are odd: few enough to be asked for by name.
    """

    session: Session
    community: str
    day: date | None
    visits: list[VisitIn]
    odd: set[str]

    @property
    def cards(self) -> set[str]:
        """Tapped by any of them."""
        return {visit.card for visit in self.visits if visit.card is not None}

    def said(self, of: Any, *columns: Any) -> list[Any]:
        """Rows about these visits, of a table that names a visit in each.

        By the day of the visit: a list of thousands of names costs more than the rows. Not by a
        join: SQLite, which knows no sizes, would begin with every row of the community.
        """
        named = select(*columns).where(of.community == self.community)
        rows: list[Any] = []
        if self.day is not None:
            on_day = _visit.community == self.community, _visit.day == self.day
            of_day = of.visit_id.in_(select(_visit.visit_id).where(*on_day))
            rows += read_rows(self.session, named.where(of_day))
        return rows + self._about(self.odd, of, *columns)

    def decided(self, of: Any, *columns: Any) -> list[Any]:
        """The same of a table of the office's words, which are about few visits or none."""
        return self._about(self._touched | self.odd, of, *columns)

    @cached_property
    def _touched(self) -> set[str]:
        """Those of the day that the office said anything about: asked once for all its tables."""
        if self.day is None:
            return set()
        about = [
            exists().where(of.community == _visit.community, of.visit_id == _visit.visit_id)
            for of in OFFICE
        ]
        found = select(_visit.visit_id).where(
            _visit.community == self.community, _visit.day == self.day, or_(*about)
        )
        return set(self.session.scalars(found))

    def _about(self, visits: set[str], of: Any, *columns: Any) -> list[Any]:
        named = select(*columns).where(of.community == self.community)
        return [
            row
            for part in chunks(visits)
            for row in self.session.execute(named.where(of.visit_id.in_(part))).all()
        ]


def came_on(
    session: Session, community: str, day: date, household: Household | None = None
) -> Came:
    """What a day is judged by; of one household only what it did."""
    here = [_visit.community == community, *([done_by(household)] if household else ())]
    assigned = select(_assign.visit_id).where(_assign.community == community, _assign.day == day)
    undated = (
        _visit.day.is_(None),
        _visit.received_ms >= day_start_ms(day),
        _visit.received_ms < day_start_ms(day + timedelta(days=1)),
    )
    visits = _read(session, [*here, _visit.day == day])
    placed = {visit.visit for visit in visits}
    # Two questions: for either of both SQLite would look at every visit there ever was.
    found = _read(session, [*here, *undated])
    found += _read(session, [*here, _visit.visit_id.in_(assigned)])
    others = list({visit.visit: visit for visit in found if visit.visit not in placed}.values())
    odd = {visit.visit for visit in others}
    if household is not None:
        return Came(session, community, None, visits + others, placed | odd)
    return Came(session, community, day, visits + others, odd)


def _read(session: Session, here: Iterable[ColumnElement[bool]]) -> list[VisitIn]:
    none = (None, None)  # neither assigned nor given a home
    return [VisitIn._make(row + none) for row in read_rows(session, select(*_READ).where(*here))]


def done_by(household: Household) -> ColumnElement[bool]:
    """Visits with a card that is or was the household's, under its door, or given to it."""
    return or_(
        _visit.card.in_(cards_of(household)),
        _visit.door == door_of(household),
        _visit.visit_id.in_(given_to(household)),
    )


def cards_of(household: Household) -> Select[Any]:
    """Cards that are or were the household's."""
    return select(_binding.card).where(
        _binding.community == household.community,
        _binding.household_id == household.household_id,
    )


def given_to(household: Household) -> Select[Any]:
    """Visits of which staff said once that they were the household's."""
    return select(_home_of.visit_id).where(
        _home_of.community == household.community,
        _home_of.household_id == household.household_id,
    )


def door_of(household: Any) -> Any:
    """``building-unit-room`` of a household or of its columns."""
    return household.building + "-" + household.unit + "-" + household.room
