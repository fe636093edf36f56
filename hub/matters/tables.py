"""Matters: the events, append-only; the row that lists read; reporters apart; kinds and rules."""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from hub.db import big_int


class MatterEvent(SQLModel, table=True):
    """One thing that happened to a matter; ``data`` is JSON and names no resident."""

    __tablename__ = "matter_event"

    community: str = Field(primary_key=True)
    matter: int = Field(sa_column=big_int(primary_key=True))
    seq: int = Field(primary_key=True, description="from 1; the version after it")
    act: str
    to_state: str
    actor: str
    body: str
    device: str
    reason: str
    data: str
    at_ms: int = Field(sa_type=BigInteger)
    client_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))


class MatterRow(SQLModel, table=True):
    """A projection of a matter's events, written with the last of them."""

    __tablename__ = "matter"
    __table_args__ = (
        Index("matter_by_state", "community", "state", "matter"),
        Index(
            "matter_open_due", "community", "open", "next_ms", "matter", "warn_ms", "state",
            "watched", "lead", "co",
        ),
        Index("matter_open", "community", "open", "matter"),
        Index("matter_by_lead", "community", "open", "lead", "next_ms", "matter"),
        Index(
            "matter_by_co", "community", "open", "co", "next_ms", "matter",
            sqlite_where=text("co IS NOT NULL"),
        ),
        Index("matter_by_owner", "community", "open", "owner", "next_ms", "matter"),
        Index(
            "matter_by_helper", "community", "open", "helper", "next_ms", "matter",
            sqlite_where=text("helper IS NOT NULL"),
        ),
        Index("matter_by_watch", "community", "watched", "next_check", "matter"),
        Index("matter_by_kind", "community", "kind", "matter"),
        Index("matter_by_updated", "community", "updated_ms", "matter"),
    )  # fmt: skip

    community: str = Field(primary_key=True)
    matter: int = Field(sa_column=big_int(primary_key=True))
    version: int
    state: str
    open: bool
    kind: str
    place: str
    text: str
    channel: str
    lead: str | None = None
    co: str | None = None
    basis: str | None = None
    owner: str
    helper: str | None = Field(default=None, description="has the helping side's open task")
    watched: bool = Field(description="a watch entry is open")
    next_check: str | None = None
    due_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))
    next_ms: int = Field(sa_type=BigInteger, description="NEVER when no clock runs")
    warn_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))
    received_ms: int = Field(sa_type=BigInteger)
    updated_ms: int = Field(sa_type=BigInteger)


NEVER_MS = 2**62
"""Sorts behind every moment: a column without nulls has one order on both engines."""


class MatterReporter(SQLModel, table=True):
    """Who reported it; names and phones of residents stand here and leave by the desk only."""

    __tablename__ = "matter_reporter"
    __table_args__ = (Index("matter_reporter_home", "community", "household_id", "matter"),)

    community: str = Field(primary_key=True)
    matter: int = Field(sa_column=big_int(primary_key=True))
    reporter: int = Field(primary_key=True, description="from 1")
    household_id: str | None = None
    name: str | None = None
    phone: str | None = None
    from_matter: int | None = Field(default=None, sa_column=big_int(nullable=True))
    at_ms: int = Field(sa_type=BigInteger)


class MatterGram(SQLModel, table=True):
    """Two neighbouring characters of a matter's place and text, for search on both engines."""

    __tablename__ = "matter_gram"

    community: str = Field(primary_key=True)
    gram: str = Field(primary_key=True)
    matter: int = Field(sa_column=big_int(primary_key=True))


class MatterSource(SQLModel, table=True):
    """What a matter was made of, once: a fact of a point, a device, a token of a caller."""

    __tablename__ = "matter_source"

    community: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    matter: int = Field(sa_column=big_int())


class MatterKindRow(SQLModel, table=True):
    """A kind of this community; ``data`` is JSON of a MatterKind."""

    __tablename__ = "matter_kind"

    community: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    data: str


class MatterRule(SQLModel, table=True):
    """What two people settled at the desk once and wanted to hold again."""

    __tablename__ = "matter_rule"

    community: str = Field(primary_key=True)
    rule: int = Field(sa_column=big_int(primary_key=True))
    word: str
    kind: str | None = None
    lead: str
    co: str | None = None
    from_matter: int | None = Field(default=None, sa_column=big_int(nullable=True))
    decided_by: str
    at_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))


class WorkingHours(SQLModel, table=True):
    """The community's working calendar; ``data`` is JSON of CalendarRules."""

    __tablename__ = "working_hours"

    community: str = Field(primary_key=True)
    data: str
