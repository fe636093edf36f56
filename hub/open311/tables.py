"""Who may report by Open311."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Open311Key(SQLModel, table=True):
    """A program that may post; its key is stored as a digest."""

    __tablename__ = "open311_key"

    community: str = Field(primary_key=True)
    key_sha256: str = Field(primary_key=True)
    name: str
    created_ms: int = Field(sa_type=BigInteger)
