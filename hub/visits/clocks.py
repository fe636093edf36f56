"""A clock fact dates a whole machine boot: what came before it and what comes after."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from hub.db import table, upsert
from hub.visits.accepted import Accepted
from hub.visits.placing import BootTime, Stamped, better, place
from hub.visits.tables import BootClock, PointVerdict, Visit
from hub.visits.touched import Touched, shown_on
from wire.base import TRUSTED
from wire.facts import Clock

Boot = tuple[str, str]


def boots(connection: Connection, community: str, wanted: set[Boot]) -> dict[Boot, BootTime]:
    """The clock of every wanted ``(point, boot_id)`` that has one."""
    if not wanted:
        return {}
    c = table(BootClock).c
    found = connection.execute(
        select(c.point, c.boot_id, c.up_ms, c.utc_ms, c.uncertainty_ms).where(
            c.community == community, tuple_(c.point, c.boot_id).in_(sorted(wanted))
        )
    )
    return {
        (row.point, row.boot_id): BootTime(row.up_ms, row.utc_ms, row.uncertainty_ms)
        for row in found
    }


def apply(connection: Connection, community: str, accepted: Accepted, touched: Touched) -> None:
    """Keep the better clock of the boot, and place what the boot has recorded so far."""
    body = accepted.body
    if not isinstance(body, Clock):
        return
    point, boot_id = accepted.boot
    new = BootTime(accepted.fact.envelope.up_ms, body.utc_ms, body.uncertainty_ms)
    if not better(new, boots(connection, community, {accepted.boot}).get(accepted.boot)):
        return
    row = {"community": community, "point": point, "boot_id": boot_id, "up_ms": new.up_ms}
    row |= {"utc_ms": new.utc_ms, "uncertainty_ms": new.uncertainty_ms, "source": body.source}
    upsert(connection, BootClock, [row | {"arrival": accepted.arrival}])
    _place_visits(connection, community, accepted, new, touched)
    _place_verdicts(connection, community, accepted, new, touched)


def _undated(
    connection: Connection, model: type[Visit | PointVerdict], community: str, boot: Boot
) -> list[Row[Any]]:
    source = table(model)
    return list(
        connection.execute(
            select(source).where(
                source.c.community == community,
                source.c.point == boot[0],
                source.c.boot_id == boot[1],
                source.c.clock_trust.not_in(sorted(TRUSTED)),
            )
        )
    )


def _stamp(row: Row[Any]) -> Stamped:
    return Stamped(row.up_ms, row.wall_ms, row.clock_trust, row.received_ms)


def _place_visits(
    connection: Connection, community: str, accepted: Accepted, clock: BootTime, touched: Touched
) -> None:
    changes = []
    for row in _undated(connection, Visit, community, accepted.boot):
        placed = place(_stamp(row), clock)
        for day in (row.day, placed.day):
            touched.day(shown_on(day, row.received_ms), accepted.arrival)
        changes.append(
            {"key": row.visit_id, "occurred_ms": placed.occurred_ms}
            | {"trusted": placed.trusted, "day": placed.day}
        )
    if changes:
        v = table(Visit)
        change = update(v).where(v.c.community == community, v.c.visit_id == bindparam("key"))
        names = ("occurred_ms", "trusted", "day")
        connection.execute(change.values({name: bindparam(name) for name in names}), changes)


def _place_verdicts(
    connection: Connection, community: str, accepted: Accepted, clock: BootTime, touched: Touched
) -> None:
    changes = []
    for row in _undated(connection, PointVerdict, community, accepted.boot):
        touched.visit(row.visit_id, accepted.arrival)
        changes.append({"key": row.verdict_id, "at_ms": place(_stamp(row), clock).occurred_ms})
    if changes:
        v = table(PointVerdict)
        change = update(v).where(v.c.community == community, v.c.verdict_id == bindparam("key"))
        connection.execute(change.values(at_ms=bindparam("at_ms")), changes)
