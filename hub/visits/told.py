"""Who a visit belongs to and what was said about it, for a page of visits at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from hub.db import chunks
from hub.registry.tables import CardBinding, CardBlock, Household
from hub.rewards.model import BindingIn, BlockIn
from hub.rewards.office_tables import AssignedHome
from hub.rewards.tables import StaffVerdict
from hub.rewards.visit_rules import Cards
from hub.visits.tables import PointVerdict, Visit
from wire.day import business_day

CardState = Literal["known", "unknown", "blocked", "none"]
Said = tuple[str | None, str | None]


class Told:
    """Reads everything the page needs in a handful of queries."""

    def __init__(self, session: Session, community: str, visits: Sequence[Visit]) -> None:
        self._session = session
        self._community = community
        cards = {visit.card for visit in visits if visit.card}
        self._cards = Cards(self._bindings(cards), self._blocks(cards))
        ids = {visit.visit_id for visit in visits}
        self._doors = self._at({visit.door for visit in visits if visit.door})
        self._homes = self._given(ids)
        self._verdicts = self._from_points(ids) | self._from_staff(ids)

    def holder(self, visit: Visit) -> tuple[str | None, CardState]:
        """The household at the moment of the visit, and how its card stood."""
        home = self._homes.get(visit.visit_id)
        if visit.card is None:
            day = visit.day or business_day(visit.received_ms)
            return home or _at_door(self._doors.get(visit.door or "", []), day), "none"
        at_ms = visit.occurred_ms if visit.trusted else visit.received_ms
        household, bound = self._cards.holder(visit.card, at_ms)
        if home is not None:
            return home, "known"
        if not bound:
            return None, "unknown"
        return household, "blocked" if self._cards.blocked(visit.card, at_ms) else "known"

    def verdict(self, visit: Visit) -> Said:
        """Staff outranks volunteers, then the later one counts."""
        return self._verdicts.get(visit.visit_id, (None, None))

    def _bindings(self, cards: set[str]) -> list[BindingIn]:
        b = CardBinding
        return [
            BindingIn(*row)
            for part in chunks(cards)
            for row in self._session.execute(
                select(col(b.card), col(b.from_ms), col(b.to_ms), col(b.household_id)).where(
                    col(b.community) == self._community, col(b.card).in_(part)
                )
            )
        ]

    def _blocks(self, cards: set[str]) -> list[BlockIn]:
        b = CardBlock
        return [
            BlockIn(*row)
            for part in chunks(cards)
            for row in self._session.execute(
                select(col(b.card), col(b.from_ms), col(b.until_ms)).where(
                    col(b.community) == self._community, col(b.card).in_(part)
                )
            )
        ]

    def _at(self, doors: set[str]) -> dict[str, list[Household]]:
        """Households behind each door, one after the other."""
        h = Household
        found: dict[str, list[Household]] = defaultdict(list)
        for part in chunks(doors):
            places = [tuple(door.split("-")) for door in part]
            for home in self._session.scalars(
                select(h)
                .where(
                    col(h.community) == self._community,
                    tuple_(col(h.building), col(h.unit), col(h.room)).in_(places),
                )
                .order_by(col(h.from_day))
            ):
                found[f"{home.building}-{home.unit}-{home.room}"].append(home)
        return found

    def _given(self, visits: set[str]) -> dict[str, str]:
        """Whose visits are by the word of the office."""
        a = AssignedHome
        return {
            row.visit_id: row.household_id
            for part in chunks(visits)
            for row in self._session.execute(
                select(col(a.visit_id), col(a.household_id))
                .where(col(a.community) == self._community, col(a.visit_id).in_(part))
                .order_by(col(a.sequence))
            )
        }

    def _from_points(self, visits: set[str]) -> dict[str, Said]:
        """A replaced verdict stays replaced when the one that replaced it is undone."""
        v, other = PointVerdict, aliased(PointVerdict)
        replaced = exists().where(
            col(other.community) == col(v.community),
            col(other.visit_id) == col(v.visit_id),
            col(other.replaces) == col(v.verdict_id),
            col(other.verdict_id) != col(v.verdict_id),
        )
        return {
            row.visit_id: (row.value, row.reason)
            for part in chunks(visits)
            for row in self._session.execute(
                select(col(v.visit_id), col(v.value), col(v.reason))
                .where(
                    col(v.community) == self._community,
                    col(v.visit_id).in_(part),
                    col(v.undone).is_(False),
                    ~replaced,
                )
                .order_by(col(v.at_ms), col(v.arrival))
            )
        }

    def _from_staff(self, visits: set[str]) -> dict[str, Said]:
        v = StaffVerdict
        return {
            row.visit_id: (row.value, row.reason)
            for part in chunks(visits)
            for row in self._session.execute(
                select(col(v.visit_id), col(v.value), col(v.reason))
                .where(col(v.community) == self._community, col(v.visit_id).in_(part))
                .order_by(col(v.sequence))
            )
        }


def _at_door(behind: Sequence[Household], day: date) -> str | None:
    for home in behind:
        if home.from_day <= day and (home.to_day is None or day < home.to_day):
            return home.household_id
    return behind[-1].household_id if behind else None
