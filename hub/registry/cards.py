"""Cards: whose they are and were, and whether they are blocked."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from hub.registry.tables import CardBinding, CardBlock


def mark_of(card: str) -> str:
    """What a card is called where its token must not be."""
    return hashlib.sha256(card.encode()).hexdigest()[:16]


def _bound(community: str, card: str) -> Select[CardBinding]:
    return (
        select(CardBinding)
        .where(col(CardBinding.community) == community, col(CardBinding.card) == card)
        .order_by(col(CardBinding.from_ms).desc())
    )


def holder_of(session: Session, community: str, card: str, at_ms: int) -> CardBinding | None:
    """The binding that holds at a moment."""
    statement = _bound(community, card).where(col(CardBinding.from_ms) <= at_ms).limit(1)
    newest = session.scalar(statement)
    ended = newest is not None and newest.to_ms is not None and newest.to_ms <= at_ms
    return None if ended else newest


def bindings_of(session: Session, community: str, card: str) -> Sequence[CardBinding]:
    """Every binding, newest first."""
    return session.scalars(_bound(community, card)).all()


def held_by(session: Session, community: str, household: str, at_ms: int) -> list[CardBinding]:
    """The bindings of a household that hold at a moment."""
    bound = session.scalars(
        select(col(CardBinding.card))
        .where(col(CardBinding.community) == community, col(CardBinding.household_id) == household)
        .distinct()
    ).all()
    held = (holder_of(session, community, card, at_ms) for card in bound)
    return [one for one in held if one is not None and one.household_id == household]


def block_of(session: Session, community: str, card: str, at_ms: int) -> CardBlock | None:
    """The block that holds at a moment."""
    return session.scalar(
        select(CardBlock)
        .where(
            col(CardBlock.community) == community,
            col(CardBlock.card) == card,
            col(CardBlock.from_ms) <= at_ms,
            or_(col(CardBlock.until_ms).is_(None), col(CardBlock.until_ms) > at_ms),
        )
        .order_by(col(CardBlock.from_ms).desc())
        .limit(1)
    )


def next_block_ms(session: Session, community: str, card: str, after_ms: int) -> int | None:
    """When the card's next block begins."""
    return session.scalar(
        select(col(CardBlock.from_ms))
        .where(
            col(CardBlock.community) == community,
            col(CardBlock.card) == card,
            col(CardBlock.from_ms) > after_ms,
        )
        .order_by(col(CardBlock.from_ms))
        .limit(1)
    )


def cards_with(session: Session, community: str, serial: str) -> list[str]:
    """Cards that ever bore a printed serial."""
    found = session.scalars(
        select(col(CardBinding.card))
        .where(col(CardBinding.community) == community, col(CardBinding.serial) == serial)
        .distinct()
        .order_by(col(CardBinding.card))
    )
    return list(found)
