"""Payouts and redemptions: set aside, then posted or void, each once; never an overdraft.

The rules R25 to R27. A negative balance after a reversal is carried and never demanded.
"""

from calendar import monthrange
from collections import Counter
from datetime import date
from typing import Literal, NamedTuple

from sqlalchemy import func, insert, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.accounts import balance
from hub.ledger.journal import REWARD_KINDS, Draft, book, take_turn
from hub.ledger.tables import LedgerEntry, Payout, PayoutResult, Redemption
from hub.registry.tables import Household
from hub.web.problem import ProblemError
from wire.day import business_day

_entry, _payout = table(LedgerEntry).c, table(Payout).c
_result, _redemption = table(PayoutResult).c, table(Redemption).c

Closed = Literal["posted", "void", "already_posted", "already_void"]
Spent = Literal["accepted", "duplicate", "conflict", "refused"]


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
    if opened:
        rows = [
            {
                "community": community,
                "payout": item.payout,
                "month": month,
                "household_id": item.household,
                "amount_fen": item.amount_fen,
                "opened_ms": now_ms,
            }
            for item in opened
        ]
        session.execute(insert(table(Payout)), rows)
    return opened


def close_payout(
    session: Session,
    community: str,
    month: str,
    household: str,
    result: Literal["posted", "void"],
    *,
    now_ms: int,
) -> Closed:
    """Post or void the newest payout of a month and household; afterwards nothing changes it."""
    take_turn(session)
    payout = session.execute(
        select(_payout.payout, _payout.amount_fen)
        .where(
            _payout.community == community,
            _payout.month == month,
            _payout.household_id == household,
        )
        .order_by(_payout.payout.desc())
        .limit(1)
    ).first()
    if payout is None:
        raise ProblemError(404, "no-payout", f"no payout of {month[:7]} for {household[:80]}")
    said = session.scalar(
        select(_result.result).where(
            _result.community == community, _result.payout == payout.payout
        )
    )
    if said is not None:
        return "already_posted" if said == "posted" else "already_void"
    entry = None
    if result == "posted":
        entry = _book(session, community, household, "payout", payout.amount_fen, now_ms=now_ms)
    row = {"community": community, "payout": payout.payout, "result": result}
    session.execute(insert(table(PayoutResult)), [row | {"entry": entry, "at_ms": now_ms}])
    return result


def redeem(
    session: Session, community: str, household: str, amount_fen: int, *, key: str, now_ms: int
) -> Spent:
    """Spend once per key; the same key for something else is a conflict."""
    take_turn(session)
    known = session.execute(
        select(_redemption.household_id, _redemption.amount_fen).where(
            _redemption.community == community, _redemption.key == key
        )
    ).first()
    if known is not None:
        return "duplicate" if tuple(known) == (household, amount_fen) else "conflict"
    if not 0 < amount_fen <= balance(session, community, household).available_fen:
        return "refused"
    entry = _book(session, community, household, "redemption", amount_fen, now_ms=now_ms)
    row = {"community": community, "key": key, "household_id": household, "entry": entry}
    session.execute(insert(table(Redemption)), [row | {"amount_fen": amount_fen, "at_ms": now_ms}])
    return "accepted"


def _book(
    session: Session, community: str, household: str, kind: str, amount_fen: int, *, now_ms: int
) -> int:
    today = business_day(now_ms)
    draft = Draft(today, household, kind, -amount_fen, kind)
    (row,) = book(session, community, [draft], run=None, booked_on=today, created_ms=now_ms)
    return row.entry


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
        .where(_entry.community == community, _entry.day <= last, _entry.kind.in_(REWARD_KINDS))
        .group_by(_entry.household_id)
    )
    return Counter({household: int(fen) for household, fen in rows})


def _taken(session: Session, community: str) -> Counter[str]:
    """Set aside, paid out or spent; a void payout took nothing."""
    void = select(_result.payout).where(_result.community == community, _result.result == "void")
    taken: Counter[str] = Counter()
    for statement in (
        select(_payout.household_id, func.sum(_payout.amount_fen))
        .where(_payout.community == community, _payout.payout.not_in(void))
        .group_by(_payout.household_id),
        select(_redemption.household_id, func.sum(_redemption.amount_fen))
        .where(_redemption.community == community)
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
