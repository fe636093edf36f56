"""Queues of matters and search in them, by indexes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlmodel import Session

from hub.db import table
from hub.matters.model import State
from hub.matters.search import asked as grams_asked
from hub.matters.store import next_number
from hub.matters.tables import MatterGram, MatterReporter, MatterRow
from hub.web.keyset import decode_place, encode_place
from wire.base import Cursor

Queue = Literal[
    "all", "open", "mine", "unclear", "watch", "call_back", "to_confer", "to_verify", "due"
]  # fmt: skip
_m, _g, _r = table(MatterRow).c, table(MatterGram).c, table(MatterReporter).c
Row = dict[str, Any]
_COMMON = 1000
"""Of pairs with more matters than this, those of the newest ones are counted."""
_LATELY = 2000
_BY_STATE = {
    "unclear": State.UNCLEAR, "call_back": State.TO_CALL_BACK, "to_confer": State.TO_CONFER,
    "to_verify": State.TO_VERIFY,
}  # fmt: skip

_SAID_OTHERWISE = {"all", "watch", *_BY_STATE}


@dataclass(frozen=True)
class Asked:
    """What a list is asked for; None = anything. ``person`` and ``body`` lead it or help."""

    queue: Queue = "open"
    now_ms: int = 0
    person: str | None = None
    body: str | None = None
    state: str | None = None
    kind: str | None = None
    household: str | None = None
    text: str | None = None
    after: str | None = None
    limit: int = 20


def listed(session: Session, community: str, asked: Asked) -> tuple[list[Row], str | None]:
    """Rows of the projection, and the place behind them if there are more."""
    order = _order(asked)
    if asked.text:
        rows = _searched(session, community, asked)
    else:
        rows = _rows(session, _in_order(community, asked, order))
    if len(rows) <= asked.limit:
        return rows, None
    rows = rows[: asked.limit]
    last = rows[-1]
    if order == "newest":
        return rows, encode_place(last["matter"])
    return rows, encode_place(last[_ORDERS[order].name], last["matter"])


def rows_of(session: Session, community: str, numbers: Sequence[int]) -> dict[int, Row]:
    """Rows of the projection by number; a few hundred at most."""
    found = _rows(session, _here(community, _m.matter.in_(numbers)))
    return {row["matter"]: row for row in found}


def _here(community: str, *wanted: ColumnElement[bool]) -> Select[Any]:
    return select(table(MatterRow)).where(_m.community == community, *wanted)


def _rows(session: Session, found: Select[Any]) -> list[Row]:
    return [dict(row._mapping) for row in session.execute(found)]  # noqa: SLF001


Order = Literal["next", "check", "newest"]
_EITHER = {"person": (_m.owner, _m.helper), "body": (_m.lead, _m.co)}
_ORDERS = {"next": _m.next_ms, "check": _m.next_check, "newest": _m.matter}


def _order(asked: Asked) -> Order:
    if asked.text or asked.household or asked.queue in {"all", *_BY_STATE}:
        return "newest"
    return "check" if asked.queue == "watch" else "next"


def _in_order(community: str, asked: Asked, order: Order) -> Select[Any]:
    whose, fewest = _whose(asked), asked.limit + 1
    if order != "next" or not whose:
        here = _here(community, *_conditions(asked, community))
        return _behind(here, order, asked.after).limit(fewest)
    # Each way in which a matter can be somebody's has its index, and is read along it alone.
    others, parts = _others(asked, community), []
    for way in product(*whose):
        found = select(_m.next_ms, _m.matter).where(_m.community == community, *others, *way)
        parts.append(select(_behind(found, order, asked.after).limit(fewest).subquery()))
    first = union_all(*parts).order_by("next_ms", "matter").limit(fewest).subquery()
    here = _here(community, _m.matter.in_(select(first.c.matter)))
    return here.order_by(_m.next_ms, _m.matter)


def _conditions(asked: Asked, community: str) -> list[ColumnElement[bool]]:
    return [*_others(asked, community), *(or_(*either) for either in _whose(asked))]


def _whose(asked: Asked) -> list[tuple[ColumnElement[bool], ColumnElement[bool]]]:
    """For a person and for a side: leads it, or only helps."""
    return [
        (leads == value, and_(helps == value, leads.is_distinct_from(value)))
        for name, (leads, helps) in _EITHER.items()
        if (value := getattr(asked, name)) is not None
    ]


def _others(asked: Asked, community: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.queue in _BY_STATE:
        found.append(_m.state == _BY_STATE[asked.queue].value)
    elif asked.queue == "watch":
        found.append(_m.watched.is_(True))
    # What is watched is open, which gives a search an index in the order of the matters.
    if asked.queue not in _SAID_OTHERWISE or (asked.queue == "watch" and asked.text):
        found.append(_m.open.is_(True))
    if asked.queue == "due":
        found.append(_m.warn_ms <= asked.now_ms)
    same = {"state": _m.state, "kind": _m.kind}
    found += [column == value for name, column in same.items() if (value := getattr(asked, name))]
    if asked.household:
        # As a list and not by EXISTS: SQLite would look at every matter of the store.
        reported = _r.community == community, _r.household_id == asked.household
        found.append(_m.matter.in_(select(_r.matter).where(*reported)))
    return found


def _searched(session: Session, community: str, asked: Asked) -> list[Row]:
    """Matters with every pair of characters of the text, newest first."""
    grams = grams_asked(str(asked.text))
    counted = _counted(session, community, grams, 0) if grams else {}
    if not counted or not min(counted.values()):
        return []
    by_count = sorted(grams, key=lambda gram: counted[gram])
    common = min(counted.values()) == _COMMON
    if common and asked.queue != "all":
        has = [_has(community, gram, _m.matter) for gram in by_count]
        found = _here(community, *_conditions(asked, community), *has)
        return _rows(session, _behind(found, "newest", asked.after).limit(asked.limit + 1))
    if common:
        lately = next_number(session, community) - _LATELY
        counted = _counted(session, community, grams, lately)
        by_count.sort(key=lambda gram: counted[gram])
    return _by_gram(session, community, asked, by_count)


def _by_gram(session: Session, community: str, asked: Asked, grams: Sequence[str]) -> list[Row]:
    """Along the first pair, which stands in the order of the matters: no more of them are read."""
    rarest, *others = grams
    found = select(_g.matter).where(_g.community == community, _g.gram == rarest)
    found = found.where(*(_has(community, gram, _g.matter) for gram in others))
    if wanted := _conditions(asked, community):
        of_matter = _m.community == community, _m.matter == _g.matter, *wanted
        found = found.where(exists().where(*of_matter))
    place = decode_place(asked.after, tuple[Cursor])
    if place is not None:
        found = found.where(_g.matter < place[0])
    numbers = session.scalars(found.order_by(_g.matter.desc()).limit(asked.limit + 1)).all()
    known = rows_of(session, community, numbers)
    return [known[number] for number in numbers]


def _has(community: str, gram: str, matter: ColumnElement[Any]) -> ColumnElement[bool]:
    one = table(MatterGram).alias().c
    return exists().where(one.community == community, one.gram == gram, one.matter == matter)


def _counted(session: Session, community: str, grams: Sequence[str], after: int) -> dict[str, int]:
    """Of matters behind a number; up to _COMMON of all, every one of the newest."""
    each = []
    for gram in grams:
        some = select(_g.matter).where(
            _g.community == community, _g.gram == gram, _g.matter > after
        )
        some = some if after > 0 else some.limit(_COMMON)
        each.append(select(func.count()).select_from(some.subquery()).scalar_subquery())
    return dict(zip(grams, session.execute(select(*each)).one(), strict=True))


def _behind(found: Select[Any], order: Order, after: str | None) -> Select[Any]:
    if order == "newest":
        place = decode_place(after, tuple[Cursor])
        if place is not None:
            found = found.where(_m.matter < place[0])
        return found.order_by(_m.matter.desc())
    by = _ORDERS[order]
    kind = tuple[Cursor, Cursor] if order == "next" else tuple[str, Cursor]
    last = decode_place(after, kind)
    if last is not None:
        found = found.where(tuple_(by, _m.matter) > last)
    return found.order_by(by, _m.matter)


def counts(session: Session, community: str, body: str | None, now_ms: int) -> dict[str, int]:
    """What stands in a desk's header; every open matter is looked at, once."""
    wanted = {
        "open": true(),
        "overdue": _m.next_ms <= now_ms,
        "due_soon": and_(_m.warn_ms <= now_ms, _m.next_ms > now_ms),
        "unclear": _m.state == State.UNCLEAR.value,
        "call_back": _m.state == State.TO_CALL_BACK.value,
        "watch": _m.watched.is_(True),
    }
    found = select(*(func.count().filter(which).label(name) for name, which in wanted.items()))
    here = found.where(_m.community == community, _m.open.is_(True))
    if body is not None:
        here = here.where(or_(_m.lead == body, _m.co == body))
    row = session.execute(here).one()
    return dict(row._mapping)  # noqa: SLF001
