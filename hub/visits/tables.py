"""Projections of the facts: `rebuild` empties and refills them to the same bytes."""

from datetime import date

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from hub.db import big_int


class Timed(SQLModel):
    """Where a fact stands on its node's clocks, so that a later clock fact can place it.

    ``arrival`` orders what one hub received: the fact's position in its intake.
    """

    point: str = ""
    boot_id: str = ""
    up_ms: int = Field(default=0, sa_type=BigInteger)
    wall_ms: int = Field(default=0, sa_type=BigInteger)
    clock_trust: str = Field(default="kernel", description="as the fact says: wire.base.Trust")
    received_ms: int = Field(sa_type=BigInteger)
    arrival: int = Field(sa_type=BigInteger)


class Visit(Timed, table=True):
    """One tap or manual entry; ``visit_id`` is the id of its fact."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("visit_by_day", "community", "day", "point"),
        Index("visit_by_boot", "community", "point", "boot_id"),
        Index("visit_by_hand", "community", "day", sqlite_where=text("source <> 'card'")),
    )

    community: str = Field(primary_key=True)
    visit_id: str = Field(primary_key=True)
    source: str = Field(description="card | manual | paper")
    card: str | None = Field(default=None, index=True)
    door: str | None = Field(default=None, description="manual and paper: building-unit-room")
    shift: str | None = Field(default=None, description="absent: nobody was on duty")
    occurred_ms: int = Field(sa_column=big_int(), description="wall_ms, or placed by a clock fact")
    trusted: bool = Field(description="occurred_ms may be believed")
    day: date | None = Field(default=None, description="business day; None = not trusted")
    deposits: int = 0
    weight_g: int | None = Field(
        default=None, sa_column=big_int(nullable=True), description="None = missing, never 0"
    )
    weight_doubt: bool = Field(default=False, description="overlapped by unattributed deposits")
    test: bool = False


class PointVerdict(Timed, table=True):
    """A volunteer's verdict from a point; undone ones stay and do not count."""

    __tablename__ = "point_verdict"
    __table_args__ = (
        Index("verdict_by_boot", "community", "point", "boot_id"),
        Index("verdict_by_visit", "community", "visit_id"),
    )

    community: str = Field(primary_key=True)
    verdict_id: str = Field(primary_key=True)
    visit_id: str
    value: str = Field(description="accepted | corrected | rejected | unclear")
    reason: str | None = None
    by_person: str
    shift: str
    mode: str
    replaces: str | None = None
    at_ms: int = Field(sa_column=big_int(), description="placed like a visit's occurred_ms")
    undone: bool = False


class VerdictUndo(SQLModel, table=True):
    """撤销 of a verdict; it may arrive before the verdict when the epochs differ."""

    __tablename__ = "verdict_undo"

    community: str = Field(primary_key=True)
    verdict_id: str = Field(primary_key=True)
    arrival: int = Field(sa_type=BigInteger)


class Deposit(Timed, table=True):
    """A bin became heavier; which visit it belongs to is said by its assignment."""

    __tablename__ = "deposit"

    community: str = Field(primary_key=True)
    deposit_id: str = Field(primary_key=True)
    bin: int
    category: str
    grams: int = Field(sa_type=BigInteger)
    level_g: int = Field(sa_type=BigInteger)
    quality: str


class Assignment(SQLModel, table=True):
    """One visit a deposit belongs to, or (``certain`` false) may have come from."""

    __tablename__ = "assignment"
    __table_args__ = (Index("assignment_by_visit", "community", "visit_id"),)

    community: str = Field(primary_key=True)
    deposit_id: str = Field(primary_key=True)
    visit_id: str = Field(primary_key=True)
    certain: bool
    arrival: int = Field(sa_type=BigInteger)


class ShiftEvent(Timed, table=True):
    """A supervisor came or went; the opening event's id is the shift's name."""

    __tablename__ = "shift_event"

    community: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    shift: str = Field(index=True)
    action: str = Field(description="opened | closed")
    person: str
    by_what: str = Field(description="card | number | plan")
    unjudged: str | None = None


class BootClock(SQLModel, table=True):
    """The believed time of one machine boot: its least uncertain clock fact."""

    __tablename__ = "boot_clock"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    boot_id: str = Field(primary_key=True)
    up_ms: int = Field(sa_type=BigInteger)
    utc_ms: int = Field(sa_type=BigInteger)
    uncertainty_ms: int = Field(sa_type=BigInteger)
    source: str
    arrival: int = Field(sa_type=BigInteger)


class PointDay(SQLModel, table=True):
    """``day_end``: everything the point recorded on that day lies before it in its epoch."""

    __tablename__ = "point_day"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    taps: int
    deposits: int
    verdicts: int
    unjudged: int
    received_ms: int = Field(sa_type=BigInteger)
    arrival: int = Field(sa_type=BigInteger)


class BinLevel(SQLModel, table=True):
    """What the newest fact about a bin says its scale shows."""

    __tablename__ = "bin_level"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    bin: int = Field(primary_key=True)
    level_g: int = Field(sa_type=BigInteger)
    arrival: int = Field(sa_type=BigInteger)


class TouchedDay(SQLModel, table=True):
    """The newest arrival that changed anything a day's settlement reads.

    A settlement whose watermark is below ``arrival`` has not seen everything of the day.
    """

    __tablename__ = "touched_day"

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    arrival: int = Field(sa_type=BigInteger)


class PointState(SQLModel, table=True):
    """A point that is expected to report, and its last status; not rebuilt from facts."""

    __tablename__ = "point_state"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    last_contact_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))
    status: str | None = Field(default=None, description="wire Status as it came, JSON")
