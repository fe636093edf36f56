"""What was asked once and must not be done twice."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class IdempotencyKey(SQLModel, table=True):
    """A caller's key, what it was used for and what was answered."""

    __tablename__ = "idempotency_key"

    community: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked_sha256: str = Field(description="of method, path and the checked body")
    answer: str | None = Field(default=None, description="JSON; written with the effect")
    at_ms: int = Field(sa_type=BigInteger)
