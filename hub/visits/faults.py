"""When the devices of a point were at fault, read from the facts themselves: they are few."""

from typing import NamedTuple

from sqlalchemy import Connection, literal_column, select

from hub.db import table
from hub.intake.tables import FactRow
from hub.visits.accepted import Accepted
from hub.visits.clocks import boots
from hub.visits.placing import place
from wire.codec import decode_fact
from wire.facts import Fault

SAID_LATE_MS = 60_000
"""A point says it of a device that has been ailing for so long."""
DEPOSIT_MS = 150_000
"""How long after its tap a visit may still bring something, and how long before."""
_NO_SCALE = ("reader", "maintenance", "loudspeaker", "lamp")
"""Names of devices begin so; whatever else fails may be a scale or carry one."""


class FaultSpan(NamedTuple):
    """From ``from_ms`` until ``to_ms``; None = still so."""

    point: str
    device: str
    what: str
    from_ms: int
    to_ms: int | None

    def meets(self, tapped_ms: int) -> bool:
        """Whether a visit that was tapped then may have brought something unweighed."""
        begun = self.from_ms - SAID_LATE_MS <= tapped_ms + DEPOSIT_MS
        return begun and (self.to_ms is None or self.to_ms >= tapped_ms - DEPOSIT_MS)


def fault_spans(
    connection: Connection, community: str, until_ms: int, *, weighing: bool = True
) -> list[FaultSpan]:
    """Faults that began before ``until_ms``; what no clock has dated is left out.

    With ``weighing`` those that may keep a scale from weighing.
    """
    spans: list[FaultSpan] = []
    began: dict[tuple[str, str, str], int] = {}
    for at_ms, point, said in _dated(connection, community):
        if weighing and said.device.startswith(_NO_SCALE):
            continue
        key = (point, said.device, said.what)
        if said.state == "raised":
            began.setdefault(key, at_ms)
        elif (from_ms := began.pop(key, None)) is not None:
            spans.append(FaultSpan(*key, from_ms, at_ms))
    spans += [FaultSpan(*key, from_ms, None) for key, from_ms in began.items()]
    return [span for span in spans if span.from_ms - SAID_LATE_MS < until_ms]


def _dated(connection: Connection, community: str) -> list[tuple[int, str, Fault]]:
    """In the order of time: what waited at a point arrives after what did not."""
    c = table(FactRow).c
    found = connection.execute(
        select(c.arrival, c.point, c.received_ms, c.line)
        .where(c.community == community, c.kind == literal_column("'fault'"))  # partial index
        .order_by(c.arrival)
    )
    facts = [
        Accepted(row.arrival, row.point, row.received_ms, decode_fact(row.line)) for row in found
    ]
    clocks = boots(connection, community, {fact.boot for fact in facts})
    dated = []
    for fact in facts:
        placed = place(fact.stamp, clocks.get(fact.boot))
        if placed.trusted and isinstance(fact.body, Fault):
            dated.append((placed.occurred_ms, fact.arrival, fact.point, fact.body))
    dated.sort(key=lambda item: item[:2])
    return [(at_ms, point, body) for at_ms, _, point, body in dated]
