"""Names of holders, and the initials they are found by."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select

from hub.db import chunks, table
from hub.registry.changes import Changed, Registrar, Row
from hub.registry.initials import initials_of
from hub.registry.tables import Holder, NameInitials


def put_holders(registrar: Registrar, rows: Sequence[Row]) -> Changed:
    """Names and phones; a row has ``household_id`` and one or both of them."""
    if not rows:
        return Changed()
    held = _held(registrar, rows)
    empty: Row = {"name": None, "phone": None}
    whole = [empty | held.get(row["household_id"], empty) | row for row in rows]
    changed = [row for row in whole if row["name"] != held.get(row["household_id"], {}).get("name")]
    done = registrar.put(Holder, [row for row in whole if row["household_id"] in held or _any(row)])
    _index(registrar, changed)
    return done


def _name(held: Row | None) -> str | None:
    return held["name"] if held else None


def _any(row: Row) -> bool:
    return row["name"] is not None or row["phone"] is not None


def _held(registrar: Registrar, rows: Sequence[Row]) -> dict[str, Row]:
    c = table(Holder).c
    here = select(c.household_id, c.name, c.phone).where(c.community == registrar.community)
    found = [
        row
        for part in chunks(row["household_id"] for row in rows)
        for row in registrar.connection.execute(here.where(c.household_id.in_(part)))
    ]
    return {
        row.household_id: {"household_id": row.household_id, "name": row.name, "phone": row.phone}
        for row in found
    }


def _index(registrar: Registrar, changed: Iterable[Row]) -> None:
    rows = list(changed)
    index = table(NameInitials)
    for part in chunks({row["household_id"] for row in rows}):
        registrar.connection.execute(
            delete(index).where(
                index.c.community == registrar.community, index.c.household_id.in_(part)
            )
        )
    named = [row for row in rows if row["name"]]
    readings = initials_of([row["name"] for row in named])
    fresh = [
        {
            "community": registrar.community,
            "initials": initials,
            "household_id": row["household_id"],
        }
        for row, some in zip(named, readings, strict=True)
        for initials in some
    ]
    if fresh:
        registrar.connection.execute(insert(index), fresh)
