"""Kinds, rules and working calendar of a community, as they stand in the store."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

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
    rules = session.scalars(
        select(MatterRule)
        .where(col(MatterRule.community) == community, col(MatterRule.ended_ms).is_(None))
        .order_by(col(MatterRule.rule))
    )
    return Book(
        read_kinds(session, community),
        tuple(Rule(row.word, row.lead, row.co, row.kind) for row in rules),  # type: ignore[arg-type]
        _calendar(session, community),
    )


def read_kinds(session: Session, community: str) -> dict[str, MatterKind]:
    """Every kind by its code, in the order in which a desk shows them."""
    kinds = {kind.kind: kind for kind in DEFAULT_KINDS}
    own = select(MatterKindRow).where(col(MatterKindRow.community) == community)
    kinds |= {row.kind: MatterKind.model_validate_json(row.data) for row in session.scalars(own)}
    return {kind.kind: kind for kind in sorted(kinds.values(), key=lambda one: one.order)}


def read_hours(session: Session, community: str) -> CalendarRules:
    """The community's working calendar, else the default."""
    own = session.get(WorkingHours, community)
    return CalendarRules.model_validate_json(own.data) if own else default_rules()


_CALENDARS: dict[str, WorkingCalendar] = {}
_MOST = 8


def _calendar(session: Session, community: str) -> WorkingCalendar:
    """A calendar adds its years up once; the same words in the store give the same calendar."""
    own = session.get(WorkingHours, community)
    key = own.data if own else ""
    if key not in _CALENDARS:
        if len(_CALENDARS) >= _MOST:
            _CALENDARS.clear()
        _CALENDARS[key] = WorkingCalendar(read_hours(session, community))
    return _CALENDARS[key]
