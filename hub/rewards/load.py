"""Everything a day is judged by, read in bulk."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, union
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import DayBooks, policy_total_fen
from hub.registry.tables import CardBinding, CardBlock, Household, Person
from hub.rewards.amend import amended
from hub.rewards.by_hand import used_by_hand
from hub.rewards.model import (
    BindingIn,
    BlockIn,
    DayInput,
    HouseholdIn,
    Policy,
    VerdictIn,
    VisitIn,
)
from hub.rewards.office_tables import AssignedHome, ShiftAttest
from hub.rewards.tables import AssignedDay, StaffVerdict
from hub.visits.tables import PointVerdict, Visit
from wire.day import day_start_ms

Row = TypeVar("Row")

_visit, _given = table(Visit).c, table(PointVerdict).c
_decided, _assign = table(StaffVerdict).c, table(AssignedDay).c
_binding, _block = table(CardBinding).c, table(CardBlock).c
_home, _person = table(Household).c, table(Person).c
_home_of, _attest = table(AssignedHome).c, table(ShiftAttest).c


def load_day(
    session: Session,
    community: str,
    day: date,
    policy: Policy | None,
    books: DayBooks,
    *,
    household: Household | None = None,
) -> DayInput:
    """The input of one day; with ``household`` only what that household did, for a preview."""
    here = _counts_for(community, day)
    if household is not None:
        here = and_(here, done_by(household))
    cards, named = select(_visit.card).where(here), select(_visit.visit_id).where(here)
    capped = policy is not None and policy.total_cap_fen is not None
    visits, said = amended(
        session, community, day, policy, visits=_visits(session, here), named=named
    )
    return DayInput(
        day=day,
        policy=policy,
        visits=visits,
        verdicts=_verdicts(session, community, named) + said,
        bindings=_bindings(session, community, cards),
        blocks=_blocks(session, community, cards),
        households=_households(session, community),
        homes=_homes(session, community),
        booked_fen=books.net_fen,
        policy_fen=policy_total_fen(session, community, policy.policy, but_day=day)
        if policy and capped
        else 0,
        by_hand=used_by_hand(session, community, day, policy, visits),
    )


def decided_since(session: Session, community: str, since_ms: int, visits: set[str]) -> bool:
    """Whether the office said anything about one of these visits after a moment.

    Or who stood anywhere: that may be about any of them.
    """
    said = [
        select(c.visit_id).where(c.community == community, c.at_ms > since_ms)
        for c in (_decided, _assign, _home_of)
    ]
    stood = exists().where(_attest.community == community, _attest.at_ms > since_ms)
    if session.scalar(select(stood)):
        return True
    return not visits.isdisjoint(session.scalars(union(*said)))


def _counts_for(community: str, day: date) -> ColumnElement[bool]:
    """Visits placed on the day, those without a day that came on it, and those assigned to it.

    Some of them may count elsewhere; the rules decide.
    """
    assigned = select(_assign.visit_id).where(_assign.community == community, _assign.day == day)
    return and_(
        _visit.community == community,
        or_(
            _visit.day == day,
            and_(
                _visit.day.is_(None),
                _visit.received_ms >= day_start_ms(day),
                _visit.received_ms < day_start_ms(day + timedelta(days=1)),
            ),
            _visit.visit_id.in_(assigned),
        ),
    )


def done_by(household: Household) -> ColumnElement[bool]:
    """Visits with a card that is or was the household's, under its door, or given to it."""
    cards = select(_binding.card).where(
        _binding.community == household.community,
        _binding.household_id == household.household_id,
    )
    given = select(_home_of.visit_id).where(
        _home_of.community == household.community,
        _home_of.household_id == household.household_id,
    )
    by_card, by_door = _visit.card.in_(cards), _visit.door == door_of(household)
    return or_(by_card, by_door, _visit.visit_id.in_(given))


def door_of(household: Any) -> Any:
    """``building-unit-room`` of the columns of a household."""
    return household.building + "-" + household.unit + "-" + household.room


def _rows(session: Session, statement: Select[Any], make: Callable[..., Row]) -> list[Row]:
    return [make(*row) for row in session.execute(statement).all()]


def _visits(session: Session, here: ColumnElement[bool]) -> list[VisitIn]:
    return _rows(
        session,
        select(
            _visit.visit_id,
            _visit.point,
            _visit.source,
            _visit.card,
            _visit.door,
            _visit.shift,
            _visit.occurred_ms,
            _visit.trusted,
            _visit.received_ms,
            _visit.weight_g,
            _visit.test,
        ).where(here),
        VisitIn,
    )


def _verdicts(session: Session, community: str, visits: Select[Any]) -> list[VerdictIn]:
    given = select(
        _given.visit_id,
        _given.value,
        _given.reason,
        _given.by_person,
        literal("volunteer"),
        _given.at_ms,
        _given.arrival,
        _given.undone,
        _given.verdict_id,
        _given.replaces,
    ).where(_given.community == community, _given.visit_id.in_(visits))
    decided = select(
        _decided.visit_id,
        _decided.value,
        literal(None),
        _decided.user,
        literal("staff"),
        _decided.at_ms,
        _decided.sequence,
    ).where(_decided.community == community, _decided.visit_id.in_(visits))
    return _rows(session, given, VerdictIn) + _rows(session, decided, VerdictIn)


def _bindings(session: Session, community: str, cards: Select[Any]) -> list[BindingIn]:
    return _rows(
        session,
        select(_binding.card, _binding.from_ms, _binding.to_ms, _binding.household_id).where(
            _binding.community == community, _binding.card.in_(cards)
        ),
        BindingIn,
    )


def _blocks(session: Session, community: str, cards: Select[Any]) -> list[BlockIn]:
    return _rows(
        session,
        select(_block.card, _block.from_ms, _block.until_ms).where(
            _block.community == community, _block.card.in_(cards)
        ),
        BlockIn,
    )


def _households(session: Session, community: str) -> list[HouseholdIn]:
    return _rows(
        session,
        select(
            _home.household_id,
            door_of(_home),
            _home.from_day,
            _home.to_day,
            _home.successor_of,
        ).where(_home.community == community),
        HouseholdIn,
    )


def _homes(session: Session, community: str) -> dict[str, str]:
    rows = session.execute(
        select(_person.person_id, _person.household_id).where(
            _person.community == community, _person.household_id.is_not(None)
        )
    )
    return {person: household for person, household in rows}  # noqa: C416
