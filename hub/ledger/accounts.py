"""What a household has, and what of it is still free.

Read from the entries; ``verify`` holds that the postings of the household's account say the same.
"""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import Unit
from hub.ledger.tables import LedgerEntry, Payout, PayoutResult, Redemption, RedemptionResult


class Balance(NamedTuple):
    """``available`` is what nothing has set aside; both may be negative. In whole ``unit``s."""

    balance_fen: int
    available_fen: int


def balance(session: Session, community: str, household: str, unit: Unit = "fen") -> Balance:
    """Earned minus paid out minus spent, of one unit."""
    entry = table(LedgerEntry).c
    total = session.scalar(
        select(func.coalesce(func.sum(entry.amount_fen), 0)).where(
            entry.community == community, entry.household_id == household, entry.unit == unit
        )
    )
    fen = int(total or 0)
    return Balance(fen, fen - reserved_fen(session, community, household, unit))


def reserved_fen(session: Session, community: str, household: str, unit: Unit = "fen") -> int:
    """Payouts and redemptions that are neither posted nor void."""
    payout, redemption = table(Payout), table(Redemption)
    paid, spent = table(PayoutResult).c, table(RedemptionResult).c
    asides = [
        select(func.coalesce(func.sum(redemption.c.amount_fen), 0)).where(
            redemption.c.community == community,
            redemption.c.household_id == household,
            redemption.c.unit == unit,
            redemption.c.key.not_in(select(spent.key).where(spent.community == community)),
        )
    ]
    if unit == "fen":
        asides.append(
            select(func.coalesce(func.sum(payout.c.amount_fen), 0)).where(
                payout.c.community == community,
                payout.c.household_id == household,
                payout.c.payout.not_in(select(paid.payout).where(paid.community == community)),
            )
        )
    return sum(int(session.scalar(aside) or 0) for aside in asides)


def entries_after(
    session: Session,
    community: str,
    *,
    household: str | None,
    day: date | None,
    after: int,
    limit: int,
) -> list[Any]:
    """Entries in the order they were booked."""
    entry = table(LedgerEntry)
    found = select(entry).where(entry.c.community == community, entry.c.entry > after)
    if household is not None:
        found = found.where(entry.c.household_id == household)
    if day is not None:
        found = found.where(entry.c.day == day)
    return list(session.execute(found.order_by(entry.c.entry).limit(limit)).all())
