"""What an import is going to write, and what stands against it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, tuple_
from sqlmodel import SQLModel

from hub.db import table
from hub.registry.changes import Row
from hub.registry.homes import Homes
from hub.registry.reading import Line, Read
from hub.registry.rows import Placed
from hub.registry.tables import Household

FEW = 20


@dataclass
class Plan:
    """Rows to write, in the order of writing, and what is wrong."""

    rows: list[tuple[type[SQLModel], list[Row]]] = field(default_factory=list)
    holders: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Ground:
    """What the parts of a plan are made over, and where they put what they make."""

    connection: Connection
    community: str
    read: Read
    homes: Homes
    now_ms: int
    max_cards: int | None
    made: Plan = field(default_factory=Plan)

    @property
    def few(self) -> bool:
        """Whether it pays to ask for the rows that matter only."""
        return sum(map(len, self.read.lines.values())) <= FEW

    def registered(self, model: type[SQLModel], *only: ColumnElement[bool]) -> list[Row]:
        """Rows of a table, without the community; all of them unless there are few lines."""
        target = table(model)
        here = select(target).where(target.c.community == self.community)
        found = self.connection.execute(here.where(*only) if self.few else here).mappings()
        return [{k: v for k, v in row.items() if k != "community"} for row in found]


def twice(lines: Iterable[Line], column: str, key: Callable[[Any], object]) -> list[str]:
    """A problem for every row whose key stood on an earlier line."""
    seen: dict[object, int] = {}
    problems = []
    for line in lines:
        value = key(line.row)
        if value in seen:
            problems.append(line.problem(column, f"stands on line {seen[value]} already"))
        seen.setdefault(value, line.no)
    return problems


def same_doors(read: Read) -> ColumnElement[bool]:
    """Households of every door that a row names, itself or in a household's number."""
    doors: set[tuple[str, ...]] = set()
    for line in (line for lines in read.lines.values() for line in lines):
        if isinstance(line.row, Placed):
            named = (line.row.household, getattr(line.row, "successor_of", None))
            doors |= {tuple(number.split("-")[:3]) for number in named if number}
            doors |= {line.row.place} if line.row.place else set()
    h = table(Household).c
    return tuple_(h.building, h.unit, h.room).in_(doors)


def home_of(line: Line, day: date, ground: Ground) -> str | None:
    """The household a row names; a problem and None when there is no such one."""
    row: Placed = line.row
    door = "-".join(row.place) if row.place else ""
    household = row.household or (ground.homes.at(row.place, day) if row.place else None)
    if household is None or not ground.homes.known(household):
        ground.made.problems.append(line.problem("room", f"no household {row.household or door}"))
        return None
    return household
