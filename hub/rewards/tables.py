"""Policies, runs, outcomes and staff decisions. All append-only: a newer row outranks an older."""

from datetime import date

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from hub.db import big_int


class RewardPolicy(SQLModel, table=True):
    """What a day pays from ``from_day`` to ``to_day``, exclusive; the later ``version`` wins."""

    __tablename__ = "reward_policy"

    community: str = Field(primary_key=True)
    policy_id: str = Field(primary_key=True)
    version: int = Field(description="order of publication")
    from_day: date
    to_day: date | None = Field(default=None, description="exclusive")
    published_ms: int = Field(sa_type=BigInteger)
    amount_fen: int = Field(default=30, sa_type=BigInteger)
    combine: str = Field(default="any", description="any | none_rejected")
    unattended: str = Field(default="hold", description="hold | approve | reject")
    self_verdict: str = Field(default="hold", description="hold | allow")
    day_cap_fen: int | None = Field(default=None, sa_column=big_int(nullable=True))
    total_cap_fen: int | None = Field(default=None, sa_column=big_int(nullable=True))
    late_limit_days: int = 31
    min_grams: int | None = None
    max_cards: int | None = Field(default=None, description="cards bound to a household at once")
    manual_per_month: int | None = Field(
        default=None, description="visits without a card that count for a household a month (R28)"
    )
    manual_per_shift: int | None = Field(default=None, description="and of one shift")


class SettlementRun(SQLModel, table=True):
    """One settlement of one day that changed something, or the day's first.

    ``digest`` is SHA-256 over the run's canonical rows and the digest of the run before.
    """

    __tablename__ = "settlement_run"
    __table_args__ = (Index("settlement_run_by_day", "community", "day", "run"),)

    community: str = Field(primary_key=True)
    run: int = Field(sa_column=big_int(primary_key=True))
    day: date
    kind: str = Field(description="first | supplement | restatement")
    early: bool = Field(default=False, description="run before the day was over")
    policy_id: str | None = Field(default=None, description="frozen by the day's first run")
    started_ms: int = Field(sa_type=BigInteger)
    watermark: int = Field(sa_type=BigInteger, description="newest arrival that touched the day")
    visits: int
    households: int
    entries: int
    amount_fen: int = Field(sa_type=BigInteger)
    held: int = Field(description="visits that wait for a decision, after this run")
    absent_points: str = Field(description="points without day_end for the day, comma-separated")
    canonical: int = Field(default=1, description="version of the rows' canonical form")
    previous_digest: str
    digest: str


class DayOutcome(SQLModel, table=True):
    """Why a household has what it has for a day; written only by a run that changes it."""

    __tablename__ = "day_outcome"

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    household_id: str = Field(primary_key=True)
    run: int = Field(sa_column=big_int(primary_key=True))
    amount_fen: int = Field(sa_type=BigInteger)
    reason: str
    visit_id: str | None = None


class VisitOutcomeRow(SQLModel, table=True):
    """What one run made of one visit; ``moved`` means that it counts for another day now."""

    __tablename__ = "visit_outcome"
    __table_args__ = (
        Index("visit_outcome_by_household", "community", "household_id", "day"),
        Index("visit_outcome_held", "community", "day", "visit_id", sqlite_where=text("held")),
    )

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    visit_id: str = Field(primary_key=True)
    run: int = Field(sa_column=big_int(primary_key=True))
    household_id: str | None = None
    reason: str
    verdict: str | None = None
    verdict_reason: str | None = None
    by_role: str | None = None
    held: bool = False


class StaffVerdict(SQLModel, table=True):
    """An officer's decision about one visit; it outranks every volunteer's."""

    __tablename__ = "staff_verdict"
    __table_args__ = (Index("staff_verdict_by_visit", "community", "visit_id"),)

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    visit_id: str
    value: str = Field(description="accepted | rejected")
    reason: str = Field(description="the officer's words")
    user: str
    role: str
    at_ms: int = Field(sa_type=BigInteger)


class AssignedDay(SQLModel, table=True):
    """The day staff gives to a visit whose clock is not believed, or that came too late."""

    __tablename__ = "assign_day"
    __table_args__ = (Index("assign_day_by_visit", "community", "visit_id"),)

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    visit_id: str
    day: date = Field(index=True)
    reason: str
    user: str
    role: str
    at_ms: int = Field(sa_type=BigInteger)
