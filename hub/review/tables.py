"""What a day and point left to be looked at, and what came of it. Append-only."""

from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.db import big_int
from hub.rewards.office_tables import Said


class ReviewItem(SQLModel, table=True):
    """Something unusual, or a visit drawn at random; ``evidence`` is JSON."""

    __tablename__ = "review_item"

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    point: str = Field(primary_key=True)
    number: int = Field(primary_key=True, description="from 1 within a day and point")
    signal: str
    subject: str = Field(description="the card, shift, visit or person it is about")
    evidence: str
    at_ms: int = Field(sa_type=BigInteger)


class ReviewResult(Said, table=True):
    """Who looked at it and what they made of it, once."""

    __tablename__ = "review_result"

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    point: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    action: str = Field(description="fine | ask | dispute")
    dispute: int | None = Field(default=None, sa_column=big_int(nullable=True))
