"""Households of an import: which row is whom, and whether a door has two at a time. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hub.registry.reading import Line
from hub.registry.rows import HouseholdRow

Row = dict[str, Any]
Place = tuple[str, str, str]
FOREVER = date.max


def place_of(row: Mapping[str, Any]) -> Place:
    """The door of a household's row."""
    return row["building"], row["unit"], row["room"]


def meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two half-open spans of days have a day in common."""
    begin = max(one["from_day"], other["from_day"])
    return bool(begin < min(one["to_day"] or FOREVER, other["to_day"] or FOREVER))


@dataclass
class Homes:
    """Registered households and those of the files, by number and by door."""

    registered: Mapping[str, Row]
    by_door: dict[Place, list[Row]] = field(default_factory=lambda: defaultdict(list))
    written: dict[str, Row] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for row in self.registered.values():
            self.by_door[place_of(row)].append(row)

    def take(self, lines: Iterable[Line]) -> None:
        """Rows of the files, then what is wrong among all of them."""
        for line in lines:
            household = self._number(line.row)
            if household in self.lines:
                first = self.lines[household]
                what = f"{household} stands on line {first.no} already"
                self.problems.append(line.problem("building", what))
                continue
            self._write(household, line)
        for household, line in self.lines.items():
            self._check(household, line)

    def _number(self, row: HouseholdRow) -> str:
        if row.household:
            return row.household
        if row.place is None:  # a checked row has a door
            return ""
        here = self.by_door[row.place]
        for other in here:
            if other["from_day"] == row.from_day:
                return str(other["household_id"])
        plain = "-".join(row.place)
        taken = {other["household_id"] for other in here} | set(self.registered)
        numbers = (plain if no == 1 else f"{plain}-{no}" for no in range(1, len(taken) + 2))
        return next(number for number in numbers if number not in taken)

    def _write(self, household: str, line: Line) -> None:
        row: HouseholdRow = line.row
        held = self.registered.get(household, {})
        if row.place is None:
            return
        building, unit, room = row.place
        fresh: Row = {
            "household_id": household,
            "building": building,
            "unit": unit,
            "room": room,
            "kind": row.kind,
            "from_day": row.from_day,
            "to_day": row.to_day if "to_day" in line.given else held.get("to_day"),
            "successor_of": row.successor_of
            if "successor_of" in line.given
            else held.get("successor_of"),
        }
        if held:
            self.by_door[place_of(held)].remove(held)
        self.by_door[row.place].append(fresh)
        self.written[household] = fresh
        self.lines[household] = line

    def _check(self, household: str, line: Line) -> None:
        row = self.written[household]
        if household.split("-")[:3] != list(place_of(row)):
            what = f"{household} is not a number of door {'-'.join(place_of(row))}"
            self.problems.append(line.problem("household", what))
        before = row["successor_of"]
        if before is not None and (before == household or not self.known(before)):
            self.problems.append(line.problem("successor_of", f"no other household {before}"))
        for other in self.by_door[place_of(row)]:
            if other["household_id"] != household and meet(row, other):
                self.problems.append(line.problem("from_day", _both(other)))
                return

    def known(self, household: str) -> bool:
        """Registered, or to be."""
        return household in self.registered or household in self.written

    def at(self, place: Place, day: date) -> str | None:
        """The household of a door on a day; else the door's nearest one."""
        here = self.by_door.get(place, [])
        if not here:
            return None
        begun = [row for row in here if row["from_day"] <= day]
        nearest = max(begun, key=_begin) if begun else min(here, key=_begin)
        return str(nearest["household_id"])


def _begin(row: Row) -> date:
    begin: date = row["from_day"]
    return begin


def _both(other: Row) -> str:
    until = other["to_day"] or "open"
    return (
        f"the door is household {other['household_id']}'s from {other['from_day']} to {until}; "
        "end that one first, or give its number to correct it"
    )
