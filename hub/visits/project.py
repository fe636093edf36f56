"""From facts in arrival order to what the rest of the hub reads, in bulk.

The result never depends on how the facts were grouped: `rebuild` reads them in other portions.
Only a clock fact, and a receipt before the day of an earlier one, change rows that stand already in
a way that depends on what came before, so they end the portion before them.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, delete, select

from hub.db import table
from hub.intake.tables import FactRow
from hub.visits import clocks, rows
from hub.visits.accepted import Accepted
from hub.visits.placing import newest_day
from hub.visits.tables import (
    Assignment,
    BinLevel,
    BootClock,
    Deposit,
    PointDay,
    PointVerdict,
    ShiftEvent,
    TouchedDay,
    VerdictUndo,
    Visit,
)
from hub.visits.touched import Touched
from wire.codec import decode_fact
from wire.facts import Clock

PROJECTIONS = (
    Visit, PointVerdict, VerdictUndo, Deposit, Assignment, ShiftEvent, BootClock, PointDay,
    BinLevel, TouchedDay,
)  # fmt: skip
REBUILD_PORTION = 1000


def project(connection: Connection, community: str, facts: Sequence[Accepted]) -> None:
    """Apply newly accepted facts within the caller's transaction."""
    for portion in _portions(facts):
        touched = Touched()
        clocks.disbelieve(connection, community, portion[0], touched)
        if isinstance(portion[0].body, Clock):
            clocks.apply(connection, community, portion[0], touched)
        else:
            rows.apply(connection, community, portion, touched)
        touched.write(connection, community)


def _portions(facts: Iterable[Accepted]) -> Iterator[list[Accepted]]:
    portion: list[Accepted] = []
    for accepted in facts:
        if isinstance(accepted.body, Clock):
            if portion:
                yield portion
            yield [accepted]
            portion = []
            continue
        if portion and _goes_back(portion[-1].received_ms, accepted.received_ms):
            yield portion
            portion = []
        portion.append(accepted)
    if portion:
        yield portion


def _goes_back(before_ms: int, received_ms: int) -> bool:
    return received_ms < before_ms and newest_day(received_ms) < newest_day(before_ms)


def rebuild(connection: Connection, community: str) -> int:
    """Empty the projections and fill them again from the fact lines; how many were read."""
    for model in PROJECTIONS:
        target = table(model)
        connection.execute(delete(target).where(target.c.community == community))
    return refill(connection, connection, community)


def refill(source: Connection, target: Connection, community: str) -> int:
    """Project every fact line of one store into the empty projections of it or another."""
    done, arrival = 0, 0
    while facts := _facts_after(source, community, arrival):
        project(target, community, facts)
        done, arrival = done + len(facts), facts[-1].arrival
    return done


def _facts_after(connection: Connection, community: str, arrival: int) -> list[Accepted]:
    c = table(FactRow).c
    found = connection.execute(
        select(c.arrival, c.point, c.received_ms, c.line)
        .where(c.community == community, c.arrival > arrival)
        .order_by(c.arrival)
        .limit(REBUILD_PORTION)
    )
    return [
        Accepted(row.arrival, row.point, row.received_ms, decode_fact(row.line)) for row in found
    ]
