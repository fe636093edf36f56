"""Officers, and which of them sits at which desk."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.db import counted


class Officer(SQLModel, table=True):
    """A registered person who stands for one side; name and phone are printed on slips."""

    __tablename__ = "officer"

    community: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    body: str = Field(description="committee | property | owners")
    name: str
    phone: str
    left: bool = Field(default=False, description="gets nothing new")


class DeskDuty(SQLModel, table=True):
    """An officer sits at a desk from ``from_ms`` until ``to_ms``; None = still."""

    __tablename__ = "desk_duty"
    __table_args__ = (Index("desk_duty_at", "community", "desk", "to_ms"),)

    duty: int | None = Field(default=None, sa_column=counted())
    community: str
    desk: str
    person_id: str
    body: str
    from_ms: int = Field(sa_type=BigInteger)
    to_ms: int | None = Field(default=None, sa_type=BigInteger)
