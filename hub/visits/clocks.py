"""A clock fact dates a whole machine boot: what came before it and what comes after."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from hub.db import table, upsert
from hub.visits.accepted import Accepted
from hub.visits.placing import BootTime, Placed, Stamped, merged, newest_day, place
from hub.visits.tables import BootClock, PointVerdict, Visit
from hub.visits.touched import Touched, shown_on
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
    """Keep what the boot's clocks say together, and place what the boot has recorded so far."""
    body = accepted.body
    if not isinstance(body, Clock):
        return
    point, boot_id = accepted.boot
    new = BootTime(accepted.fact.envelope.up_ms, body.utc_ms, body.uncertainty_ms)
    held = boots(connection, community, {accepted.boot}).get(accepted.boot)
    clock = merged(new, held)
    if clock == held:
        return
    source = "disputed" if clock.disputed else body.source
    row = {"community": community, "point": point, "boot_id": boot_id, "up_ms": clock.up_ms}
    row |= {"utc_ms": clock.utc_ms, "uncertainty_ms": clock.uncertainty_ms, "source": source}
    upsert(connection, BootClock, [row | {"arrival": accepted.arrival}])
    _place_visits(connection, community, accepted, clock, touched)
    _place_verdicts(connection, community, accepted, clock, touched)


def disbelieve(
    connection: Connection, community: str, accepted: Accepted, touched: Touched
) -> None:
    """What counts for a day that this later receipt has not reached was dated by a wrong clock.

    It was believed because the hub's own clock was wrong when it came.
    """
    v = table(Visit)
    ahead = (v.c.community == community) & (v.c.day > newest_day(accepted.received_ms))
    found = connection.execute(select(v.c.visit_id, v.c.day, v.c.received_ms).where(ahead)).all()
    if not found:
        return
    for row in found:
        for day in (row.day, None):
            touched.day(shown_on(day, row.received_ms), accepted.arrival)
    values = {"occurred_ms": v.c.wall_ms, "trusted": False, "day": None}
    connection.execute(update(v).where(ahead).values(values))


def _of_boot(
    connection: Connection, model: type[Visit | PointVerdict], community: str, boot: Boot
) -> list[Row[Any]]:
    c = table(model).c
    mine = (c.community == community, c.point == boot[0], c.boot_id == boot[1])
    return list(connection.execute(select(table(model)).where(*mine)))


def _stamp(row: Row[Any]) -> Stamped:
    return Stamped(row.up_ms, row.wall_ms, row.clock_trust, row.received_ms)


def _place_visits(
    connection: Connection, community: str, accepted: Accepted, clock: BootTime, touched: Touched
) -> None:
    changes = []
    for row in _of_boot(connection, Visit, community, accepted.boot):
        placed = place(_stamp(row), clock)
        if placed == Placed(row.occurred_ms, row.trusted, row.day):
            continue
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
    for row in _of_boot(connection, PointVerdict, community, accepted.boot):
        at_ms = place(_stamp(row), clock).occurred_ms
        if at_ms != row.at_ms:
            touched.visit(row.visit_id, accepted.arrival)
            changes.append({"key": row.verdict_id, "at_ms": at_ms})
    if changes:
        v = table(PointVerdict)
        change = update(v).where(v.c.community == community, v.c.verdict_id == bindparam("key"))
        connection.execute(change.values(at_ms=bindparam("at_ms")), changes)
