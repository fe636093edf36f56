"""When a visit was, as far as anybody can know: its moment, or the bounds that review has."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, Row, select

from hub.access.deps import require
from hub.db import table
from hub.intake.tables import FactRow
from hub.visits.bounds import Dated, Undated, bounds
from hub.visits.tables import Visit
from hub.web.deps import HubDep, ReadDep
from hub.web.problem import ProblemError
from hub.web.words import InPath
from wire.day import business_day, local_time

router = APIRouter()
_read = [Depends(require("admin", "office", "committee", "property", "auditor"))]
MOST_DAYS = 31
_visit, _fact = table(Visit).c, table(FactRow).c


class WhenOut(BaseModel):
    """``at`` and ``day`` of a believed clock; else the bounds, and how many share its boot.

    ``earliest`` is absent when nothing is known before it. One word of an officer about any visit
    of the boot dates them all.
    """

    visit: str
    trusted: bool
    at: str | None
    day: date | None
    earliest: str | None
    latest: str | None
    days: list[date]
    same_boot: int


@router.get("/visits/{visit}/when", dependencies=_read)
def visit_when(visit: InPath, hub: HubDep, session: ReadDep) -> WhenOut:
    """The moment of a visit, or between which moments it was; ``days`` it may count for, if few."""
    row = session.get(Visit, (hub.community, visit))
    if row is None:
        raise ProblemError(404, "visit-unknown", f"no visit {visit}; expected 32 hex digits")
    if row.trusted:
        at = _local(row.occurred_ms)
        return WhenOut(
            visit=visit, trusted=True, at=at, day=row.day, earliest=at, latest=at,
            days=[row.day] if row.day else [], same_boot=0,
        )  # fmt: skip
    boot = _boot(session.connection(), row)
    found = bounds(row.up_ms, boot, _dated(session.connection(), row, boot))
    return WhenOut(
        visit=visit, trusted=False, at=None, day=None,
        earliest=None if found.earliest_ms is None else _local(found.earliest_ms),
        latest=_local(found.latest_ms),
        days=_days(found.earliest_ms, found.latest_ms), same_boot=len(boot),
    )  # fmt: skip


def _of_point(row: Visit, *conditions: ColumnElement[bool]) -> Any:
    """Visits of the point with their places in their outboxes."""
    same = (_fact.community == _visit.community) & (_fact.fact_id == _visit.visit_id)
    columns = (_fact.epoch, _fact.seq, _visit.up_ms, _visit.received_ms, _visit.occurred_ms)
    found = select(*columns).join_from(table(Visit), table(FactRow), same)
    return found.where(_visit.community == row.community, _visit.point == row.point, *conditions)


def _boot(connection: Connection, row: Visit) -> list[Undated]:
    found = _of_point(row, _visit.boot_id == row.boot_id, ~_visit.trusted)
    return [
        Undated(one.epoch, one.seq, one.up_ms, one.received_ms) for one in connection.execute(found)
    ]


def _dated(connection: Connection, row: Visit, boot: Sequence[Undated]) -> dict[str, Dated]:
    rows: dict[str, list[Row[Any]]] = {}
    epochs = {one.epoch for one in boot}
    found = _of_point(row, _fact.epoch.in_(sorted(epochs)), _visit.trusted)
    for one in connection.execute(found.order_by(_fact.epoch, _fact.seq)):
        rows.setdefault(one.epoch, []).append(one)
    return {
        epoch: Dated([one.seq for one in held], [one.occurred_ms for one in held])
        for epoch, held in rows.items()
    }


def _days(earliest_ms: int | None, latest_ms: int) -> list[date]:
    if earliest_ms is None:
        return []
    first, last = business_day(earliest_ms), business_day(latest_ms)
    if (last - first).days >= MOST_DAYS:
        return []
    return [first + timedelta(days=no) for no in range((last - first).days + 1)]


def _local(utc_ms: int) -> str:
    return local_time(utc_ms).isoformat(timespec="milliseconds")
