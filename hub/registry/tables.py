"""Registry tables. Every key begins with the community; intervals are half-open."""

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from hub.db import big_int


class Community(SQLModel, table=True):
    """What the compound is called."""

    __tablename__ = "community"

    community: str = Field(primary_key=True)
    name: str


class Grid(SQLModel, table=True):
    """A grid (网格): some buildings and points under one grid worker."""

    __tablename__ = "grid"

    community: str = Field(primary_key=True)
    grid: str = Field(primary_key=True)
    name: str


class Building(SQLModel, table=True):
    """A building and the grid it belongs to."""

    __tablename__ = "building"

    community: str = Field(primary_key=True)
    building: str = Field(primary_key=True)
    grid: str | None = None


class BuildingUnit(SQLModel, table=True):
    """One staircase (单元) of a building."""

    __tablename__ = "building_unit"

    community: str = Field(primary_key=True)
    building: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)


class Household(SQLModel, table=True):
    """A door; ``household_id`` is ``building-unit-room`` plus a suffix once re-let."""

    __tablename__ = "household"
    __table_args__ = (Index("household_by_door", "community", "building", "unit", "room"),)

    community: str = Field(primary_key=True)
    household_id: str = Field(primary_key=True)
    building: str = Field(index=True)
    unit: str
    room: str
    kind: str = Field(default="residence", description="residence | shop")
    from_day: date
    to_day: date | None = Field(default=None, description="exclusive")
    successor_of: str | None = None


class Holder(SQLModel, table=True):
    """Whose household it is. Names stand here and nowhere else; nothing of money reads them."""

    __tablename__ = "holder"

    community: str = Field(primary_key=True)
    household_id: str = Field(primary_key=True)
    name: str | None = None
    phone: str | None = None


class NameInitials(SQLModel, table=True):
    """Every beginning of every reading of a holder's name, as pinyin initials."""

    __tablename__ = "name_initials"

    community: str = Field(primary_key=True)
    initials: str = Field(primary_key=True)
    household_id: str = Field(primary_key=True)


class CardBinding(SQLModel, table=True):
    """A card token belongs to a household from ``from_ms`` until ``to_ms``, exclusive.

    Without ``to_ms`` it ends where the card's next binding begins.
    """

    __tablename__ = "card_binding"
    __table_args__ = (Index("card_binding_by_serial", "community", "serial"),)

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


class CollectionPoint(SQLModel, table=True):
    """Where bins stand; what it reports is in ``point_state``."""

    __tablename__ = "collection_point"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    name: str
    grid: str | None = None


class Bin(SQLModel, table=True):
    """A bin of a point. Its colour follows from the category by the terminal's setting."""

    __tablename__ = "bin"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    bin: int = Field(primary_key=True)
    category: str = Field(description="hazardous | recyclable | kitchen | other")


class RegistryChange(SQLModel, table=True):
    """Who changed which row, when and why; append-only.

    ``fields`` is JSON: each changed field with its old and new value. Names, phones and PINs
    are only said to have changed.
    """

    __tablename__ = "registry_change"
    __table_args__ = (Index("registry_change_of", "community", "what", "key"),)

    change: int | None = Field(default=None, primary_key=True)
    community: str = Field(index=True)
    at_ms: int = Field(sa_type=BigInteger)
    user: str
    role: str
    why: str
    what: str = Field(description="the table")
    key: str
    fields: str
