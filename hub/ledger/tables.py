"""The journal: entries and their postings. Triggers forbid changing or removing a row."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.db import big_int

WHOLE_FEN = "amount_fen = CAST(amount_fen AS BIGINT)"


class LedgerEntry(SQLModel, table=True):
    """One movement of a household's money, in whole fen; a correction is a new entry."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("community", "day", "household_id", "sequence", name="ledger_entry_once"),
        CheckConstraint("amount_fen <> 0", name="ledger_entry_moves"),
        CheckConstraint(WHOLE_FEN, name="ledger_entry_whole_fen"),
        Index("ledger_entry_by_household", "community", "household_id", "entry"),
    )

    community: str = Field(primary_key=True)
    entry: int = Field(sa_column=big_int(primary_key=True))
    day: date = Field(description="business day; of a payout or redemption, the day it was booked")
    household_id: str
    sequence: int = Field(description="from 1 within the household's day")
    kind: str = Field(description="reward | supplement | reversal | payout | redemption")
    amount_fen: int = Field(sa_type=BigInteger, description="what the household gains")
    unit: str = "fen"
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
    __table_args__ = (CheckConstraint(WHOLE_FEN, name="ledger_posting_whole_fen"),)

    community: str = Field(primary_key=True)
    entry: int = Field(sa_column=big_int(primary_key=True))
    account: str = Field(primary_key=True, description="household:… | rewards | payouts | shop")
    amount_fen: int = Field(sa_type=BigInteger)


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

    community: str = Field(primary_key=True)
    payout: int = Field(sa_column=big_int(primary_key=True))
    result: str = Field(description="posted | void")
    entry: int | None = Field(default=None, sa_column=big_int(nullable=True))
    at_ms: int = Field(sa_type=BigInteger)


class Redemption(SQLModel, table=True):
    """Reward spent at a shop; the caller's key names it once."""

    __tablename__ = "redemption"

    community: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    household_id: str
    amount_fen: int = Field(sa_type=BigInteger)
    entry: int = Field(sa_type=BigInteger)
    at_ms: int = Field(sa_type=BigInteger)
