"""When and where a card was tapped last: how a household tells two cards without a serial apart."""

from datetime import date

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from hub.registry.tables import CardBinding
from hub.visits.tables import Visit


class LastTap(BaseModel):
    """A day whose clock may be believed, and the point."""

    day: date
    point: str


def last_tap(session: Session, binding: CardBinding) -> LastTap | None:
    """Of a card since its household has it."""
    v = Visit
    found = session.execute(
        select(col(v.day), col(v.point))
        .where(
            col(v.community) == binding.community,
            col(v.card) == binding.card,
            col(v.day).is_not(None),
            col(v.occurred_ms) >= binding.from_ms,
        )
        .order_by(col(v.occurred_ms).desc())
        .limit(1)
    ).first()
    return LastTap(day=found.day, point=found.point) if found else None
