"""Thousands of rows at once, as tuples in the order of the columns.

SQLAlchemy's own executemany takes a dict a row; on SQLite, making and walking those dicts (and the
garbage collector walking them) costs several times the insert itself.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import Boolean, Connection, Date, Select, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from hub.db import table

Row = tuple[Any, ...]
AT_ONCE = 100
"""Rows a statement: with 15 columns far below the 32,766 values that SQLite takes."""
_SQLITE: dict[type, Any] = {Date: cache(date.isoformat), Boolean: int}
"""What its driver would adapt value by value, in four times the time."""


def read_rows(session: Session, statement: Select[Any]) -> list[Row]:
    """Every row as the driver has it: on SQLite a boolean is 0 or 1, and a date would be a text."""
    with session.connection().execute(statement) as result:
        return list(cast("Any", result.cursor).fetchall())


def insert_rows(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert rows that have a value for every column, in the table's order."""
    if not rows:
        return
    target, connection = table(model), session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, target, rows)
        return
    columns = (
        [_SQLITE[type(column.type)](value) for value in values]
        if type(column.type) in _SQLITE
        else values
        for column, values in zip(target.columns, zip(*rows, strict=True), strict=True)
    )
    _by_the_hundred(connection, target, list(zip(*columns, strict=True)))


def _by_the_hundred(connection: Connection, target: Table, rows: Sequence[Row]) -> None:
    """A statement for so many rows takes half the time of one for each: it is begun once."""
    single = str(insert(target).compile(dialect=connection.dialect))
    one = single.partition(" VALUES ")[2]
    whole = len(rows) - len(rows) % AT_ONCE
    if whole:
        parts = (rows[place : place + AT_ONCE] for place in range(0, whole, AT_ONCE))
        together = [tuple(chain.from_iterable(part)) for part in parts]
        connection.exec_driver_sql(single + f", {one}" * (AT_ONCE - 1), together)
    if whole < len(rows):
        connection.exec_driver_sql(single, rows[whole:])


def _copy(connection: Connection, target: Table, rows: Sequence[Row]) -> None:
    """One statement: its triggers look once, and nothing waits for each row."""
    dialect = connection.dialect
    names = ", ".join(map(dialect.identifier_preparer.format_column, target.columns))
    statement = f"COPY {target.name} ({names}) FROM STDIN"
    dbapi, cursor = dialect.loaded_dbapi, cast("Any", connection.connection.cursor())
    try:
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except dbapi.Error as error:  # the driver's own, which nobody above would know
        raise DBAPIError.instance(statement, None, error, dbapi.Error, dialect=dialect) from error
