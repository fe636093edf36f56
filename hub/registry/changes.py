"""The only writer of the registry: what differs is written and recorded."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, and_, select
from sqlmodel import SQLModel

from hub.db import insert_many, table, upsert
from hub.meta import registry_changed
from hub.registry.tables import CardBinding, CardBlock, Person, RegistryChange

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
"""Called with a table's name, rows done and rows in all."""

_HIDDEN = {("holder", "name"), ("holder", "phone"), ("person", "pin")}
_ON_THE_ROSTER: tuple[type[SQLModel], ...] = (CardBinding, CardBlock, Person)
_FEW = 20
_PART = 500


@dataclass(frozen=True)
class Who:
    """Who changes something, when, and why in their own words."""

    user: str
    role: str
    why: str
    at_ms: int


@dataclass(frozen=True)
class Changed:
    """How many rows are new, how many became different, and how many were so already."""

    new: int = 0
    different: int = 0
    same: int = 0

    def __add__(self, other: "Changed") -> "Changed":
        return Changed(
            self.new + other.new, self.different + other.different, self.same + other.same
        )


class Registrar:
    """Writes into one community within the caller's transaction."""

    def __init__(
        self, connection: Connection, community: str, who: Who, progress: Progress | None = None
    ) -> None:
        self.connection = connection
        self.community = community
        self.who = who
        self._progress = progress or (lambda _what, _done, _of: None)

    def put(self, model: type[SQLModel], rows: Sequence[Row]) -> Changed:
        """Rows without the community; a known key is brought up to date in the fields given.

        Rows that end something are written before rows that begin something, because a span may
        begin where another ends.
        """
        target = table(model)
        whole = [{"community": self.community} | row for row in rows]
        held = self._held(target, whole)
        key = _key_of(target)
        changed = [row for row in whole if _differs(row, held.get(key(row)))]
        changed.sort(key=lambda row: (key(row) not in held, sorted(row)))
        done = 0
        for part in _parts(changed):
            upsert(self.connection, model, part)
            self._record(target, part, held)
            done += len(part)
            self._progress(target.name, done, len(changed))
        if changed and model in _ON_THE_ROSTER:
            registry_changed(self.connection)
        new = sum(key(row) not in held for row in changed)
        return Changed(new, len(changed) - new, len(rows) - len(changed))

    def _held(self, target: Table, rows: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
        here = select(target).where(target.c.community == self.community)
        if len(rows) > _FEW:
            found = list(self.connection.execute(here).mappings())
        else:
            found = []
            for row in rows:
                mine = and_(*(column == row[column.name] for column in target.primary_key))
                found += self.connection.execute(here.where(mine)).mappings()
        key = _key_of(target)
        return {key(row): dict(row) for row in found}

    def _record(self, target: Table, rows: Sequence[Row], held: dict[tuple[Any, ...], Row]) -> None:
        about = {
            "community": self.community,
            "at_ms": self.who.at_ms,
            "user": self.who.user,
            "role": self.who.role,
            "why": self.who.why,
            "what": target.name,
        }
        key = _key_of(target)
        records = [
            about
            | {
                "key": "/".join(str(part) for part in key(row)[1:]),
                "fields": _difference(target, row, held.get(key(row), {})),
            }
            for row in rows
        ]
        insert_many(self.connection, RegistryChange, records)


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Neighbours with the same fields, a few hundred at a time."""
    for _, alike in groupby(rows, key=sorted):
        while part := list(islice(alike, _PART)):
            yield part


def _key_of(target: Table) -> Callable[[Any], tuple[Any, ...]]:
    """What names a row, the community first. A key of one column is no key of a community."""
    names = [column.name for column in target.primary_key]
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


def _differs(row: Row, held: Row | None) -> bool:
    return held is None or any(held[name] != value for name, value in row.items())


def _difference(target: Table, row: Row, held: Row) -> str:
    keys = {column.name for column in target.primary_key}
    changed = {
        name: "changed"
        if (target.name, name) in _HIDDEN
        else [_plain(held.get(name)), _plain(value)]
        for name, value in row.items()
        if held.get(name) != value and name not in keys
    }
    return json.dumps(changed, ensure_ascii=False)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
