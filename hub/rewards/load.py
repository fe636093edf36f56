"""Everything a day is judged by, read in bulk."""

from datetime import date
from typing import Any

from sqlalchemy import exists, literal_column, select, union
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import DayBooks, policy_total_fen
from hub.registry.tables import CardBinding, CardBlock, Household, Person
from hub.rewards.amend import amended
from hub.rewards.by_hand import used_by_hand
from hub.rewards.came import Came, came_on, door_of
from hub.rewards.model import BindingIn, BlockIn, DayInput, HouseholdIn, Policy, VerdictIn
from hub.rewards.office_tables import AssignedHome, ShiftAttest
from hub.rewards.tables import AssignedDay, StaffVerdict
from hub.visits.tables import PointVerdict

_given, _decided, _assign = table(PointVerdict).c, table(StaffVerdict).c, table(AssignedDay).c
_binding, _block = table(CardBinding).c, table(CardBlock).c
_home, _person = table(Household).c, table(Person).c
FEW_CARDS = 500
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
    came = came_on(session, community, day, household)
    visits, said = amended(came, day, policy)
    capped = policy is not None and policy.total_cap_fen is not None
    return DayInput(
        day=day,
        policy=policy,
        visits=visits,
        verdicts=_verdicts(came) + said,
        bindings=_bindings(session, community, came.cards),
        blocks=_blocks(session, community, came.cards),
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


def _verdicts(came: Came) -> list[VerdictIn]:
    given = came.said(
        _given, _given.visit_id, _given.value, _given.reason, _given.by_person,
        literal_column("'volunteer'"), _given.at_ms, _given.arrival, _given.undone,
        _given.verdict_id, _given.replaces,
    )  # fmt: skip
    decided = came.decided(
        _decided, _decided.visit_id, _decided.value, literal_column("NULL"), _decided.user,
        literal_column("'staff'"), _decided.at_ms, _decided.sequence,
    )  # fmt: skip
    return [VerdictIn._make(row) for row in given] + [VerdictIn(*row) for row in decided]


def _bindings(session: Session, community: str, cards: set[str]) -> list[BindingIn]:
    columns = _binding.card, _binding.from_ms, _binding.to_ms, _binding.household_id
    rows = _of_cards(session, select(*columns).where(_binding.community == community), cards)
    return [BindingIn(*row) for row in rows]


def _blocks(session: Session, community: str, cards: set[str]) -> list[BlockIn]:
    columns = _block.card, _block.from_ms, _block.until_ms
    rows = _of_cards(session, select(*columns).where(_block.community == community), cards)
    return [BlockIn(*row) for row in rows]


def _of_cards(session: Session, wanted: Any, cards: set[str]) -> list[Any]:
    """By name where there are few; else all, of which most are wanted anyway."""
    if len(cards) > FEW_CARDS:
        return [row for row in session.execute(wanted).all() if row[0] in cards]
    named = wanted.where(wanted.selected_columns[0].in_(sorted(cards)))
    return list(session.execute(named).all())


def _households(session: Session, community: str) -> list[HouseholdIn]:
    columns = _home.household_id, door_of(_home), _home.from_day, _home.to_day, _home.successor_of
    rows = session.execute(select(*columns).where(_home.community == community)).all()
    return [HouseholdIn(*row) for row in rows]


def _homes(session: Session, community: str) -> dict[str, str]:
    rows = session.execute(
        select(_person.person_id, _person.household_id).where(
            _person.community == community, _person.household_id.is_not(None)
        )
    )
    return {person: household for person, household in rows}  # noqa: C416
