"""How every point stands: what it says of itself, and what the hub holds of it."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, case, func, select

from hub.db import table
from hub.intake.tables import DeadLetter, EpochState
from hub.visits.tables import PointState
from wire.codec import decode
from wire.day import local_time
from wire.session import PortStatus, Status


class PointOut(BaseModel):
    """Counters are the point's own, of its running start; ``facts`` are held at the hub."""

    point: str
    online: bool = False
    last_contact: str | None = None
    trust: str = "none"
    attended: bool = False
    taps: int = 0
    deposits: int = 0
    verdicts: int = 0
    unjudged: int = 0
    waiting: int = 0
    oldest_waiting: str | None = None
    scales_ok: int = 0
    scales_total: int = 0
    software: str = ""
    facts: int = 0
    epochs: int = 0
    quarantined: bool = False
    dead_letters: int = 0
    ports: list[PortStatus] = []


def points(connection: Connection, community: str) -> list[PointOut]:
    """Every expected point, in the order of names."""
    p = table(PointState).c
    held, letters = _held(connection, community), _letters(connection, community)
    found = connection.execute(
        select(p.point, p.last_contact_ms, p.status)
        .where(p.community == community)
        .order_by(p.point)
    )
    return [
        PointOut(
            point=row.point,
            last_contact=_moment(row.last_contact_ms),
            dead_letters=letters.get(row.point, 0),
            **_said(row.status),
            **held.get(row.point, {}),
        )
        for row in found
    ]


def _said(status: str | None) -> dict[str, Any]:
    if status is None:
        return {}
    said = decode(status.encode(), Status)
    shown = said.model_dump(include=set(PointOut.model_fields) - {"ports"})
    return shown | {"oldest_waiting": _moment(said.oldest_waiting_ms), "ports": list(said.ports)}


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else local_time(at_ms).isoformat(timespec="milliseconds")


def _held(connection: Connection, community: str) -> dict[str, dict[str, Any]]:
    e = table(EpochState).c
    found = connection.execute(
        select(
            e.point,
            func.sum(e.facts).label("facts"),
            func.count().label("epochs"),
            func.max(case((e.state == "quarantined", 1), else_=0)).label("quarantined"),
        )
        .where(e.community == community)
        .group_by(e.point)
    )
    return {
        row.point: {
            "facts": int(row.facts),
            "epochs": row.epochs,
            "quarantined": bool(row.quarantined),
        }
        for row in found
    }


def _letters(connection: Connection, community: str) -> dict[str, int]:
    d = table(DeadLetter).c
    found = connection.execute(
        select(d.point, func.count().label("letters"))
        .where(d.community == community, d.point.is_not(None))
        .group_by(d.point)
    )
    return {row.point: row.letters for row in found}
