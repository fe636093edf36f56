"""Which visits changed, so that their weight and their day's settlement are looked at again."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from hub.db import among, chunks, table, update_many, upsert
from hub.visits.tables import Assignment, Deposit, TouchedDay, Visit
from wire.day import business_day

_WEIGHT = ("deposits", "weight_g", "weight_doubt")


class Touched:
    """Collects visits and days with the arrival that touched them last."""

    def __init__(self) -> None:
        self._visits: dict[str, int] = {}
        self._weights: set[str] = set()
        self._days: dict[date, int] = {}

    def visit(self, visit_id: str, arrival: int, *, weight: bool = False) -> None:
        """Something about this visit changed."""
        self._visits[visit_id] = max(arrival, self._visits.get(visit_id, 0))
        if weight:
            self._weights.add(visit_id)

    def day(self, day: date, arrival: int) -> None:
        """A visit left or entered this day."""
        self._days[day] = max(arrival, self._days.get(day, 0))

    def write(self, connection: Connection, community: str) -> None:
        """Set the weights again and mark the days."""
        for part in chunks(self._visits):
            held = _held(connection, community, part)
            for visit_id, row in held.items():
                self.day(shown_on(row.day, row.received_ms), self._visits[visit_id])
            _weigh(connection, community, {v: held[v] for v in held if v in self._weights})
        marks = [{"community": community, "day": d, "arrival": a} for d, a in self._days.items()]
        upsert(connection, TouchedDay, marks)


def _held(connection: Connection, community: str, visits: list[str]) -> dict[str, Row[Any]]:
    c = table(Visit).c
    shown = (c.visit_id, c.day, c.received_ms, *(c[name] for name in _WEIGHT))
    found = connection.execute(
        select(*shown).where(c.community == community, among(connection, c.visit_id, visits))
    )
    return {row.visit_id: row for row in found}


def shown_on(day: date | None, received_ms: int) -> date:
    """A visit whose clock is not believed is shown on the day it came."""
    return day or business_day(received_ms)


def _weigh(connection: Connection, community: str, visits: dict[str, Row[Any]]) -> None:
    """A visit's weight is the sum of its certain deposits, and missing when one is in doubt."""
    a, d = table(Assignment), table(Deposit)
    together = (a.c.community == d.c.community) & (a.c.deposit_id == d.c.deposit_id)
    found = connection.execute(
        select(
            a.c.visit_id,
            func.sum(case((a.c.certain, 1), else_=0)).label("deposits"),
            func.sum(case((a.c.certain, d.c.grams), else_=0)).label("grams"),
            func.count().label("all"),
            func.count(d.c.deposit_id).label("seen"),
        )
        .select_from(a.outerjoin(d, together))
        .where(a.c.community == community, among(connection, a.c.visit_id, visits))
        .group_by(a.c.visit_id)
    )
    weights = dict.fromkeys(visits, (0, None, False)) | {
        row.visit_id: (
            int(row.deposits),
            int(row.grams) if row.deposits == row.all == row.seen else None,
            row.deposits < row.all,
        )
        for row in found
    }
    changed = [
        {"community": community, "visit_id": visit_id} | dict(zip(_WEIGHT, weight, strict=True))
        for visit_id, weight in weights.items()
        if weight != tuple(visits[visit_id][-len(_WEIGHT) :])
    ]
    update_many(connection, Visit, ("community", "visit_id"), changed)
