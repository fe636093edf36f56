"""Rows that no run covers against their links."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from hub.db import table
from hub.disputes.tables import Dispute, DisputeResult
from hub.ledger.links import FIRST_DIGEST, LINKED, LedgerLink, link_digest
from hub.ledger.tables import (
    LedgerEntry,
    Payout,
    PayoutResult,
    Redemption,
    RedemptionResult,
)
from hub.money.tables import MoneyOrder
from hub.rewards.office_tables import (
    AssignedHome,
    BootDate,
    MonthClose,
    Restatement,
    ShiftAttest,
)
from hub.rewards.tables import AssignedDay, RewardPolicy, StaffVerdict

MODELS = (
    StaffVerdict, AssignedDay, AssignedHome, ShiftAttest, BootDate, Restatement, MonthClose,
    Dispute, DisputeResult, MoneyOrder, Payout, PayoutResult, Redemption, RedemptionResult,
    LedgerEntry, RewardPolicy,
)  # fmt: skip


def differences(session: Session, community: str) -> Iterator[str]:
    """In the order of writing; then rows that have no link."""
    rows = {str(model.__tablename__): _rows(session, community, model) for model in MODELS}
    c, before = table(LedgerLink).c, FIRST_DIGEST
    links = session.execute(select(table(LedgerLink)).where(c.community == community))
    for number, link in enumerate(sorted(links, key=lambda row: row.link), 1):
        row = rows.get(link.what, {}).pop(link.key, None)
        if link.link != number or link.previous_digest != before:
            yield f"link {link.link}: does not follow link {number - 1}"
        if row is None:
            yield f"link {link.link}: {link.what} {link.key} does not exist"
        elif link.digest != link_digest(link.previous_digest, link.what, row):
            yield f"link {link.link}: {link.what} {link.key} was changed"
        before = link.digest
    for what, left in rows.items():
        for key in sorted(left):
            yield f"{what} {key}: has no link"


def _rows(session: Session, community: str, model: Any) -> dict[str, dict[str, Any]]:
    target = table(model)
    found = select(target).where(target.c.community == community)
    if model is LedgerEntry:
        found = found.where(target.c.run.is_(None))
    key = LINKED[target.name][0]
    return {str(row[key]): dict(row) for row in session.execute(found).mappings()}
