"""A posted GeoReport request becomes a matter."""

import hashlib

from sqlalchemy import select
from sqlmodel import Session, col

from hub.matters.acting import Intake, take
from hub.matters.book import Book
from hub.matters.model import Actor
from hub.open311.asking import Report
from hub.open311.errors import GeoReportError
from hub.open311.services import attribute_lines
from hub.registry.tables import BuildingUnit


def report_matter(
    session: Session, community: str, asked: Report, book: Book, *,
    program: str, key: str | None, now_ms: int,
) -> int:  # fmt: skip
    """Its number; the same ``Idempotency-Key`` of a program is taken once."""
    kind = book.kinds.get(asked.service_code)
    if kind is None or not kind.open311:
        raise GeoReportError(404, f"service_code {asked.service_code[:40]} was not found")
    place = asked.place
    if asked.address_id is not None and place == asked.address_id:
        place = _stairs(session, community, asked.address_id)
    lines = [asked.text or kind.name, *attribute_lines(asked.attributes)]
    source = None
    if key is not None:
        source = f"open311 {hashlib.sha256(f'{program} {key}'.encode()).hexdigest()[:32]}"
    intake = Intake(
        "open311", kind.kind, place, "\n".join(lines), name=asked.name, phone=asked.phone,
        source=source,
    )  # fmt: skip
    by = Actor(f"open311:{program}", "resident", "open311")
    return take(session, community, intake, by, now_ms)


def _stairs(session: Session, community: str, address_id: str) -> str:
    """``3-2`` is a building's unit, ``3`` a building; no finer, because flats are people."""
    building, _, unit = address_id.partition("-")
    u = BuildingUnit
    found = select(u).where(col(u.community) == community, col(u.building) == building)
    if unit:
        found = found.where(col(u.unit) == unit)
    if session.scalars(found.limit(1)).first() is None:
        msg = f"address_id: found {address_id[:40]}; expected building-unit, as 3-2"
        raise GeoReportError(400, msg)
    return f"{building}号楼{unit}单元" if unit else f"{building}号楼"
