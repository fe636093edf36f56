"""A chain over the rows that no run's digest covers, one link a row, in the order of writing.

Those are decisions of the office, its policies, what was set aside, and what was booked outside a
run.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Field, Session, SQLModel, UniqueConstraint

from hub.db import big_int, table

LINKED: dict[str, tuple[str, ...]] = {
    "staff_verdict": ("sequence", "visit_id", "value", "reason", "user", "role", "at_ms"),
    "assign_day": ("sequence", "visit_id", "day", "reason", "user", "role", "at_ms"),
    "shift_attest": (
        "sequence", "point", "person", "from_ms", "to_ms", "value", "reason", "user", "role",
        "at_ms",
    ),
    "boot_date": (
        "sequence", "point", "boot_id", "up_ms", "utc_ms", "reason", "user", "role", "at_ms",
    ),
    "assign_home": (
        "sequence", "visit_id", "household_id", "reason", "user", "role", "at_ms",
    ),
    "restatement": (
        "sequence", "what", "first_day", "last_day", "moves", "reason", "user", "role", "at_ms",
    ),
    "month_close": (
        "month", "run", "digest", "amount_fen", "reason", "user", "role", "at_ms",
    ),
    "dispute": (
        "dispute", "household_id", "day", "visit_id", "claim", "user", "role", "at_ms",
    ),
    "dispute_result": (
        "dispute", "outcome", "visit_id", "value", "household_id", "moves", "reason", "user",
        "role", "at_ms",
    ),
    "money_order": (
        "sequence", "what", "subject", "result", "reason", "user", "role", "at_ms",
    ),
    "reward_policy": (
        "policy_id", "version", "from_day", "to_day", "published_ms", "amount_fen", "combine",
        "unattended", "self_verdict", "day_cap_fen", "total_cap_fen", "late_limit_days",
        "min_grams", "max_cards", "manual_per_month", "manual_per_shift",
    ),
    "payout": ("payout", "month", "household_id", "amount_fen", "opened_ms"),
    "payout_result": ("payout", "result", "entry", "at_ms"),
    "redemption": ("key", "household_id", "amount_fen", "at_ms", "unit"),
    "redemption_result": ("key", "result", "entry", "at_ms"),
    "ledger_entry": (
        "entry", "day", "household_id", "sequence", "kind", "amount_fen", "unit", "run",
        "policy_id", "visit_id", "reverses", "booked_on", "created_ms", "reason",
    ),
}  # fmt: skip
"""Columns beside the community; the first is the row's key. A column added later needs a form 2."""

FIRST_DIGEST = "0" * 64


class LedgerLink(SQLModel, table=True):
    """One row of one table, and the digest over it and the link before."""

    __tablename__ = "ledger_link"
    __table_args__ = (UniqueConstraint("community", "what", "key", name="ledger_link_once"),)

    community: str = Field(primary_key=True)
    link: int = Field(sa_column=big_int(primary_key=True))
    what: str = Field(description="table")
    key: str
    previous_digest: str
    digest: str


def link_digest(before: str, what: str, row: Mapping[str, Any]) -> str:
    """SHA-256 over the digest before and the row's values, as one JSON line."""
    values = [None if row[name] is None else str(row[name]) for name in LINKED[what]]
    text = json.dumps(["lianxin link 1", before, what, values], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def link(
    session: Session, community: str, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Chain rows that have just been written; the writer has taken its turn."""
    what, c = str(model.__tablename__), table(LedgerLink).c
    last = session.execute(
        select(c.link, c.digest).where(c.community == community).order_by(c.link.desc()).limit(1)
    ).first()
    number, before = (last[0], last[1]) if last else (0, FIRST_DIGEST)
    links = []
    for number, row in enumerate(rows, number + 1):  # noqa: B020 - counts on from the last link
        digest = link_digest(before, what, row)
        key = {"community": community, "link": number, "key": str(row[LINKED[what][0]])}
        links.append(key | {"what": what, "previous_digest": before, "digest": digest})
        before = digest
    if links:
        session.execute(insert(table(LedgerLink)), links)


def insert_linked(
    session: Session, community: str, model: type[SQLModel], rows: list[dict[str, Any]]
) -> None:
    """Write rows and their links."""
    if rows:
        session.execute(insert(table(model)), [row | {"community": community} for row in rows])
        link(session, community, model, rows)
