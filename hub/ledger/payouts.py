"""Payouts: a month's rewards set aside, then posted or void, each once. The rules R25 and R26.

A negative balance after a reversal is carried and never demanded.
"""

from calendar import monthrange
from collections import Counter
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.aside import Aside, Closed, Result, close
from hub.ledger.journal import REWARD_KINDS, take_turn
from hub.ledger.links import insert_linked
from hub.ledger.tables import (
    LedgerEntry,
    Payout,
    PayoutResult,
    Redemption,
    RedemptionResult,
)
from hub.registry.tables import Household
from hub.web.problem import ProblemError
from wire.day import business_day

_entry, _payout = table(LedgerEntry).c, table(Payout).c
_result, _redemption = table(PayoutResult).c, table(Redemption).c
_spent = table(RedemptionResult).c


class Opened(NamedTuple):
    """One household's part of a month's payout."""

    payout: int
    household: str
    amount_fen: int


def open_payouts(
    session: Session, community: str, month: str, now_ms: int, *, min_fen: int
) -> list[Opened]:
    """Set aside what each household earned up to the month's end and has not had yet.

    Less than ``min_fen`` is carried over, except for a household that has closed.
    """
    today, last = business_day(now_ms), _last_day(month)
    if last >= today:
        raise ProblemError(409, "month-not-over", f"{month} ends on {last}; today is {today}")
    take_turn(session)
    due = _earned(session, community, last)
    due.subtract(_taken(session, community))
    closed = _closed_households(session, community, today)
    number = session.scalar(select(func.max(_payout.payout)).where(_payout.community == community))
    chosen = sorted(
        (household, fen)
        for household, fen in due.items()
        if fen > 0 and (fen >= min_fen or household in closed)
    )
    opened = [Opened(n, *item) for n, item in enumerate(chosen, (number or 0) + 1)]
    rows = [
        {
            "payout": item.payout,
            "month": month,
            "household_id": item.household,
            "amount_fen": item.amount_fen,
            "opened_ms": now_ms,
        }
        for item in opened
    ]
    insert_linked(session, community, Payout, rows)
    return opened


def close_payout(
    session: Session, community: str, month: str, household: str, result: Result, *, now_ms: int
) -> Closed:
    """Post or void the open payout of a month and household; afterwards nothing changes it.

    Without an open one, how the newest ended.
    """
    take_turn(session)
    payouts = session.execute(
        select(_payout.payout, _payout.amount_fen, _result.result)
        .outerjoin(
            table(PayoutResult),
            and_(_result.community == _payout.community, _result.payout == _payout.payout),
        )
        .where(
            _payout.community == community,
            _payout.month == month,
            _payout.household_id == household,
        )
        .order_by(_payout.payout)
    ).all()
    if not payouts:
        raise ProblemError(404, "no-payout", f"no payout of {month[:7]} for {household[:80]}")
    still_open = [payout for payout in payouts if payout.result is None]
    if not still_open:
        return "already_posted" if payouts[-1].result == "posted" else "already_void"
    number, fen, _ = still_open[0]
    aside = Aside(PayoutResult, {"payout": number}, household, "payout", fen, "fen")
    return close(session, community, aside, result, now_ms=now_ms)


def _last_day(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        detail = f"month: found {month[:20]!r}; expected YYYY-MM"
        raise ProblemError(422, "bad-month", detail) from None
    return first.replace(day=monthrange(first.year, first.month)[1])


def _earned(session: Session, community: str, last: date) -> Counter[str]:
    rows = session.execute(
        select(_entry.household_id, func.sum(_entry.amount_fen))
        .where(
            _entry.community == community,
            _entry.day <= last,
            _entry.kind.in_(REWARD_KINDS),
            _entry.unit == "fen",
        )
        .group_by(_entry.household_id)
    )
    return Counter({household: int(fen) for household, fen in rows})


def _taken(session: Session, community: str) -> Counter[str]:
    """Set aside, paid out or spent; what ended void took nothing."""
    void = select(_result.payout).where(_result.community == community, _result.result == "void")
    unspent = select(_spent.key).where(_spent.community == community, _spent.result == "void")
    taken: Counter[str] = Counter()
    for statement in (
        select(_payout.household_id, func.sum(_payout.amount_fen))
        .where(_payout.community == community, _payout.payout.not_in(void))
        .group_by(_payout.household_id),
        select(_redemption.household_id, func.sum(_redemption.amount_fen))
        .where(
            _redemption.community == community,
            _redemption.unit == "fen",
            _redemption.key.not_in(unspent),
        )
        .group_by(_redemption.household_id),
    ):
        for household, fen in session.execute(statement):
            taken[household] += int(fen)
    return taken


def _closed_households(session: Session, community: str, today: date) -> set[str]:
    home = table(Household).c
    found = session.scalars(
        select(home.household_id).where(home.community == community, home.to_day <= today)
    )
    return set(found)
