"""The only writer of entries: every entry is booked with its postings, and nothing is edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text
from sqlmodel import Session

from hub.db import table
from hub.ledger.tables import LedgerEntry, LedgerPosting

REWARD_KINDS = ("reward", "supplement", "reversal")
COUNTER_ACCOUNT = {
    "reward": "rewards",
    "supplement": "rewards",
    "reversal": "rewards",
    "payout": "payouts",
    "redemption": "shop",
}
_entry = table(LedgerEntry).c
_TURN = 0x6C69616E78696E  # "lianxin": any number, the same for every writer


class Draft(NamedTuple):
    """An entry before it has its number."""

    day: date
    household: str
    kind: str
    amount_fen: int
    reason: str
    visit: str | None = None
    reverses: int | None = None
    policy: str | None = None


@dataclass
class DayBooks:
    """What the journal holds for one business day."""

    net_fen: dict[str, int] = field(default_factory=dict)
    """Of reward kinds, households with anything but 0."""
    last_credit: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    """The entry that a reversal would name, and its policy."""


def take_turn(session: Session) -> None:
    """One writer of runs and entries at a time; on SQLite the write transaction is that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def household_account(household: str) -> str:
    """The account that holds what a household is owed."""
    return f"household:{household}"


def day_books(session: Session, community: str, day: date) -> DayBooks:
    """The reward entries of one day, added up."""
    rows = session.execute(
        select(_entry.household_id, _entry.amount_fen, _entry.entry, _entry.policy_id)
        .where(
            _entry.community == community,
            _entry.day == day,
            _entry.kind.in_(REWARD_KINDS),
        )
        .order_by(_entry.entry)
    )
    books = DayBooks()
    for household, amount, number, policy in rows:
        books.net_fen[household] = books.net_fen.get(household, 0) + amount
        if amount > 0:
            books.last_credit[household] = (number, policy)
    books.net_fen = {household: net for household, net in books.net_fen.items() if net}
    return books


def policy_total_fen(session: Session, community: str, policy: str, *, but_day: date) -> int:
    """What has been booked under one policy on all days but one."""
    total = session.scalar(
        select(func.coalesce(func.sum(_entry.amount_fen), 0)).where(
            _entry.community == community,
            _entry.policy_id == policy,
            _entry.day != but_day,
        )
    )
    return int(total or 0)


def book(
    session: Session,
    community: str,
    drafts: Sequence[Draft],
    *,
    run: int | None,
    booked_on: date,
    created_ms: int,
) -> list[dict[str, Any]]:
    """Write the drafts with their postings, in order, and return the rows as written."""
    number = _last_entry(session, community)
    used = _last_sequences(session, community, {draft.day for draft in drafts})
    rows = []
    for number, draft in enumerate(drafts, number + 1):  # noqa: B020 - continues after the last
        sequence = used.get((draft.day, draft.household), 0) + 1
        used[draft.day, draft.household] = sequence
        rows.append(
            {
                "community": community,
                "entry": number,
                "day": draft.day,
                "household_id": draft.household,
                "sequence": sequence,
                "kind": draft.kind,
                "amount_fen": draft.amount_fen,
                "unit": "fen",
                "run": run,
                "policy_id": draft.policy,
                "visit_id": draft.visit,
                "reverses": draft.reverses,
                "booked_on": booked_on,
                "created_ms": created_ms,
                "reason": draft.reason,
            }
        )
    if rows:
        session.execute(insert(table(LedgerEntry)), rows)
        session.execute(insert(table(LedgerPosting)), list(_postings(rows)))
    return rows


def _postings(rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in rows:
        amount = row["amount_fen"]
        for account, fen in (
            (household_account(row["household_id"]), amount),
            (COUNTER_ACCOUNT[row["kind"]], -amount),
        ):
            yield {
                "community": row["community"],
                "entry": row["entry"],
                "account": account,
                "amount_fen": fen,
            }


def _last_entry(session: Session, community: str) -> int:
    last = session.scalar(select(func.max(_entry.entry)).where(_entry.community == community))
    return int(last or 0)


def _last_sequences(
    session: Session, community: str, days: set[date]
) -> dict[tuple[date, str], int]:
    rows = session.execute(
        select(_entry.day, _entry.household_id, func.max(_entry.sequence))
        .where(_entry.community == community, _entry.day.in_(days))
        .group_by(_entry.day, _entry.household_id)
    )
    return {(day, household): sequence for day, household, sequence in rows}
