"""What the store knows about itself."""

import secrets

from sqlmodel import Field, Session, SQLModel


class Meta(SQLModel, table=True):
    """One named value."""

    __tablename__ = "hub_meta"

    name: str = Field(primary_key=True)
    value: str


GENERATION = "generation"
REVISION = "registry_revision"


def get_meta(session: Session, name: str) -> str | None:
    """The value of one name, or None."""
    row = session.get(Meta, name)
    return row.value if row else None


def set_meta(session: Session, name: str, value: str) -> None:
    """Set one name, whether or not it was set before."""
    session.merge(Meta(name=name, value=value))


def ensure_generation(session: Session) -> str:
    """The 128 bits that tell this store from its older copies; born with the store."""
    found = get_meta(session, GENERATION)
    if found is None:
        found = secrets.token_hex(16)
        set_meta(session, GENERATION, found)
    return found
