"""The store: SQLite in WAL or PostgreSQL, by URL; the same code speaks to both.

A partial index of a model says its condition for SQLite only (the migrations make it partial on
both): a ``postgresql_where`` alone would load that engine's whole dialect, 2 MB at rest.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Integer,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import Session, SQLModel

BUSY_TIMEOUT_MS = 15_000


def make_engine(url: str) -> Engine:
    """An engine whose SQLite commits survive a power cut (WAL, synchronous FULL).

    Sessions over ``engine.execution_options(writes=True)`` take the write lock when they begin:
    a deferred transaction that turns to writing would fail under a concurrent writer.
    """
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite alone
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def write_session(engine: Engine) -> Iterator[Session]:
    """One unit of work: committed at the end, rolled back on any error."""
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        yield session


@contextmanager
def snapshot_session(engine: Engine) -> Iterator[Session]:
    """Reads one moment, whatever is written meanwhile; SQLite's transactions do anyway."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        yield session


def big_int(*, nullable: bool = False, primary_key: bool = False) -> Any:
    """A 64-bit column: milliseconds and fen overflow what ``int`` gives on PostgreSQL."""
    return Column(BigInteger, nullable=nullable, primary_key=primary_key)


def counted() -> Any:
    """A primary key that the store counts up; SQLite counts only what it calls INTEGER."""
    return Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for reading and writing in bulk."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def own_insert(connection: Connection, target: Table) -> Any:
    """The engine's own INSERT, which knows what to do with a row that is there."""
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(target)


def upsert(connection: Connection, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; one whose primary key is there already replaces what it names."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _by_place(connection, model, rows, replaces=True)
        return
    statement = own_insert(connection, table(model))
    keys, changed = _divided(model, tuple(rows[0]))
    changes = {name: statement.excluded[name] for name in changed}
    if changes:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement, list(rows))


def insert_many(
    connection: Connection, model: type[SQLModel], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows that all name the same columns."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _by_place(connection, model, rows, replaces=False)
        return
    connection.execute(insert(table(model)), list(rows))


def _by_place(
    connection: Connection, model: type[SQLModel], rows: Sequence[dict[str, Any]], *, replaces: bool
) -> None:
    """SQLAlchemy binds a row at a time; on SQLite that costs more than the insert itself."""
    names = tuple(rows[0])
    statement, dates, assumed = _statement_by_place(model, names, replaces=replaces)
    values = _by_name(names, rows)
    if dates:
        values = (
            tuple(v.isoformat() if at in dates and v is not None else v for at, v in enumerate(row))
            for row in values
        )
    connection.exec_driver_sql(statement, [row + assumed for row in values])


def _by_name(names: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> Iterable[tuple[Any, ...]]:
    if len(names) == 1:
        return ((row[names[0]],) for row in rows)
    return map(itemgetter(*names), rows)


def update_many(
    connection: Connection,
    model: type[SQLModel],
    key: tuple[str, ...],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Set what each row names beside ``key`` where its key is found; rows name the same columns."""
    if not rows:
        return
    target = table(model)
    names = (*(name for name in rows[0] if name not in key), *key)
    if connection.dialect.name == "sqlite":
        changes = ", ".join(f"{name} = ?" for name in names[: -len(key)])
        here = " AND ".join(f"{name} = ?" for name in key)
        statement = f"UPDATE {target.name} SET {changes} WHERE {here}"  # noqa: S608
        connection.exec_driver_sql(statement, list(_by_name(names, rows)))
        return
    bound: dict[str, Any] = {name: bindparam(f"its_{name}") for name in names}
    change = update(target).where(*(target.c[name] == bound.pop(name) for name in key))
    own = [{f"its_{name}": value for name, value in row.items()} for row in rows]
    connection.execute(change.values(bound), own)


@cache
def _statement_by_place(
    model: type[SQLModel], names: tuple[str, ...], *, replaces: bool
) -> tuple[str, frozenset[int], tuple[Any, ...]]:
    """It takes values in the order of ``names``, which of them are dates, and what others are."""
    target = table(model)
    assumed = {
        column.name: column.default.arg
        for column in target.columns
        if column.name not in names and isinstance(column.default, ScalarElementColumnDefault)
    }
    every = (*names, *assumed)
    marks = ", ".join("?" * len(every))
    statement = f"INSERT INTO {target.name} ({', '.join(every)}) VALUES ({marks})"  # noqa: S608
    if replaces:
        keys, changed = _divided(model, names)
        changes = ", ".join(f"{name} = excluded.{name}" for name in changed)
        what = f"UPDATE SET {changes}" if changes else "NOTHING"
        statement += f" ON CONFLICT ({', '.join(keys)}) DO {what}"
    dates = (at for at, name in enumerate(names) if isinstance(target.c[name].type, Date))
    return statement, frozenset(dates), tuple(assumed.values())


def _divided(model: type[SQLModel], names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The columns of the primary key, and the others that are named."""
    keys = [column.name for column in table(model).primary_key]
    return keys, [name for name in names if name not in keys]


def among(connection: Connection, column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """``column IN values``; on SQLite as one value, since SQLAlchemy binds a long list slowly."""
    wanted = list(values)
    if connection.dialect.name != "sqlite":
        return cast("ColumnElement[bool]", column.in_(wanted))
    each = func.json_each(json.dumps(wanted)).table_valued("value")
    return cast("ColumnElement[bool]", column.in_(select(each.c.value)))


def chunks(values: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """Sorted pieces small enough for an ``IN`` list."""
    ordered = sorted(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
