"""Who a visit belongs to and what was said about it, for a page of visits at once."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from hub.db import chunks
from hub.registry.tables import CardBinding, CardBlock, Household
from hub.rewards.model import BindingIn, BlockIn
from hub.rewards.tables import StaffVerdict
from hub.rewards.visit_rules import Cards
from hub.visits.tables import PointVerdict, Visit

CardState = Literal["known", "unknown", "blocked", "none"]
Said = tuple[str | None, str | None]


class Told:
    """Reads everything the page needs in a handful of queries."""

    def __init__(self, session: Session, community: str, visits: Sequence[Visit]) -> None:
        self._session = session
        self._community = community
        cards = {visit.card for visit in visits if visit.card}
        self._cards = Cards(self._bindings(cards), self._blocks(cards))
        self._doors = self._known({visit.door for visit in visits if visit.door})
        ids = {visit.visit_id for visit in visits}
        self._verdicts = self._from_points(ids) | self._from_staff(ids)

    def holder(self, visit: Visit) -> tuple[str | None, CardState]:
        """The household at the moment of the visit, and how its card stood."""
        if visit.card is None:
            return (visit.door if visit.door in self._doors else None), "none"
        at_ms = visit.occurred_ms if visit.trusted else visit.received_ms
        household, bound = self._cards.holder(visit.card, at_ms)
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

    def _known(self, doors: set[str]) -> set[str]:
        h = Household
        return {
            door
            for part in chunks(doors)
            for door in self._session.scalars(
                select(col(h.household_id)).where(
                    col(h.community) == self._community, col(h.household_id).in_(part)
                )
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
