"""Who may call, and who looked at whom."""

from sqlmodel import Field, SQLModel

from hub.db import big_int, counted


class User(SQLModel, table=True):
    """Somebody with a password at the HTTP API."""

    __tablename__ = "user_account"

    community: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    role: str
    password_hash: str = Field(description="argon2")
    created_ms: int = Field(sa_column=big_int())
    disabled: bool = False
    desk: str | None = Field(default=None, description="the one desk that a desk's account is of")


class LookUp(SQLModel, table=True):
    """One look at a household's records: who, when, through what."""

    __tablename__ = "household_lookup"

    lookup: int | None = Field(default=None, sa_column=counted())
    community: str = Field(index=True)
    household_id: str = Field(index=True)
    user: str
    role: str
    path: str
    at_ms: int = Field(sa_column=big_int())
