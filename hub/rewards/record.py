"""Writing down what the office says: numbered, linked, never changed."""

from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from hub.db import table
from hub.ledger.journal import take_turn
from hub.ledger.links import insert_linked
from hub.web.deps import Caller

Row = TypeVar("Row", bound=SQLModel)
Word = dict[str, Any]


def by(caller: Caller, reason: str, now_ms: int) -> Word:
    """Who says it, why and when."""
    return {"reason": reason, "user": caller.user, "role": caller.role, "at_ms": now_ms}


def append(session: Session, community: str, model: type[SQLModel], *words: Word) -> int:
    """Write words under the next numbers of their table; the last of them."""
    take_turn(session)
    number = next_number(session, community, model, "sequence")
    rows = [word | {"sequence": number + place} for place, word in enumerate(words)]
    insert_linked(session, community, model, rows)
    return number + len(rows) - 1


def next_number(session: Session, community: str, model: type[SQLModel], column: str) -> int:
    """What the next row of a table is called."""
    c = table(model).c
    last = session.scalar(select(func.max(c[column])).where(c.community == community))
    return int(last or 0) + 1


def newest_word(session: Session, model: type[Row], community: str, visit: str) -> Row | None:
    """What was said last about a visit."""
    c = table(model).c
    return session.scalars(
        select(model)
        .where(c.community == community, c.visit_id == visit)
        .order_by(c.sequence.desc())
        .limit(1)
    ).first()
