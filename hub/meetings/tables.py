"""Meetings, what they decided and who signed; append-only."""

from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.db import big_int


class Meeting(SQLModel, table=True):
    """One meeting; ``agenda`` is the JSON list of its matters in their order."""

    __tablename__ = "meeting"

    community: str = Field(primary_key=True)
    meeting: int = Field(sa_column=big_int(primary_key=True))
    held_on: date
    bodies: str = Field(description="who is present, in the order of the chair")
    chair: str
    agenda: str
    user: str
    at_ms: int = Field(sa_type=BigInteger)


class MeetingDecision(SQLModel, table=True):
    """What was decided about a matter; the newest one before the signatures counts."""

    __tablename__ = "meeting_decision"

    community: str = Field(primary_key=True)
    meeting: int = Field(sa_column=big_int(primary_key=True))
    sequence: int = Field(primary_key=True)
    matter: int = Field(sa_type=BigInteger)
    data: str = Field(description="JSON of a Decision")
    actor: str
    body: str
    at_ms: int = Field(sa_type=BigInteger)


class MeetingSignature(SQLModel, table=True):
    """One body's word for the minutes as they stood: ``digest`` is of its decisions."""

    __tablename__ = "meeting_signature"

    community: str = Field(primary_key=True)
    meeting: int = Field(sa_column=big_int(primary_key=True))
    body: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    person: str
    at_ms: int = Field(sa_type=BigInteger)


class MeetingCorrection(SQLModel, table=True):
    """A new entry beside minutes that are signed; they themselves never change."""

    __tablename__ = "meeting_correction"

    community: str = Field(primary_key=True)
    meeting: int = Field(sa_column=big_int(primary_key=True))
    sequence: int = Field(primary_key=True)
    text: str
    actor: str
    body: str
    at_ms: int = Field(sa_type=BigInteger)
