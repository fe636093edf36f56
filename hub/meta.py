"""What the store knows about itself."""

import secrets

from sqlalchemy import Connection, select
from sqlmodel import Field, SQLModel

from hub.db import table, upsert


class Meta(SQLModel, table=True):
    """One named value."""

    __tablename__ = "hub_meta"

    name: str = Field(primary_key=True)
    value: str


_GENERATION = "generation"
REVISION = "registry_revision"


def read_meta(connection: Connection, name: str) -> str | None:
    """The value of one name, or None."""
    c = table(Meta).c
    return connection.execute(select(c.value).where(c.name == name)).scalar()


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Set one name, whether or not it was set before."""
    upsert(connection, Meta, [{"name": name, "value": value}])


def ensure_generation(connection: Connection) -> str:
    """The 128 bits that tell this store from its older copies; born with the store."""
    return read_meta(connection, _GENERATION) or new_generation(connection)


def new_generation(connection: Connection) -> str:
    """From here on this store is another one than the copy it was made from."""
    fresh = secrets.token_hex(16)
    write_meta(connection, _GENERATION, fresh)
    return fresh


def registry_changed(connection: Connection) -> None:
    """Have the roster read and published again."""
    write_meta(connection, REVISION, str(int(read_meta(connection, REVISION) or 0) + 1))
