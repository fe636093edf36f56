"""Lists as they can be imported again; no PIN leaves the store."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, select
from sqlmodel import Session

from hub.contacts.tables import Contact
from hub.db import table
from hub.registry import tables
from hub.registry.columns import LISTS
from hub.registry.sheets import write_csv, write_xlsx
from wire.day import local_time

_home, _holder, _binding = (
    table(tables.Household), table(tables.Holder), table(tables.CardBinding),
)  # fmt: skip
_block, _person = table(tables.CardBlock), table(tables.Person)
_WORDS = {
    "residence": "住宅", "shop": "商户", "volunteer": "志愿者", "officer": "工作人员",
    "technician": "技术员", "hazardous": "有害垃圾", "recyclable": "可回收物",
    "kitchen": "厨余垃圾", "other": "其他垃圾", "committee": "社区", "property": "物业",
}  # fmt: skip
_SPOKEN = ("kind", "role", "category", "body")
Row = dict[str, Any]


def exported(session: Session, community: str, kind: str, *, xlsx: bool) -> tuple[int, bytes]:
    """The number of rows, and the file."""
    one = LISTS[kind]
    rows = [
        [_text(name, row.get(name)) for name in one.exported]
        for row in _rows(session, community, kind)
    ]
    headings = [one.columns[name][0] for name in one.exported]
    content = write_xlsx([(one.title, headings, rows)]) if xlsx else write_csv(headings, rows)
    return len(rows), content


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return _WORDS.get(value, str(value)) if name in _SPOKEN else str(value)


def _rows(session: Session, community: str, kind: str) -> Iterable[Row]:
    found = session.execute(_SELECTS[kind](community)).mappings()
    return (_shaped(dict(row)) for row in found)


def _shaped(row: Row) -> Row:
    """Columns of a table as columns of a list."""
    for column, name in (("from_ms", "from"), ("to_ms", "to"), ("until_ms", "until")):
        if row.get(column) is not None:
            row[name] = local_time(row[column]).isoformat(timespec="milliseconds")
    row["household"] = row.get("household_id")
    row["person"] = row.get("person_id")
    return row | {"pin": None}


def _households(community: str) -> Select[Any]:
    h, o = _home.c, _holder.c
    mine = and_(o.community == h.community, o.household_id == h.household_id)
    return (
        select(_home, o.name, o.phone)
        .select_from(_home.outerjoin(_holder, mine))
        .where(h.community == community)
        .order_by(h.building, h.unit, h.room, h.from_day)
    )


def _cards(community: str) -> Select[Any]:
    b, h = _binding.c, _home.c
    mine = and_(b.community == h.community, b.household_id == h.household_id)
    return (
        select(_binding, h.building, h.unit, h.room)
        .select_from(_binding.outerjoin(_home, mine))
        .where(b.community == community)
        .order_by(b.card, b.from_ms)
    )


def _people(community: str) -> Select[Any]:
    p, h = _person.c, _home.c
    mine = and_(p.community == h.community, p.household_id == h.household_id)
    return (
        select(_person, h.building, h.unit, h.room)
        .select_from(_person.outerjoin(_home, mine))
        .where(p.community == community)
        .order_by(p.person_id)
    )


def _plain(model: Any) -> Callable[[str], Select[Any]]:
    target = table(model)
    return lambda community: (
        select(target).where(target.c.community == community).order_by(*target.primary_key)
    )


_SELECTS: dict[str, Callable[[str], Select[Any]]] = {
    "community": _plain(tables.Community),
    "grids": _plain(tables.Grid),
    "buildings": _plain(tables.Building),
    "points": _plain(tables.CollectionPoint),
    "bins": _plain(tables.Bin),
    "households": _households,
    "cards": _cards,
    "blocks": _plain(tables.CardBlock),
    "people": _people,
    "contacts": _plain(Contact),
}
