"""The held list (待评清单): what the newest run of each day could not decide, and who is to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text
from sqlmodel import Session

from hub.db import chunks, table
from hub.ledger.journal import take_turn
from hub.rewards.model import DOOR_UNKNOWN
from hub.rewards.office_tables import HeldOwner
from hub.rewards.record import next_number
from hub.rewards.settlement import Settlement
from hub.rewards.staff import Decision, home_known, say, settle_over
from hub.rewards.tables import SettlementRun, VisitOutcomeRow
from hub.rewards.views import HeldPage, HeldView, at_local
from hub.visits.tables import Visit
from hub.web.deps import Caller
from hub.web.keyset import decode_place, encode_place

OFFICE = "office"
"""Owns whatever nobody has taken."""
HOUR_MS = 3_600_000
_outcomes, _runs, _visits = table(VisitOutcomeRow), table(SettlementRun), table(Visit)
_held, _run, _visit = _outcomes.c, _runs.c, _visits.c
_owners = table(HeldOwner)
HELD = text("visit_outcome.held")
"""As the partial index says it; ``held = 1``, which SQLAlchemy makes of it, finds no index."""


@dataclass(frozen=True)
class Which:
    """Held visits by where, when and why; None = any."""

    point: str | None = None
    shift: str | None = None
    reason: str | None = None
    owner: str | None = None
    day: date | None = None
    until: date | None = None
    """Inclusive."""


def held_page(
    session: Session, community: str, which: Which, now_ms: int, *, after: str | None, limit: int
) -> HeldPage:
    """Held visits by day and visit."""
    found = _select(community, which).order_by(_held.day, _held.visit_id).limit(limit + 1)
    place = decode_place(after, tuple[date, str])
    if place is not None:
        since, visit = place
        behind = and_(_held.day == since, _held.visit_id > visit)
        found = found.where(or_(_held.day > since, behind))
    rows = session.execute(found).all()
    items = [_view(row, now_ms) for row in rows[:limit]]
    more = len(rows) > limit
    return HeldPage(
        items=items, next=encode_place(str(items[-1].day), items[-1].visit) if more else None
    )


def held_counts(session: Session, community: str, which: Which) -> dict[tuple[str, str], int]:
    """How many wait, by point and reason."""
    held = _select(community, which).subquery()
    rows = session.execute(
        select(held.c.point, held.c.reason, func.count())
        .group_by(held.c.point, held.c.reason)
        .order_by(held.c.point, held.c.reason)
    )
    return {(point, reason): count for point, reason, count in rows}


def held_visits(session: Session, community: str, which: Which, limit: int) -> list[str]:
    """The first of them."""
    found = _select(community, which).order_by(_held.day, _held.visit_id).limit(limit)
    return [row.visit_id for row in session.execute(found)]


@dataclass(frozen=True)
class DecidedMany:
    """Decided visits, those left as they are, and the runs that followed."""

    decided: list[str]
    left: list[str]
    settled: tuple[Settlement, ...]


def decide_many(
    session: Session,
    community: str,
    caller: Caller,
    now_ms: int,
    *,
    visits: Sequence[str],
    decision: Decision,
) -> DecidedMany:
    """One decision for those that are still held; each day is settled once.

    What a colleague has decided meanwhile is left, and so is an unknown door that would be
    accepted: nobody could be paid.
    """
    take_turn(session)
    held = {row.visit_id: row for row in _of(session, community, visits)}
    decided, days = [], set[date]()
    for name in visits:
        visit = session.get(Visit, (community, name)) if name in held else None
        if visit is None or (decision.value == "accepted" and not home_known(session, visit)):
            continue
        days |= say(session, visit, caller, now_ms, decision).touched
        decided.append(name)
    settled = settle_over(session, community, days, now_ms)
    return DecidedMany(decided, [name for name in visits if name not in set(decided)], settled)


def give(
    session: Session,
    community: str,
    caller: Caller,
    now_ms: int,
    *,
    visits: Sequence[str],
    owner: str,
) -> list[str]:
    """Say who is to decide; those of them that are held."""
    take_turn(session)
    held = [row.visit_id for row in _of(session, community, visits)]
    number = next_number(session, community, HeldOwner, "sequence")
    session.add_all(
        HeldOwner(
            community=community, sequence=sequence, visit_id=visit, owner=owner,
            user=caller.user, at_ms=now_ms,
        )
        for sequence, visit in enumerate(held, number)
    )  # fmt: skip
    return held


def _of(session: Session, community: str, visits: Sequence[str]) -> list[Any]:
    rows: list[Any] = []
    for part in chunks(set(visits)):
        rows += session.execute(_select(community, Which()).where(_held.visit_id.in_(part))).all()
    return rows


def _select(community: str, which: Which) -> Select[Any]:
    later = _outcomes.alias("later").c
    newer = exists().where(
        later.community == _held.community,
        later.day == _held.day,
        later.visit_id == _held.visit_id,
        later.run > _held.run,
    )
    owner = func.coalesce(_owner_of(_held.visit_id), OFFICE)
    of_visit = and_(_visit.community == _held.community, _visit.visit_id == _held.visit_id)
    found = (
        select(
            _held.visit_id, _visit.point, _held.household_id, _held.day, _held.reason,
            _run.started_ms, _visit.shift, _visit.occurred_ms, _visit.source, _visit.door,
            owner.label("owner"),
        )
        .join_from(_outcomes, _visits, of_visit)
        .join(_runs, and_(_run.community == _held.community, _run.run == _held.run))
        .where(_held.community == community, HELD, ~newer)
    )  # fmt: skip
    return found.where(*_narrowed(which, owner))


def _narrowed(which: Which, owner: ColumnElement[str]) -> list[ColumnElement[bool]]:
    asked = (
        (which.point, _visit.point),
        (which.shift, _visit.shift),
        (which.reason, _held.reason),
        (which.owner, owner),
        (which.day, _held.day),
    )
    conditions = [column == value for value, column in asked if value is not None]
    return conditions + ([_held.day <= which.until] if which.until is not None else [])


def _owner_of(visit: ColumnElement[str]) -> Any:
    c = _owners.c
    return (
        select(c.owner)
        .where(c.community == _held.community, c.visit_id == visit)
        .order_by(c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )


def _view(row: Any, now_ms: int) -> HeldView:
    return HeldView(
        visit=row.visit_id,
        point=row.point,
        household=row.household_id,
        door=row.door if row.reason == DOOR_UNKNOWN else None,
        day=row.day,
        reason=row.reason,
        since=at_local(row.started_ms),
        age_h=max(now_ms - row.started_ms, 0) // HOUR_MS,
        owner=row.owner,
        shift=row.shift,
        at=at_local(row.occurred_ms),
        source=row.source,
    )
