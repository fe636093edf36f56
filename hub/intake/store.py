"""Reading and writing the intake's tables in bulk, within the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, text
from sqlmodel import SQLModel

from hub.db import among, chunks, insert_many, table, upsert
from hub.intake.marks import FIRST_MARK
from hub.intake.tables import DeadLetter, EpochState, FactAlias, FactRow
from wire.codec import chain_seed

KEPT_LETTERS = 2000
_TURN = 0x696E74616B65  # "intake": any number but the ledger's
Row = dict[str, Any]


@dataclass
class Epoch:
    """An epoch_state row while a unit works on it."""

    point: str
    epoch: str
    upto: int
    chain: bytes
    facts: int
    quarantined: bool
    nonce: str | None
    superseded: tuple[str, ...]
    hello: Row = field(default_factory=dict)

    def row(self, community: str) -> Row:
        """The columns to write back."""
        return {
            "community": community,
            "point": self.point,
            "epoch": self.epoch,
            "upto": self.upto,
            "chain": self.chain.hex(),
            "facts": self.facts,
            "state": "quarantined" if self.quarantined else "leased",
            "nonce": self.nonce,
            "superseded": " ".join(self.superseded),
        } | self.hello


NEW_HELLO: Row = {"node": None, "boot": 0, "boot_id": "", "software": "", "hello_ms": 0}


_EPOCH = select(table(EpochState)).where(
    *(table(EpochState).c[name] == bindparam(name) for name in ("community", "point", "epoch"))
)


def load_epoch(connection: Connection, community: str, point: str, epoch: str) -> Epoch | None:
    """How an epoch stands; None when it was never heard of."""
    key = {"community": community, "point": point, "epoch": epoch}
    row = connection.execute(_EPOCH, key).one_or_none()
    if row is None:
        return None
    return Epoch(
        point,
        epoch,
        row.upto,
        bytes.fromhex(row.chain),
        row.facts,
        row.state == "quarantined",
        row.nonce,
        tuple(row.superseded.split()),
        {name: row._mapping[name] for name in NEW_HELLO},  # noqa: SLF001 - its public name
    )


def new_epoch(point: str, epoch: str) -> Epoch:
    """An epoch of which nothing is held."""
    return Epoch(point, epoch, 0, chain_seed(epoch), 0, False, None, (), dict(NEW_HELLO))


def held_lines(
    connection: Connection, community: str, epoch: Epoch, seqs: range
) -> dict[int, bytes]:
    """The bytes held under these positions: facts, aliases of facts, rejected lines."""
    if not seqs:
        return {}
    f, a = table(FactRow), table(FactAlias)
    key = (community, epoch.point, epoch.epoch)
    as_facts = connection.execute(
        select(f.c.seq, f.c.line).where(
            f.c.community == key[0],
            f.c.point == key[1],
            f.c.epoch == key[2],
            f.c.seq.between(seqs[0], seqs[-1]),
        )
    )
    same = (f.c.community == a.c.community) & (f.c.fact_id == a.c.fact_id)
    as_aliases = connection.execute(
        select(a.c.seq, func.coalesce(a.c.line, f.c.line).label("line"))
        .select_from(a.outerjoin(f, same))
        .where(
            a.c.community == key[0],
            a.c.point == key[1],
            a.c.epoch == key[2],
            a.c.seq.between(seqs[0], seqs[-1]),
        )
    )
    return {row.seq: row.line for found in (as_facts, as_aliases) for row in found}


def lines_by_id(connection: Connection, community: str, ids: Iterable[str]) -> dict[str, bytes]:
    """The bytes of every fact that is held already under one of these names."""
    c = table(FactRow).c
    held: dict[str, bytes] = {}
    for part in chunks(ids):
        found = connection.execute(
            select(c.fact_id, c.line).where(
                c.community == community, among(connection, c.fact_id, part)
            )
        )
        held |= {row.fact_id: row.line for row in found}
    return held


def take_turn(connection: Connection) -> None:
    """One counter of arrivals at a time; on SQLite the write transaction is that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def newest(connection: Connection, community: str) -> tuple[int, bytes]:
    """How many facts this hub has accepted, and the mark of the last."""
    c = table(FactRow).c
    found = connection.execute(
        select(c.arrival, c.mark)
        .where(c.community == community)
        .order_by(c.arrival.desc())
        .limit(1)
    ).first()
    return (found.arrival, found.mark) if found else (0, FIRST_MARK)


def save(
    connection: Connection,
    community: str,
    rows: dict[type[SQLModel], list[Row]],
    epochs: Iterable[Epoch],
) -> None:
    """Write one unit: facts, aliases, dead letters, cursors."""
    for model, group in rows.items():
        insert_many(connection, model, group)
    upsert(connection, EpochState, [epoch.row(community) for epoch in epochs])
    if rows.get(DeadLetter):
        _forget_old_letters(connection, community)


def _forget_old_letters(connection: Connection, community: str) -> None:
    """Keep the newest letters, and those whose rejected line may be read again some day."""
    d = table(DeadLetter)
    oldest = (
        select(d.c.letter)
        .where(d.c.community == community)
        .order_by(d.c.letter.desc())
        .offset(KEPT_LETTERS)
        .limit(1)
        .scalar_subquery()
    )
    nothing_waits = d.c.seq.is_(None) | (d.c.reason == "conflict")
    connection.execute(
        delete(d).where(d.c.community == community, d.c.letter <= oldest, nothing_waits)
    )
