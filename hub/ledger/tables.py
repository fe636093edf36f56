"""The journal and the money that leaves it.

Triggers forbid changing or removing a row, and rows that contradict others: migration 0003.
``amount_fen`` counts whole fen, or whole points where ``unit`` says so.
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.db import big_int

WHOLE_FEN = "amount_fen = CAST(amount_fen AS BIGINT)"
RESULT = "(result = 'posted' AND entry IS NOT NULL) OR (result = 'void' AND entry IS NULL)"
BOOKED = ("community", "entry"), ("ledger_entry.community", "ledger_entry.entry")


def at_commit(columns: tuple[str, ...], there: tuple[str, ...], name: str) -> ForeignKeyConstraint:
    """Checked when the transaction ends: which of both is written first is the writer's order."""
    return ForeignKeyConstraint(columns, there, name, deferrable=True, initially="DEFERRED")


class LedgerEntry(SQLModel, table=True):
    """One movement of a household's money, in whole fen; a correction is a new entry."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("community", "day", "household_id", "sequence", name="ledger_entry_once"),
        CheckConstraint("amount_fen <> 0", name="ledger_entry_moves"),
        CheckConstraint(WHOLE_FEN, name="ledger_entry_whole_fen"),
        UniqueConstraint("community", "entry", "unit", name="ledger_entry_in_unit"),
        at_commit(
            ("community", "run"),
            ("settlement_run.community", "settlement_run.run"),
            "ledger_entry_of_run",
        ),
        Index("ledger_entry_by_household", "community", "household_id", "entry"),
        Index("ledger_entry_by_run", "community", "run"),
    )

    community: str = Field(primary_key=True)
    entry: int = Field(sa_column=big_int(primary_key=True))
    day: date = Field(description="business day; of a payout or redemption, the day it was booked")
    household_id: str
    sequence: int = Field(description="from 1 within the household's day")
    kind: str = Field(description="reward | supplement | reversal | payout | redemption | grant")
    amount_fen: int = Field(sa_type=BigInteger, description="what the household gains")
    unit: str = Field(default="fen", description="fen | point")
    run: int | None = Field(default=None, sa_column=big_int(nullable=True))
    policy_id: str | None = None
    visit_id: str | None = Field(default=None, description="the visit that decided")
    reverses: int | None = Field(default=None, sa_column=big_int(nullable=True))
    booked_on: date
    created_ms: int = Field(sa_type=BigInteger)
    reason: str


class LedgerPosting(SQLModel, table=True):
    """One leg of an entry; the legs of an entry sum to zero."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        CheckConstraint(WHOLE_FEN, name="ledger_posting_whole_fen"),
        at_commit(
            ("community", "entry", "unit"),
            ("ledger_entry.community", "ledger_entry.entry", "ledger_entry.unit"),
            "ledger_posting_of_entry",
        ),
    )

    community: str = Field(primary_key=True)
    entry: int = Field(sa_column=big_int(primary_key=True))
    account: str = Field(primary_key=True, description="household:… or one of the counter accounts")
    amount_fen: int = Field(sa_type=BigInteger)
    unit: str = "fen"


class Payout(SQLModel, table=True):
    """Money set aside for a household when a month's payout opens."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="payout_pays"),
        Index("payout_by_household", "community", "household_id", "month"),
    )

    community: str = Field(primary_key=True)
    payout: int = Field(sa_column=big_int(primary_key=True))
    month: str = Field(description="YYYY-MM")
    household_id: str
    amount_fen: int = Field(sa_type=BigInteger)
    opened_ms: int = Field(sa_type=BigInteger)


class PayoutResult(SQLModel, table=True):
    """How a payout ended, once: posted with its entry, or void."""

    __tablename__ = "payout_result"
    __table_args__ = (
        CheckConstraint(RESULT, name="payout_result_entry"),
        UniqueConstraint("community", "entry", name="payout_result_books"),
        ForeignKeyConstraint(
            ("community", "payout"), ("payout.community", "payout.payout"), "payout_result_of"
        ),
        at_commit(*BOOKED, "payout_result_is_booked"),
    )

    community: str = Field(primary_key=True)
    payout: int = Field(sa_column=big_int(primary_key=True))
    result: str = Field(description="posted | void")
    entry: int | None = Field(default=None, sa_column=big_int(nullable=True))
    at_ms: int = Field(sa_type=BigInteger)


class Redemption(SQLModel, table=True):
    """Reward set aside to be spent at a shop; the caller's key names it once."""

    __tablename__ = "redemption"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="redemption_spends"),
        Index("redemption_by_household", "community", "household_id"),
    )

    community: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    household_id: str
    amount_fen: int = Field(sa_type=BigInteger)
    at_ms: int = Field(sa_type=BigInteger)
    unit: str = "fen"


class RedemptionResult(SQLModel, table=True):
    """How a redemption ended, once: posted with its entry, or void."""

    __tablename__ = "redemption_result"
    __table_args__ = (
        CheckConstraint(RESULT, name="redemption_result_entry"),
        UniqueConstraint("community", "entry", name="redemption_result_books"),
        ForeignKeyConstraint(
            ("community", "key"), ("redemption.community", "redemption.key"), "redemption_result_of"
        ),
        at_commit(*BOOKED, "redemption_result_is_booked"),
    )

    community: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    result: str = Field(description="posted | void")
    entry: int | None = Field(default=None, sa_column=big_int(nullable=True))
    at_ms: int = Field(sa_type=BigInteger)
