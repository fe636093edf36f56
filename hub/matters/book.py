"""Kinds, rules and working calendar of a community, as they stand in the store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal, null, select, union_all
from sqlmodel import Session

from hub.db import table
from hub.matters.calendar import CalendarRules, WorkingCalendar
from hub.matters.holidays import default_rules
from hub.matters.kinds import DEFAULT_KINDS, MatterKind
from hub.matters.tables import MatterKindRow, MatterRule, WorkingHours
from hub.matters.triage import Rule
from hub.web.problem import ProblemError


@dataclass(frozen=True)
class Book:
    """What triage and clocks need, read once for a unit of work."""

    kinds: dict[str, MatterKind]
    rules: tuple[Rule, ...]
    calendar: WorkingCalendar

    def kind(self, name: str) -> MatterKind:
        """A kind by its code; 422 for one that is not there."""
        known = self.kinds.get(name)
        if known is None:
            detail = f"kind {name[:32]} is not known; expected one of {', '.join(self.kinds)}"
            raise ProblemError(422, "bad-request", detail)
        return known


def read_book(session: Session, community: str) -> Book:
    """The community's own kinds over the defaults, its rules in force, its hours."""
    rows = tuple(session.execute(_STATED, {"community": community}))
    book = _BOOKS.get(rows)
    if book is None:
        book = _book(rows)
        if len(_BOOKS) >= _MOST:
            _BOOKS.clear()
        _BOOKS[rows] = book
    return book


_BOOKS: dict[tuple[Any, ...], Book] = {}
"""By the words in the store: the same words are the same book, whose calendar is added up once."""
_MOST = 8
_k, _r, _h = table(MatterKindRow).c, table(MatterRule).c, table(WorkingHours).c
_of: ColumnElement[str] = bindparam("community")
_STATED = union_all(
    select(literal("kind").label("what"), literal(0).label("no"), _k.data.label("said"),
           null().label("lead"), null().label("co"), null().label("kind"))
    .where(_k.community == _of),
    select(literal("rule"), _r.rule, _r.word, _r.lead, _r.co, _r.kind)
    .where(_r.community == _of, _r.ended_ms.is_(None)),
    select(literal("hours"), literal(0), _h.data, null(), null(), null())
    .where(_h.community == _of),
).order_by("what", "no")  # fmt: skip


def _book(rows: Sequence[Any]) -> Book:
    own = [row.said for row in rows if row.what == "kind"]
    rules = (Rule(row.said, row.lead, row.co, row.kind) for row in rows if row.what == "rule")
    hours = next((row.said for row in rows if row.what == "hours"), None)
    calendar = WorkingCalendar(_hours(hours))
    return Book(_kinds(own), tuple(rules), calendar)


def read_kinds(session: Session, community: str) -> dict[str, MatterKind]:
    """Every kind by its code, in the order in which a desk shows them."""
    return dict(read_book(session, community).kinds)


def read_hours(session: Session, community: str) -> CalendarRules:
    """The community's working calendar, else the default."""
    own = session.get(WorkingHours, community)
    return _hours(own.data if own else None)


def _kinds(own: Iterable[str]) -> dict[str, MatterKind]:
    kinds = {kind.kind: kind for kind in DEFAULT_KINDS}
    kinds |= {kind.kind: kind for kind in map(MatterKind.model_validate_json, own)}
    return {kind.kind: kind for kind in sorted(kinds.values(), key=lambda one: one.order)}


def _hours(data: str | None) -> CalendarRules:
    return default_rules() if data is None else CalendarRules.model_validate_json(data)
