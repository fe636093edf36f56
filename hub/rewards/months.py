"""Closing a month: nobody is waiting for a decision in it, and every day of it is settled.

A closed month is never opened again. What changes a day of it later is booked on the day on which
it is found, and so belongs to the payout of that month.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.journal import REWARD_KINDS, take_turn
from hub.ledger.links import insert_linked
from hub.ledger.tables import LedgerEntry
from hub.rewards.by_hand import month_of
from hub.rewards.held import Which, held_counts
from hub.rewards.nightly import unsettled_days
from hub.rewards.office_tables import MonthClose
from hub.rewards.record import by
from hub.rewards.settlement import newest_run
from hub.web.deps import Caller
from hub.web.problem import ProblemError
from wire.day import business_day

_entry = table(LedgerEntry).c


@dataclass(frozen=True)
class Standing:
    """What a month has brought so far, and what stands in the way of closing it."""

    month: str
    over: bool
    amount_fen: int
    closed: MonthClose | None
    held: dict[tuple[str, str], int]
    """By point and reason, of this month and those before."""
    unsettled: list[date]

    def in_the_way(self) -> str | None:
        """In one sentence; None = it can be closed."""
        if not self.over:
            return f"{self.month} is not over"
        parts = [f"{count} held as {why} at {where}" for (where, why), count in self.held.items()]
        if self.unsettled:
            parts.append(f"not settled: {', '.join(map(str, self.unsettled[:10]))}")
        return f"{self.month}: {'; '.join(parts)}; decide and settle these first" if parts else None


def standing(session: Session, community: str, month: str, now_ms: int) -> Standing:
    """How a month stands; ProblemError for a text that is no month."""
    first, last = days_of(month)
    total = session.scalar(
        select(func.coalesce(func.sum(_entry.amount_fen), 0)).where(
            _entry.community == community,
            _entry.day.between(first, last),
            _entry.kind.in_(REWARD_KINDS),
        )
    )
    return Standing(
        month,
        last < business_day(now_ms),
        int(total or 0),
        session.get(MonthClose, (community, month)),
        held_counts(session, community, Which(until=last)),
        [day for day in unsettled_days(session, community) if day <= last],
    )


def close(
    session: Session, community: str, caller: Caller, month: str, now_ms: int, *, reason: str
) -> Standing:
    """Close it, once."""
    take_turn(session)
    now = standing(session, community, month, now_ms)
    if now.closed is not None:
        detail = f"{month} was closed by {now.closed.user}; a month is closed once"
        raise ProblemError(409, "month-closed", detail)
    if (why := now.in_the_way()) is not None:
        raise ProblemError(409, "month-open", why[:500])
    run, digest = newest_run(session, community)
    word = {"month": month, "run": run, "digest": digest, "amount_fen": now.amount_fen}
    insert_linked(session, community, MonthClose, [word | by(caller, reason, now_ms)])
    return standing(session, community, month, now_ms)


def days_of(month: str) -> tuple[date, date]:
    """Its first and last; ProblemError for a text that is no month."""
    try:
        return month_of(date.fromisoformat(f"{month}-01"))
    except ValueError:
        detail = f"month: found {month[:20]!r}; expected YYYY-MM"
        raise ProblemError(422, "bad-month", detail) from None
