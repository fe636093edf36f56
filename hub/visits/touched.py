"""Which visits changed, so that their weight and their day's settlement are looked at again."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, bindparam, case, func, select, update

from hub.db import among, chunks, table, upsert
from hub.visits.tables import Assignment, Deposit, TouchedDay, Visit
from wire.day import business_day


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
        for part in chunks(self._weights):
            _weigh(connection, community, part)
        for part in chunks(self._visits):
            for visit_id, day in _days_of(connection, community, part):
                self.day(day, self._visits[visit_id])
        marks = [{"community": community, "day": d, "arrival": a} for d, a in self._days.items()]
        upsert(connection, TouchedDay, marks)


def _days_of(
    connection: Connection, community: str, visits: list[str]
) -> Iterable[tuple[str, date]]:
    c = table(Visit).c
    found = connection.execute(
        select(c.visit_id, c.day, c.received_ms).where(
            c.community == community, among(connection, c.visit_id, visits)
        )
    )
    return [(row.visit_id, shown_on(row.day, row.received_ms)) for row in found]


def shown_on(day: date | None, received_ms: int) -> date:
    """A visit whose clock is not believed is shown on the day it came."""
    return day or business_day(received_ms)


def _weigh(connection: Connection, community: str, visits: list[str]) -> None:
    """A visit's weight is the sum of its certain deposits, and missing when one is in doubt."""
    a, d, v = table(Assignment), table(Deposit), table(Visit)
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
    weighed = [
        {
            "key": row.visit_id,
            "deposits": int(row.deposits),
            "weight_doubt": row.deposits < row.all,
            "weight_g": int(row.grams) if row.deposits == row.all == row.seen else None,
        }
        for row in found
    ]
    lost = set(visits) - {str(row["key"]) for row in weighed}
    nothing = {"deposits": 0, "weight_doubt": False, "weight_g": None}
    weighed += [{"key": visit_id, **nothing} for visit_id in sorted(lost)]
    change = update(v).where(v.c.community == community, v.c.visit_id == bindparam("key"))
    connection.execute(change.values({name: bindparam(name) for name in nothing}), weighed)
