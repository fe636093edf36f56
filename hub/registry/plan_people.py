"""People of an import, against those that are registered."""

from collections import defaultdict

from hub.registry import tables
from hub.registry.changes import Row
from hub.registry.pins import hash_pin, pin_matches
from hub.registry.planned import Ground, home_of, twice
from hub.registry.reading import Line
from hub.registry.rows import PersonRow
from wire.day import business_day


def plan_people(ground: Ground) -> None:
    """Nobody has another's number or card."""
    lines, made = ground.read.lines["people"], ground.made
    held = {row["person_id"]: row for row in ground.registered(tables.Person)}
    made.problems += twice(lines, "person", lambda row: row.person)
    rows = {line.row.person: (line, _person(line, held, ground)) for line in lines}
    after = held | {person: row for person, (_, row) in rows.items()}
    for column in ("number", "card"):
        holders: dict[str, list[str]] = defaultdict(list)
        for person, row in after.items():
            if row[column] is not None:
                holders[row[column]].append(person)
        made.problems += [
            line.problem(column, f"is {_first_other(holders[row[column]], person)}'s already")
            for person, (line, row) in rows.items()
            if row[column] is not None and len(holders[row[column]]) > 1
        ]
    made.rows.append((tables.Person, [row for _, row in rows.values()]))


def _first_other(people: list[str], person: str) -> str:
    return next(other for other in people if other != person)


def _person(line: Line, held: dict[str, Row], ground: Ground) -> Row:
    row: PersonRow = line.row
    before = held.get(row.person, {})
    home = home_of(line, business_day(ground.now_ms), ground) if row.placed else None
    return {
        "person_id": row.person,
        "number": row.number,
        "role": row.role,
        "card": row.card if "card" in line.given else before.get("card"),
        "pin": _pin(row.pin, before.get("pin")),
        "household_id": home,
    }


def _pin(pin: str | None, held: str | None) -> str | None:
    """The same PIN keeps its hash, so that importing again changes no roster."""
    if pin is None or (held is not None and pin_matches(pin, held)):
        return held
    return hash_pin(pin)
