"""The money that a change would move, before it moves: done within a savepoint and taken back."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import REWARD_KINDS, next_entry, take_turn
from hub.ledger.tables import LedgerEntry

_entry = table(LedgerEntry).c


class Move(NamedTuple):
    """What a household's day gains or loses, after all entries."""

    household: str
    day: date
    amount_fen: int


@dataclass(frozen=True)
class Moves:
    """All of them, and the digest by which somebody says that they have seen these."""

    moves: Sequence[Move]
    digest: str

    @property
    def total_fen(self) -> int:
        """What the community pays more, or less."""
        return sum(move.amount_fen for move in self.moves)


def preview(
    session: Session, community: str, change: Callable[[], object], *about: object
) -> Moves:
    """What a change would move; nothing of it stays."""
    take_turn(session)
    tried = session.begin_nested()
    try:
        return moved(session, community, change, *about)
    finally:
        tried.rollback()


def moved(session: Session, community: str, change: Callable[[], object], *about: object) -> Moves:
    """What a change moves. ``about`` tells apart what moves the same."""
    take_turn(session)
    first = next_entry(session, community)
    change()
    net = func.sum(_entry.amount_fen)
    rows = session.execute(
        select(_entry.household_id, _entry.day, net)
        .where(
            _entry.community == community,
            _entry.entry >= first,
            _entry.kind.in_(REWARD_KINDS),
        )
        .group_by(_entry.household_id, _entry.day)
        .having(net != 0)
    )
    moves = sorted(Move(household, day, int(fen)) for household, day, fen in rows)
    text = "\n".join("\t".join(map(str, line)) for line in (about, *moves))
    return Moves(moves, hashlib.sha256(text.encode()).hexdigest())
