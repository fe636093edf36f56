"""Thousands of rows at once, as tuples in the order of a table's columns.

SQLAlchemy's own executemany takes a dict a row; on SQLite, making and walking those dicts (and the
garbage collector walking them) costs several times the insert itself.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, insert
from sqlmodel import Session, SQLModel

from hub.db import table

Row = tuple[Any, ...]


def insert_rows(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert rows that have a value for every column, in the table's order."""
    if not rows:
        return
    target, connection = table(model), session.connection()
    names = [column.name for column in target.columns]
    if connection.dialect.name != "sqlite":
        connection.execute(insert(target), [dict(zip(names, row, strict=True)) for row in rows])
        return
    for place, column in enumerate(target.columns):
        if isinstance(column.type, Date):
            rows = [(*row[:place], row[place].isoformat(), *row[place + 1 :]) for row in rows]
    statement = str(insert(target).compile(dialect=connection.dialect))
    connection.exec_driver_sql(statement, list(rows))
