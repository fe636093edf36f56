"""Queues of matters and search in them, by indexes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, tuple_
from sqlmodel import Session

from hub.db import table
from hub.matters.model import State
from hub.matters.search import asked as grams_asked
from hub.matters.tables import MatterGram, MatterReporter, MatterRow
from hub.web.keyset import decode_place, encode_place
from wire.base import Cursor

Queue = Literal[
    "all", "open", "mine", "unclear", "watch", "call_back", "to_confer", "to_verify", "due"
]  # fmt: skip
_m, _g, _r = table(MatterRow).c, table(MatterGram).c, table(MatterReporter).c
Row = dict[str, Any]
_COMMON = 2000
"""Pairs with more matters than this are all the same to the planner."""
_BY_STATE = {
    "unclear": State.UNCLEAR, "call_back": State.TO_CALL_BACK, "to_confer": State.TO_CONFER,
    "to_verify": State.TO_VERIFY,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a list is asked for; None = anything."""

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


def listed(
    session: Session, community: str, asked: Asked
) -> tuple[list[dict[str, Any]], str | None]:
    """Rows of the projection, and the place behind them if there are more."""
    order = _order(asked)
    found = select(table(MatterRow)).where(
        _m.community == community, *_conditions(asked, community)
    )
    if asked.text:
        found = _searched(session, found, community, asked.text)
    found = _behind(found, order, asked.after)
    rows = [dict(row._mapping) for row in session.execute(found.limit(asked.limit + 1))]  # noqa: SLF001
    if len(rows) <= asked.limit:
        return rows, None
    rows = rows[: asked.limit]
    last = rows[-1]
    if order == "newest":
        return rows, encode_place(last["matter"])
    return rows, encode_place(last[_ORDERS[order].name], last["matter"])


def rows_of(session: Session, community: str, numbers: Sequence[int]) -> dict[int, Row]:
    """Rows of the projection by number; a few hundred at most."""
    found = select(table(MatterRow)).where(_m.community == community, _m.matter.in_(numbers))
    return {row.matter: dict(row._mapping) for row in session.execute(found)}  # noqa: SLF001


Order = Literal["next", "check", "newest"]
_ORDERS = {"next": _m.next_ms, "check": _m.next_check, "newest": _m.matter}


def _order(asked: Asked) -> Order:
    if asked.text or asked.household or asked.queue in {"all", *_BY_STATE}:
        return "newest"
    return "check" if asked.queue == "watch" else "next"


def _conditions(asked: Asked, community: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.queue in _BY_STATE:
        found.append(_m.state == _BY_STATE[asked.queue].value)
    elif asked.queue == "watch":
        found.append(_m.watched.is_(True))
    elif asked.queue != "all":
        found.append(_m.open.is_(True))
    if asked.queue == "due":
        found.append(_m.warn_ms <= asked.now_ms)
    same = {"state": _m.state, "kind": _m.kind, "body": _m.lead, "person": _m.owner}
    found += [column == value for name, column in same.items() if (value := getattr(asked, name))]
    if asked.household:
        reported = and_(
            _r.community == community, _r.household_id == asked.household, _r.matter == _m.matter
        )
        found.append(exists().where(reported))
    return found


def _searched(session: Session, found: Select[Any], community: str, text: str) -> Select[Any]:
    """Matters with every pair of characters of the text: walked by the rarest of them."""
    wanted = grams_asked(text)
    if not wanted:
        return found.where(literal(value=False))
    counted = {gram: _count(session, community, gram) for gram in wanted}
    first, *others = sorted(wanted, key=lambda gram: counted[gram])
    driven = and_(_g.community == community, _g.gram == first, _g.matter == _m.matter)
    found = found.join(table(MatterGram), driven)
    for gram in others:
        one = table(MatterGram).alias().c
        found = found.where(
            exists().where(one.community == community, one.gram == gram, one.matter == _m.matter)
        )
    return found


def _count(session: Session, community: str, gram: str) -> int:
    some = select(_g.matter).where(_g.community == community, _g.gram == gram).limit(_COMMON)
    return int(session.scalar(select(func.count()).select_from(some.subquery())) or 0)


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
    """What stands in a desk's header."""
    here: list[ColumnElement[bool]] = [_m.community == community, _m.open.is_(True)]
    if body is not None:
        here.append(_m.lead == body)

    def count(*more: ColumnElement[bool]) -> int:
        return int(session.scalar(select(func.count()).where(*here, *more)) or 0)

    return {
        "open": count(),
        "overdue": count(_m.next_ms <= now_ms),
        "due_soon": count(_m.warn_ms <= now_ms, _m.next_ms > now_ms),
        "unclear": count(_m.state == State.UNCLEAR.value),
        "call_back": count(_m.state == State.TO_CALL_BACK.value),
        "watch": count(_m.watched.is_(True)),
    }
