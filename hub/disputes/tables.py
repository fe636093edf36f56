"""Disputes and their answers, append-only."""

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.db import big_int
from hub.rewards.office_tables import Said


class Dispute(SQLModel, table=True):
    """What somebody of a household says of a day, or of one visit of it."""

    __tablename__ = "dispute"
    __table_args__ = (Index("dispute_by_household", "community", "household_id"),)

    community: str = Field(primary_key=True)
    dispute: int = Field(sa_column=big_int(primary_key=True))
    household_id: str
    day: date
    visit_id: str | None = None
    claim: str
    user: str
    role: str
    at_ms: int = Field(sa_type=BigInteger)


class DisputeResult(Said, table=True):
    """How it ended, once; ``moves`` is the digest of the money that moved."""

    __tablename__ = "dispute_result"

    community: str = Field(primary_key=True)
    dispute: int = Field(sa_column=big_int(primary_key=True))
    outcome: str = Field(description="upheld | dismissed")
    visit_id: str | None = None
    value: str | None = Field(default=None, description="accepted | rejected")
    household_id: str | None = Field(default=None, description="whose the visit is")
    moves: str
