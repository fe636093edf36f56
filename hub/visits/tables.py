"""Projections of the facts: `rebuild` empties and refills them to the same bytes."""

from datetime import date

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.db import big_int


class Visit(SQLModel, table=True):
    """One tap or manual entry; ``visit_id`` is the id of its fact.

    ``arrival`` orders what one hub received: the fact's position in its intake.
    """

    __tablename__ = "visit"
    __table_args__ = (Index("visit_by_day", "community", "day", "point"),)

    community: str = Field(primary_key=True)
    visit_id: str = Field(primary_key=True)
    point: str
    source: str = Field(description="card | manual | paper")
    card: str | None = Field(default=None, index=True)
    door: str | None = Field(default=None, description="manual and paper: building-unit-room")
    shift: str | None = Field(default=None, description="absent: nobody was on duty")
    boot_id: str
    up_ms: int = Field(sa_column=big_int())
    wall_ms: int = Field(sa_column=big_int())
    occurred_ms: int = Field(sa_column=big_int(), description="wall_ms, or placed by a clock fact")
    trusted: bool = Field(description="occurred_ms may be believed")
    day: date | None = Field(default=None, description="business day; None = not trusted")
    received_ms: int = Field(sa_column=big_int())
    arrival: int = Field(sa_column=big_int())
    deposits: int = 0
    weight_g: int | None = Field(
        default=None, sa_column=big_int(nullable=True), description="None = missing, never 0"
    )
    weight_doubt: bool = Field(default=False, description="overlapped by unattributed deposits")
    test: bool = False


class PointVerdict(SQLModel, table=True):
    """A volunteer's verdict from a point; undone ones stay and do not count."""

    __tablename__ = "point_verdict"

    community: str = Field(primary_key=True)
    verdict_id: str = Field(primary_key=True)
    visit_id: str = Field(index=True)
    value: str = Field(description="accepted | corrected | rejected | unclear")
    reason: str | None = None
    by_person: str
    shift: str
    mode: str
    replaces: str | None = None
    at_ms: int = Field(sa_column=big_int(), description="placed like a visit's occurred_ms")
    received_ms: int = Field(sa_column=big_int())
    arrival: int = Field(sa_column=big_int())
    undone: bool = False
