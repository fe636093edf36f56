"""Households found by a part of a door, by a card's serial, or by the initials of a name."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from hub.db import table
from hub.registry import tables
from hub.registry.initials import asked
from hub.registry.tidy import door_parts
from hub.web.problem import ProblemError

_home, _holder = table(tables.Household), table(tables.Holder)
_binding, _index = table(tables.CardBinding), table(tables.NameInitials)


class Wanted(NamedTuple):
    """What a household must have in common with the question; None = anything."""

    door: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    serial: str | None = None
    initials: str | None = None
    on: date | None = None


def households(community: str, wanted: Wanted) -> Select[Any]:
    """Households with their holders' names, in the order of their numbers."""
    h, o = _home.c, _holder.c
    mine = and_(o.community == h.community, o.household_id == h.household_id)
    found = select(_home, o.name).select_from(_home.outerjoin(_holder, mine))
    return found.where(h.community == community, *_conditions(community, wanted)).order_by(
        h.household_id
    )


def _conditions(community: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    h = _home.c
    found = [
        h[name] == value
        for name, value in wanted._asdict().items()
        if name in {"building", "unit", "room"} and value is not None
    ]
    if wanted.door is not None:
        found += _beginning(wanted.door)
    if wanted.serial is not None:
        b = _binding.c
        holds = select(b.household_id).where(b.community == community, b.serial == wanted.serial)
        found.append(h.household_id.in_(holds))
    if wanted.initials is not None:
        i = _index.c
        named = select(i.household_id).where(
            i.community == community, i.initials == asked(wanted.initials)
        )
        found.append(h.household_id.in_(named))
    if wanted.on is not None:
        found += [h.from_day <= wanted.on, or_(h.to_day.is_(None), h.to_day > wanted.on)]
    return found


def _beginning(door: str) -> list[ColumnElement[bool]]:
    """All parts but the last as they stand, the last by its beginning: 11-1-1 finds 11-1-102."""
    parts = door_parts(door)
    if len(parts) > 3:
        detail = f"query.door: has {len(parts)} parts; expected at most building, unit and room"
        raise ProblemError(422, "bad-request", detail)
    columns = [_home.c.building, _home.c.unit, _home.c.room]
    *whole, last = zip(columns, parts, strict=False)
    found = [column == part for column, part in whole]
    if last[1]:
        found.append(last[0].startswith(last[1], autoescape=True))
    return found


def masked(name: str | None) -> str | None:
    """The first character, and stars for the others."""
    return name and name[0] + "*" * (len(name) - 1)
