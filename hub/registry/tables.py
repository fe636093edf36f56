"""Registry tables. Every key begins with the community; intervals are half-open."""

from datetime import date

from sqlmodel import Field, SQLModel

from hub.db import big_int


class Household(SQLModel, table=True):
    """A door; ``household_id`` is ``building-unit-room`` plus a suffix once re-let."""

    __tablename__ = "household"

    community: str = Field(primary_key=True)
    household_id: str = Field(primary_key=True)
    building: str = Field(index=True)
    unit: str
    room: str
    kind: str = Field(default="residence", description="residence | shop")
    from_day: date
    to_day: date | None = Field(default=None, description="exclusive")
    successor_of: str | None = None


class CardBinding(SQLModel, table=True):
    """A card token belongs to a household from ``from_ms`` until ``to_ms``, exclusive."""

    __tablename__ = "card_binding"

    community: str = Field(primary_key=True)
    card: str = Field(primary_key=True)
    from_ms: int = Field(sa_column=big_int(primary_key=True))
    to_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))
    household_id: str = Field(index=True)
    serial: str | None = Field(default=None, description="our own printed number, never the UID")


class CardBlock(SQLModel, table=True):
    """A lost card; taps at or after ``from_ms`` and before ``until_ms`` do not count."""

    __tablename__ = "card_block"

    community: str = Field(primary_key=True)
    card: str = Field(primary_key=True)
    from_ms: int = Field(sa_column=big_int(primary_key=True))
    until_ms: int | None = Field(default=None, sa_column=big_int(nullable=True))


class Person(SQLModel, table=True):
    """Somebody with a role at a point or desk. No name stands here."""

    __tablename__ = "person"

    community: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    number: str = Field(description="digits typed at a keypad")
    role: str = Field(description="volunteer | officer | technician")
    card: str | None = Field(default=None, index=True)
    pin: str | None = Field(default=None, description="scrypt$salt$hash, as in the roster")
    household_id: str | None = Field(default=None, description="own home, for R9")
