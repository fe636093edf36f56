"""Households, cards and people from CSV files: every error at once, nothing half imported."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, bindparam, select, update

from hub.db import table, upsert
from hub.meta import registry_changed
from hub.registry.pins import hash_pin, pin_matches
from hub.registry.read_csv import Line, read_csv
from hub.registry.rows import CardRow, HouseholdRow, PersonRow
from hub.registry.tables import CardBinding, Household, Person
from wire.day import utc_ms

RowModel = TypeVar("RowModel", bound=BaseModel)


@dataclass
class Files:
    """The checked rows of the three files, and what is wrong with them."""

    households: list[Line[HouseholdRow]] = field(default_factory=list)
    cards: list[Line[CardRow]] = field(default_factory=list)
    people: list[Line[PersonRow]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, households: Path | None, cards: Path | None, people: Path | None) -> "Files":
        """Any of the files may be left out."""
        files = cls()
        files.households = files._take(households, HouseholdRow)
        files.cards = files._take(cards, CardRow)
        files.people = files._take(people, PersonRow)
        return files

    def _take(self, path: Path | None, model: type[RowModel]) -> list[Line[RowModel]]:
        if path is None:
            return []
        lines, problems = read_csv(path, model)
        self.problems += problems
        return lines

    @property
    def counts(self) -> str:
        """What was read, for a person."""
        return (
            f"{len(self.households)} households, {len(self.cards)} cards, {len(self.people)} people"
        )


def problems_against(connection: Connection, community: str, files: Files) -> list[str]:
    """What is wrong with the files, alone, among each other, and against what is registered."""
    h, b = table(Household).c, table(CardBinding).c
    homes = set(
        connection.execute(select(h.household_id).where(h.community == community)).scalars()
    )
    homes |= {line.row.household for line in files.households}
    bound = {
        (row.card, row.from_ms): row.household_id
        for row in connection.execute(
            select(b.card, b.from_ms, b.household_id).where(b.community == community)
        )
    }
    problems = list(files.problems)
    problems += _twice(files.households, "building", lambda row: row.household)
    problems += _twice(files.cards, "card", lambda row: (row.card, row.from_))
    problems += _twice(files.people, "person", lambda row: row.person)
    problems += _twice(files.people, "number", lambda row: row.number)
    for card in files.cards:
        if card.row.household not in homes:
            problems.append(card.problem("room", f"no household {card.row.household}"))
        held = bound.get((card.row.card, utc_ms(card.row.from_)), card.row.household)
        if held != card.row.household:
            problems.append(card.problem("card", f"bound to {held} from the same moment"))
    problems += [
        person.problem("room", f"no household {person.row.household}")
        for person in files.people
        if person.row.household is not None and person.row.household not in homes
    ]
    return problems


def _twice(lines: Iterable[Line[Any]], column: str, key: Any) -> list[str]:
    seen: dict[object, int] = {}
    problems = []
    for line in lines:
        value = key(line.row)
        if value in seen:
            problems.append(line.problem(column, f"stands on line {seen[value]} already"))
        seen.setdefault(value, line.no)
    return problems


def apply(connection: Connection, community: str, files: Files) -> None:
    """Write checked files; rows that are there already are brought up to date."""
    upsert(
        connection,
        Household,
        [
            {"community": community, "household_id": line.row.household}
            | line.row.model_dump(include={"building", "unit", "room", "kind", "from_day"})
            for line in files.households
        ],
    )
    _bind(connection, community, [line.row for line in files.cards])
    _people(connection, community, [line.row for line in files.people])
    registry_changed(connection)


def _bind(connection: Connection, community: str, cards: list[CardRow]) -> None:
    """A later binding of a card ends its open one."""
    rows = [
        {
            "community": community,
            "card": row.card,
            "from_ms": utc_ms(row.from_),
            "household_id": row.household,
            "serial": row.serial,
        }
        for row in cards
    ]
    upsert(connection, CardBinding, rows)
    _close(connection, community, {row.card for row in cards})


def _close(connection: Connection, community: str, cards: set[str]) -> None:
    b = table(CardBinding)
    later: dict[str, int] = {}
    ends = []
    for row in connection.execute(
        select(b.c.card, b.c.from_ms, b.c.to_ms)
        .where(b.c.community == community)
        .order_by(b.c.card, b.c.from_ms.desc())
    ):
        if row.card in cards and row.card in later and row.to_ms is None:
            ends.append({"of": row.card, "since": row.from_ms, "end": later[row.card]})
        later[row.card] = row.from_ms
    if ends:
        mine = (b.c.community == community) & (b.c.card == bindparam("of"))
        change = update(b).where(mine, b.c.from_ms == bindparam("since"))
        connection.execute(change.values(to_ms=bindparam("end")), ends)


def _people(connection: Connection, community: str, people: list[PersonRow]) -> None:
    p = table(Person).c
    pins = {
        row.person_id: row.pin
        for row in connection.execute(select(p.person_id, p.pin).where(p.community == community))
    }
    rows = [
        {
            "community": community,
            "person_id": row.person,
            "number": row.number,
            "role": row.role,
            "card": row.card,
            "pin": _pin(row.pin, pins.get(row.person)),
            "household_id": row.household,
        }
        for row in people
    ]
    upsert(connection, Person, rows)


def _pin(pin: str | None, held: str | None) -> str | None:
    """The same PIN keeps its hash, so that importing again changes no roster."""
    if pin is None or (held is not None and pin_matches(pin, held)):
        return held
    return hash_pin(pin)
