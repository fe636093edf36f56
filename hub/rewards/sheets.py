"""A month's sheet: what its days brought each household and each building, by the entries."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import REWARD_KINDS
from hub.ledger.tables import LedgerEntry
from hub.registry.tables import Household
from hub.rewards.months import days_of

_entry, _home = table(LedgerEntry).c, table(Household).c


def by_household(
    session: Session, community: str, month: str, *, building: str | None, after: str, limit: int
) -> Sequence[Any]:
    """``(household_id, building, days, amount_fen)`` of whom any day has brought something."""
    asked = _homes(community, month).where(_home.household_id > after)
    if building is not None:
        asked = asked.where(_home.building == building)
    return session.execute(asked.order_by(_home.household_id).limit(limit)).all()


def by_building(session: Session, community: str, month: str) -> Sequence[Any]:
    """``(building, households, days, amount_fen)``; no household changes its building."""
    homes = _homes(community, month).subquery().c
    sums = func.count(), func.sum(homes.days), func.sum(homes.amount_fen)
    return session.execute(
        select(homes.building, *sums)
        .group_by(homes.building)
        .order_by(func.length(homes.building), homes.building)
    ).all()


def _homes(community: str, month: str) -> Select[Any]:
    """A day taken back is no day: its entries add up to nothing."""
    first, last = days_of(month)
    a_day = (
        select(_entry.household_id, _entry.day, func.sum(_entry.amount_fen).label("fen"))
        .where(
            _entry.community == community,
            _entry.day.between(first, last),
            _entry.kind.in_(REWARD_KINDS),
        )
        .group_by(_entry.household_id, _entry.day)
        .having(func.sum(_entry.amount_fen) != 0)
        .subquery()
        .c
    )
    return (
        select(
            _home.household_id,
            _home.building,
            func.count().label("days"),
            func.sum(a_day.fen).label("amount_fen"),
        )
        .where(_home.community == community, _home.household_id == a_day.household_id)
        .group_by(_home.household_id, _home.building)
    )
