"""Lists from files into the registry: every problem at once, nothing half imported."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, SQLModel

from hub.contacts.planning import plan_contacts
from hub.registry import tables
from hub.registry.changes import Changed, Progress, Registrar, Who
from hub.registry.homes import Homes, Row
from hub.registry.names import put_holders
from hub.registry.plan_cards import plan_blocks, plan_cards
from hub.registry.plan_people import plan_people
from hub.registry.planned import Ground, Plan, same_doors, twice
from hub.registry.reading import Line, Read
from hub.rewards.policy import in_force
from wire.day import business_day

_PLAIN: dict[str, tuple[type[SQLModel], tuple[str, ...]]] = {
    "community": (tables.Community, ()),
    "grids": (tables.Grid, ("grid",)),
    "buildings": (tables.Building, ("building",)),
    "points": (tables.CollectionPoint, ("point",)),
    "bins": (tables.Bin, ("point", "bin")),
}
"""Lists whose rows are rows of a table as they stand, and what names a row."""
_PARTS = (
    ("cards", plan_cards), ("blocks", plan_blocks), ("people", plan_people),
    ("contacts", plan_contacts),
)  # fmt: skip


@dataclass(frozen=True)
class Imported:
    """What came of some files; with any problem nothing was written."""

    problems: list[str]
    rows: dict[str, int]
    changed: Changed

    @property
    def told(self) -> str:
        """For a person."""
        counts = ", ".join(f"{count} {name}" for name, count in self.rows.items())
        new, different, same = self.changed.new, self.changed.different, self.changed.same
        return f"{counts or 'no rows'} (rows: {new} new, {different} changed, {same} as before)"


def import_read(
    session: Session,
    community: str,
    read: Read,
    who: Who,
    *,
    dry_run: bool,
    progress: Progress | None = None,
) -> Imported:
    """Within the caller's transaction; a dry run writes and undoes, so that it tells the same."""
    policy = in_force(session, community, business_day(who.at_ms))
    connection = session.connection()
    made = plan(
        connection,
        community,
        read,
        max_cards=policy.max_cards if policy else None,
        now_ms=who.at_ms,
    )
    changed = Changed()
    if not made.problems:
        registrar = Registrar(connection, community, who, progress)
        with connection.begin_nested() as point:
            changed = apply(registrar, made)
            if dry_run:
                point.rollback()
    rows = {name: len(lines) for name, lines in read.lines.items() if lines}
    return Imported(made.problems, rows, changed)


def plan(
    connection: Connection, community: str, read: Read, *, max_cards: int | None, now_ms: int
) -> Plan:
    """What the files make of what is registered; writes nothing."""
    ground = Ground(connection, community, read, Homes({}), now_ms, max_cards)
    made = ground.made
    made.problems += read.problems
    for name, (model, keys) in _PLAIN.items():
        lines = read.lines[name]
        made.problems += twice(lines, keys[-1] if keys else "name", _names(keys))
        made.rows.append((model, [line.row.model_dump(include=line.given) for line in lines]))
    if any(read.lines[name] for name in ("households", "cards", "people")):
        known = {
            row["household_id"]: row
            for row in ground.registered(tables.Household, same_doors(read))
        }
        ground.homes = Homes(known)
    homes = ground.homes
    homes.take(read.lines["households"])
    made.problems += homes.problems
    made.rows += _places(homes)
    made.holders = _holders(read.lines["households"], homes)
    for name, part in _PARTS:
        if read.lines[name]:
            part(ground)
    return made


def apply(registrar: Registrar, made: Plan) -> Changed:
    """Write a plan without problems; rows that are so already are left alone."""
    done = Changed()
    for model, rows in made.rows:
        if rows:
            done += registrar.put(model, rows)
    return done + put_holders(registrar, made.holders)


def _names(keys: tuple[str, ...]) -> Callable[[Any], object]:
    return lambda row: tuple(getattr(row, key) for key in keys)


def _places(homes: Homes) -> list[tuple[type[SQLModel], list[Row]]]:
    """Buildings and units follow from doors; a building keeps its grid."""
    rows = homes.written.values()
    buildings = [{"building": name} for name in sorted({row["building"] for row in rows})]
    units = sorted({(row["building"], row["unit"]) for row in rows})
    unit_rows = [{"building": building, "unit": unit} for building, unit in units]
    return [
        (tables.Building, buildings),
        (tables.BuildingUnit, unit_rows),
        (tables.Household, list(rows)),
    ]


def _holders(lines: list[Line], homes: Homes) -> list[Row]:
    by_line = {id(line): household for household, line in homes.lines.items()}
    return [
        {"household_id": by_line[id(line)]}
        | {name: getattr(line.row, name) for name in ("name", "phone") if name in line.given}
        for line in lines
        if id(line) in by_line and {"name", "phone"} & line.given
    ]
