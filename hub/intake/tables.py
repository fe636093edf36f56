"""The truth: fact lines as they came, the cursor of every epoch, and what was not understood."""

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.db import big_int, counted


class FactRow(SQLModel, table=True):
    """One fact line, append-only. ``arrival`` counts what this hub accepted, from 1."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("community", "point", "epoch", "seq", name="fact_key"),
        UniqueConstraint("community", "fact_id", name="fact_id_once"),
        Index("fact_faults", "community", "arrival", sqlite_where=text("kind = 'fault'")),
    )

    community: str = Field(primary_key=True)
    arrival: int = Field(sa_column=big_int(primary_key=True))
    fact_id: str
    kind: str
    point: str
    epoch: str
    seq: int = Field(sa_type=BigInteger)
    received_ms: int = Field(sa_type=BigInteger)
    line: bytes = Field(sa_type=LargeBinary)
    mark: bytes = Field(sa_type=LargeBinary, description="hub.intake.marks")


class FactAlias(SQLModel, table=True):
    """A key without a row of its own: a fact that came under an earlier key, or a rejected line.

    With the facts it covers every position up to the cursor, so that the chain can be recomputed.
    """

    __tablename__ = "fact_alias"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    epoch: str = Field(primary_key=True)
    seq: int = Field(sa_column=big_int(primary_key=True))
    fact_id: str | None = Field(default=None, description="the fact held under another key")
    reason: str | None = Field(default=None, description="why the line was rejected")
    line: bytes | None = Field(
        default=None, sa_type=LargeBinary, description="a rejected line as it came"
    )


class EpochState(SQLModel, table=True):
    """How far one epoch of one point is held, and which start of the node may speak for it."""

    __tablename__ = "epoch_state"

    community: str = Field(primary_key=True)
    point: str = Field(primary_key=True)
    epoch: str = Field(primary_key=True)
    upto: int = Field(default=0, sa_type=BigInteger)
    chain: str
    facts: int = Field(default=0, sa_type=BigInteger, description="rows in fact")
    state: str = Field(default="leased", description="leased | quarantined")
    nonce: str | None = None
    superseded: str = Field(default="", description="earlier nonces, newest first")
    node: str | None = None
    boot: int = Field(default=0, sa_type=BigInteger)
    boot_id: str = ""
    software: str = ""
    hello_ms: int = Field(default=0, sa_type=BigInteger)


class DeadLetter(SQLModel, table=True):
    """A message or line that could not be taken, kept for a person."""

    __tablename__ = "dead_letter"

    letter: int | None = Field(default=None, sa_column=counted())
    community: str = Field(index=True)
    received_ms: int = Field(sa_type=BigInteger)
    topic: str
    point: str | None = None
    epoch: str | None = None
    seq: int | None = Field(default=None, sa_column=big_int(nullable=True))
    reason: str
    detail: str
    size: int = Field(sa_type=BigInteger)
    payload: bytes = Field(sa_type=LargeBinary, description="the first 4 KB")
