"""The only writer of entries: every entry is booked with its postings, and nothing is edited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Literal, NamedTuple

from sqlalchemy import func, select, text
from sqlmodel import Session

from hub.db import table
from hub.ledger.bulk import insert_rows
from hub.ledger.links import link
from hub.ledger.tables import LedgerEntry, LedgerPosting

Unit = Literal["fen", "point"]
REWARD_KINDS = ("reward", "supplement", "reversal")
COUNTER_ACCOUNT = {
    "reward": "rewards",
    "supplement": "rewards",
    "reversal": "rewards",
    "payout": "payouts",
    "redemption": "shop",
    "grant": "grants",
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
    unit: Unit = "fen"


class EntryRow(NamedTuple):
    """A row of ``ledger_entry``, in the order of its columns."""

    community: str
    entry: int
    day: date
    household_id: str
    sequence: int
    kind: str
    amount_fen: int
    unit: str
    run: int | None
    policy_id: str | None
    visit_id: str | None
    reverses: int | None
    booked_on: date
    created_ms: int
    reason: str


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
        select(_entry.household_id, _entry.amount_fen, _entry.entry, _entry.policy_id).where(
            _entry.community == community,
            _entry.day == day,
            _entry.kind.in_(REWARD_KINDS),
        )
    ).all()
    books = DayBooks()
    # Sorted here: asked to sort by entry, SQLite would read every entry there ever was.
    for household, amount, number, policy in sorted(rows, key=itemgetter(2)):
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
) -> list[EntryRow]:
    """Write the drafts with their postings, in order, and return the rows as written."""
    if not drafts:
        return []
    first = next_entry(session, community)
    used = _last_sequences(session, community, {draft.day for draft in drafts})
    rows = []
    for number, draft in enumerate(drafts, first):
        sequence = used.get((draft.day, draft.household), 0) + 1
        used[draft.day, draft.household] = sequence
        rows.append(
            EntryRow(
                community=community,
                entry=number,
                day=draft.day,
                household_id=draft.household,
                sequence=sequence,
                kind=draft.kind,
                amount_fen=draft.amount_fen,
                unit=draft.unit,
                run=run,
                policy_id=draft.policy,
                visit_id=draft.visit,
                reverses=draft.reverses,
                booked_on=booked_on,
                created_ms=created_ms,
                reason=draft.reason,
            )
        )
    # An entry seals the postings that stand already: the store refuses any other order.
    insert_rows(session, LedgerPosting, [leg for row in rows for leg in legs(row)])
    insert_rows(session, LedgerEntry, rows)
    if run is None:
        link(session, community, LedgerEntry, [row._asdict() for row in rows])
    return rows


def legs(row: EntryRow) -> tuple[tuple[str, int, str, int, str], ...]:
    """The rows of ``ledger_posting`` an entry has; they sum to zero."""
    account = household_account(row.household_id)
    return (
        (row.community, row.entry, account, row.amount_fen, row.unit),
        (row.community, row.entry, COUNTER_ACCOUNT[row.kind], -row.amount_fen, row.unit),
    )


def next_entry(session: Session, community: str) -> int:
    """The number of the next entry, for whoever has taken their turn."""
    last = session.scalar(select(func.max(_entry.entry)).where(_entry.community == community))
    return int(last or 0) + 1


def _last_sequences(
    session: Session, community: str, days: set[date]
) -> dict[tuple[date, str], int]:
    rows = session.execute(
        select(_entry.day, _entry.household_id, func.max(_entry.sequence))
        .where(_entry.community == community, _entry.day.in_(days))
        .group_by(_entry.day, _entry.household_id)
    )
    return {(day, household): sequence for day, household, sequence in rows}
