"""Projections against the fact lines: projected again into a store of their own, then compared."""

import tempfile
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, String, event, select
from sqlmodel import Session, SQLModel

from hub.db import make_engine, table
from hub.visits.project import PROJECTIONS, refill

Row = dict[str, Any]
Key = tuple[Any, ...]


def differences(session: Session, community: str) -> Iterator[str]:
    """Table by table, row by row."""
    with tempfile.TemporaryDirectory(prefix="lianxin-verify-") as folder:
        scratch = make_engine(f"sqlite:///{Path(folder) / 'projections.db'}")
        event.listen(scratch, "connect", _hasty)
        try:
            yield from _compare(session.connection(), scratch, community)
        finally:
            scratch.dispose()


def _hasty(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # a power cut may take it


def _compare(held: Connection, scratch: Engine, community: str) -> Iterator[str]:
    with scratch.execution_options(writes=True).begin() as again:
        SQLModel.metadata.create_all(again, tables=[table(model) for model in PROJECTIONS])
        refill(held, again, community)
        for model in PROJECTIONS:
            yield from _differing(model, held, again, community)


def _differing(
    model: type[SQLModel], held: Connection, again: Connection, community: str
) -> Iterator[str]:
    both = merge(
        ((key, False, row) for key, row in _rows(held, model, community)),
        ((key, True, row) for key, row in _rows(again, model, community)),
        key=itemgetter(0, 1),
    )
    for key, group in groupby(both, key=itemgetter(0)):
        where = f"{model.__tablename__} {' '.join(map(str, key))}"
        rows = {expected: row for _, expected, row in group}
        if True not in rows:
            yield f"{where}: no fact says it"
        elif False not in rows:
            yield f"{where}: is missing; facts say it"
        else:
            for name, value in rows[True].items():
                if rows[False][name] != value:
                    yield f"{where}: {name} is {rows[False][name]!r}, facts say {value!r}"


def _rows(
    connection: Connection, model: type[SQLModel], community: str
) -> Iterator[tuple[Key, Row]]:
    target = table(model)
    keys = [column for column in target.primary_key if column.name != "community"]
    plain = connection.dialect.name != "postgresql"
    order = [
        column if plain or not isinstance(column.type, String) else column.collate("C")
        for column in keys
    ]
    rows = select(target).where(target.c.community == community).order_by(*order)
    with connection.execute(rows, execution_options={"yield_per": 1000}) as found:
        for row in found.mappings():
            yield tuple(row[column.name] for column in keys), dict(row)
