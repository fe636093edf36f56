"""What the office says besides verdicts and days. All append-only: the newest word holds."""

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.db import big_int


class Said(SQLModel):
    """Who said it, in which words, and when."""

    reason: str = Field(description="the officer's words")
    user: str
    role: str
    at_ms: int = Field(sa_type=BigInteger)


class ShiftAttest(Said, table=True):
    """Who stood at a point from ``from_ms`` to ``to_ms``, exclusive, without having checked in."""

    __tablename__ = "shift_attest"
    __table_args__ = (Index("shift_attest_by_point", "community", "point", "from_ms"),)

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    point: str
    person: str
    from_ms: int = Field(sa_type=BigInteger)
    to_ms: int = Field(sa_type=BigInteger)
    value: str = Field(description="none | accepted: what they say of visits they did not judge")


class BootDate(Said, table=True):
    """When a machine boot without a clock was: ``up_ms`` of it was ``utc_ms``."""

    __tablename__ = "boot_date"

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    point: str
    boot_id: str
    up_ms: int = Field(sa_type=BigInteger)
    utc_ms: int = Field(sa_type=BigInteger)


class AssignedHome(Said, table=True):
    """The household a visit belongs to, whatever its card or door says."""

    __tablename__ = "assign_home"
    __table_args__ = (
        Index("assign_home_by_visit", "community", "visit_id"),
        Index("assign_home_by_household", "community", "household_id"),
    )

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    visit_id: str
    household_id: str


class HeldOwner(SQLModel, table=True):
    """Who is to decide a held visit."""

    __tablename__ = "held_owner"
    __table_args__ = (Index("held_owner_by_visit", "community", "visit_id"),)

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    visit_id: str
    owner: str
    user: str
    at_ms: int = Field(sa_type=BigInteger)


class Restatement(Said, table=True):
    """Days that were settled again on somebody's order; ``moves`` is the digest they had seen."""

    __tablename__ = "restatement"

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    what: str = Field(description="settle | restate | rebind")
    first_day: date
    last_day: date
    moves: str


class MonthClose(Said, table=True):
    """A month nobody is waiting in any more: the newest run then, and what its days had brought.

    What changes a day of it afterwards is booked in the month in which it is found.
    """

    __tablename__ = "month_close"

    community: str = Field(primary_key=True)
    month: str = Field(primary_key=True, description="YYYY-MM")
    run: int = Field(sa_type=BigInteger)
    digest: str
    amount_fen: int = Field(sa_type=BigInteger)
