"""One portion of facts without a clock among them, turned into projection rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from hub.db import among, chunks, insert_many, table, upsert
from hub.visits.accepted import Accepted
from hub.visits.clocks import Boot, boots
from hub.visits.placing import BootTime, place
from hub.visits.tables import (
    Assignment,
    BinLevel,
    Deposit,
    PointDay,
    PointVerdict,
    ShiftEvent,
    VerdictUndo,
    Visit,
)
from hub.visits.touched import Touched
from wire import facts
from wire.base import WireModel

Row = dict[str, Any]


@dataclass
class Portion:
    """The rows of one portion, by table, before they are written."""

    community: str
    clocks: dict[Boot, BootTime]
    touched: Touched
    visits: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    undone: list[Row] = field(default_factory=list)
    deposits: list[Row] = field(default_factory=list)
    weighing: list[tuple[Accepted, str]] = field(default_factory=list)
    shifts: list[Row] = field(default_factory=list)
    days: dict[tuple[str, object], Row] = field(default_factory=dict)
    levels: dict[tuple[str, int], Row] = field(default_factory=dict)


def apply(
    connection: Connection, community: str, accepted: list[Accepted], touched: Touched
) -> None:
    """Write the portion; the caller writes ``touched`` afterwards."""
    portion = Portion(
        community, boots(connection, community, {item.boot for item in accepted}), touched
    )
    for item in accepted:
        _collectors.get(type(item.body), _nothing)(portion, item, item.body)
    _write(connection, portion)


def _nothing(_portion: Portion, _item: Accepted, _body: Any) -> None:
    """A kind that changes no projection: it is kept and shown as a fact."""


def _visit(portion: Portion, item: Accepted, **what: object) -> None:
    placed = place(item.stamp, portion.clocks.get(item.boot))
    row = item.timed() | {"community": portion.community, "visit_id": item.id} | what
    row |= {"occurred_ms": placed.occurred_ms, "trusted": placed.trusted, "day": placed.day}
    row |= {"test": bool(item.fact.envelope.test)}
    row |= {"deposits": 0, "weight_g": None, "weight_doubt": False}
    portion.visits.append(row)
    portion.touched.visit(item.id, item.arrival, weight=True)


def _tap(portion: Portion, item: Accepted, body: facts.Tap) -> None:
    _visit(portion, item, source="card", card=body.card, door=None, shift=body.shift)


def _manual(portion: Portion, item: Accepted, body: facts.Manual) -> None:
    _visit(portion, item, source="manual", card=None, door=body.door, shift=body.shift)


def _verdict(portion: Portion, item: Accepted, body: facts.Verdict) -> None:
    placed = place(item.stamp, portion.clocks.get(item.boot))
    row = item.timed() | {"community": portion.community, "verdict_id": item.id}
    row |= {"visit_id": body.visit, "value": body.value, "reason": body.reason, "mode": body.mode}
    row |= {"by_person": body.by, "shift": body.shift, "replaces": body.replaces}
    portion.verdicts.append(row | {"at_ms": placed.occurred_ms, "undone": False})
    portion.touched.visit(body.visit, item.arrival)


def _undo(portion: Portion, item: Accepted, body: facts.VerdictUndone) -> None:
    row = {"community": portion.community, "verdict_id": body.verdict, "arrival": item.arrival}
    portion.undone.append(row)
    portion.touched.visit(body.visit, item.arrival)


def _level(portion: Portion, item: Accepted, bin_no: int, level_g: int) -> None:
    row = {"community": portion.community, "point": item.point, "bin": bin_no}
    row |= {"level_g": level_g, "arrival": item.arrival}
    portion.levels[(item.point, bin_no)] = row


def _deposit(portion: Portion, item: Accepted, body: facts.Deposit) -> None:
    row = item.timed() | {"community": portion.community, "deposit_id": item.id}
    row |= {"bin": body.bin, "category": body.category, "grams": body.grams}
    portion.deposits.append(row | {"level_g": body.level_g, "quality": body.quality})
    portion.weighing.append((item, item.id))
    _level(portion, item, body.bin, body.level_g)


def _taken_out(portion: Portion, item: Accepted, body: facts.Emptied | facts.Removed) -> None:
    _level(portion, item, body.bin, body.level_g)


def _assign(portion: Portion, item: Accepted, body: facts.Assign) -> None:
    portion.weighing.append((item, body.deposit))


def _shift(portion: Portion, item: Accepted, body: facts.Shift) -> None:
    row = item.timed() | {"community": portion.community, "event_id": item.id}
    row |= {"shift": body.shift or item.id, "action": body.action, "person": body.person}
    portion.shifts.append(row | {"by_what": body.by, "unjudged": body.unjudged})


def _day_end(portion: Portion, item: Accepted, body: facts.DayEnd) -> None:
    row = {"community": portion.community, "point": item.point, "day": body.day}
    row |= {"taps": body.taps, "deposits": body.deposits, "verdicts": body.verdicts}
    row |= {"unjudged": body.unjudged, "received_ms": item.received_ms, "arrival": item.arrival}
    portion.days[(item.point, body.day)] = row


_collectors: dict[type[WireModel], Callable[[Portion, Accepted, Any], None]] = {
    facts.Tap: _tap,
    facts.Manual: _manual,
    facts.Verdict: _verdict,
    facts.VerdictUndone: _undo,
    facts.Deposit: _deposit,
    facts.Assign: _assign,
    facts.Emptied: _taken_out,
    facts.Removed: _taken_out,
    facts.Shift: _shift,
    facts.DayEnd: _day_end,
}


def _write(connection: Connection, portion: Portion) -> None:
    insert_many(connection, Visit, portion.visits)
    upsert(connection, VerdictUndo, portion.undone)
    insert_many(connection, PointVerdict, portion.verdicts)
    _mark_undone(connection, portion)
    insert_many(connection, Deposit, portion.deposits)
    _write_assigned(connection, portion)
    insert_many(connection, ShiftEvent, portion.shifts)
    upsert(connection, PointDay, list(portion.days.values()))
    upsert(connection, BinLevel, list(portion.levels.values()))


def _mark_undone(connection: Connection, portion: Portion) -> None:
    """A verdict is undone whichever of the two facts came first."""
    ids = {row["verdict_id"] for row in portion.undone + portion.verdicts}
    undo, verdict = table(VerdictUndo).c, table(PointVerdict)
    for part in chunks(ids):
        known = select(undo.verdict_id).where(
            undo.community == portion.community, among(connection, undo.verdict_id, part)
        )
        connection.execute(
            update(verdict)
            .where(verdict.c.community == portion.community, verdict.c.verdict_id.in_(known))
            .values(undone=True)
        )


def _write_assigned(connection: Connection, portion: Portion) -> None:
    """The newest assignment of a deposit holds; visits it leaves are weighed again."""
    held = _held(connection, portion.community, {deposit for _, deposit in portion.weighing})
    before = set(held)
    written: dict[str, list[Row]] = {}
    for item, deposit in portion.weighing:
        visits = held.get(deposit, [])
        if isinstance(item.body, facts.Assign):
            written[deposit] = _assignments(portion.community, item, item.body)
            held[deposit] = [row["visit_id"] for row in written[deposit]]
        for visit in {*visits, *held.get(deposit, [])}:
            portion.touched.visit(visit, item.arrival, weight=True)
    _replace(connection, portion.community, written, before)


def _assignments(community: str, item: Accepted, body: facts.Assign) -> list[Row]:
    named = (body.visit,) if body.visit else ()
    key = {"community": community, "deposit_id": body.deposit, "arrival": item.arrival}
    return [
        key | {"visit_id": visit, "certain": body.doubt == "none" and visit == body.visit}
        for visit in dict.fromkeys((*named, *body.candidates))
    ]


def _held(connection: Connection, community: str, deposits: set[str]) -> dict[str, list[str]]:
    c = table(Assignment).c
    held: dict[str, list[str]] = {}
    for part in chunks(deposits):
        for row in connection.execute(
            select(c.deposit_id, c.visit_id).where(
                c.community == community, among(connection, c.deposit_id, part)
            )
        ):
            held.setdefault(row.deposit_id, []).append(row.visit_id)
    return held


def _replace(
    connection: Connection, community: str, written: dict[str, list[Row]], before: set[str]
) -> None:
    a = table(Assignment)
    if outdated := sorted(before & written.keys()):
        connection.execute(
            delete(a).where(a.c.community == community, a.c.deposit_id == bindparam("key")),
            [{"key": deposit} for deposit in outdated],
        )
    insert_many(connection, Assignment, [row for group in written.values() for row in group])
