"""What a household has, from the postings; what of it is still free."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import household_account
from hub.ledger.tables import LedgerEntry, LedgerPosting, Payout, PayoutResult


class Balance(NamedTuple):
    """``available`` is what no open payout has set aside; both may be negative."""

    balance_fen: int
    available_fen: int


def balance(session: Session, community: str, household: str) -> Balance:
    """Earned minus paid out minus spent."""
    posting = table(LedgerPosting).c
    total = session.scalar(
        select(func.coalesce(func.sum(posting.amount_fen), 0)).where(
            posting.community == community, posting.account == household_account(household)
        )
    )
    fen = int(total or 0)
    return Balance(fen, fen - reserved_fen(session, community, household))


def reserved_fen(session: Session, community: str, household: str) -> int:
    """Payouts that are neither posted nor void."""
    payout, result = table(Payout), table(PayoutResult)
    closed = select(result.c.payout).where(result.c.community == community)
    total = session.scalar(
        select(func.coalesce(func.sum(payout.c.amount_fen), 0)).where(
            payout.c.community == community,
            payout.c.household_id == household,
            payout.c.payout.not_in(closed),
        )
    )
    return int(total or 0)


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
