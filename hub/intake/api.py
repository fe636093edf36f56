"""Facts as they came, and epochs under quarantine."""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from hub.access.deps import require
from hub.intake.tables import EpochState, FactRow
from hub.web.deps import Caller, HubDep, ReadDep, WriteDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from hub.web.words import InPath, InQuery
from wire.base import Cursor
from wire.day import local_time

log = logging.getLogger(__name__)
router = APIRouter(tags=["intake"], route_class=ListRoute)
_read = [Depends(require("admin", "office", "technician", "auditor"))]
Officer = Annotated[Caller, Depends(require("admin", "office", "technician"))]


class FactKey(BaseModel):
    """Which fact, under which key, when received."""

    fact: str
    kind: str
    point: str
    epoch: str
    seq: int
    arrival: int
    received: str


class FactOut(FactKey):
    """A fact with its line as it came."""

    line: str


class FactPage(Page):
    """Facts in the order in which this hub accepted them."""

    items: list[FactKey]


class EpochOut(BaseModel):
    """How far an epoch is held, and who may speak for it."""

    point: str
    epoch: str
    state: str
    upto: int
    facts: int


class EpochPage(Page):
    """The epochs of a point in the order of their names."""

    items: list[EpochOut]


def _key(row: FactRow) -> dict[str, Any]:
    return {
        "fact": row.fact_id,
        "received": local_time(row.received_ms).isoformat(timespec="milliseconds"),
        **row.model_dump(include={"kind", "point", "epoch", "seq", "arrival"}),
    }


@router.get("/facts", dependencies=_read)
def list_facts(
    *,
    hub: HubDep,
    session: ReadDep,
    point: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> FactPage:
    """Ids, kinds and keys of a point's facts in arrival order."""
    place = decode_place(after, tuple[Cursor]) or (0,)
    statement = select(FactRow).where(
        col(FactRow.community) == hub.community, col(FactRow.arrival) > place[0]
    )
    if point is not None:
        statement = statement.where(col(FactRow.point) == point)
    rows = session.scalars(statement.order_by(col(FactRow.arrival)).limit(limit + 1)).all()
    more = encode_place(rows[limit - 1].arrival) if len(rows) > limit else None
    return FactPage(items=[FactKey(**_key(row)) for row in rows[:limit]], next=more)


@router.get("/facts/{fact}", dependencies=_read)
def read_fact(
    fact: InPath,
    hub: HubDep,
    session: ReadDep,
) -> FactOut:
    """One fact line as it came, with its key and receipt time."""
    row = session.scalar(
        select(FactRow).where(col(FactRow.community) == hub.community, col(FactRow.fact_id) == fact)
    )
    if row is None:
        raise ProblemError(404, "fact-unknown", f"no fact {fact} is held; expected 32 hex digits")
    return FactOut(**_key(row), line=row.line.decode(errors="replace"))


@router.get("/points/{point}/epochs", dependencies=_read)
def list_epochs(
    *,
    point: InPath,
    hub: HubDep,
    session: ReadDep,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> EpochPage:
    """Every outbox that ever spoke for a point; one that is quarantined waits for an officer."""
    place = decode_place(after, tuple[str]) or ("",)
    rows = session.scalars(
        select(EpochState)
        .where(
            col(EpochState.community) == hub.community,
            col(EpochState.point) == point,
            col(EpochState.epoch) > place[0],
        )
        .order_by(col(EpochState.epoch))
        .limit(limit + 1)
    ).all()
    more = encode_place(rows[limit - 1].epoch) if len(rows) > limit else None
    return EpochPage(items=[_epoch(row) for row in rows[:limit]], next=more)


def _epoch(row: EpochState) -> EpochOut:
    return EpochOut(**row.model_dump(include=set(EpochOut.model_fields)))


@router.post("/points/{point}/epochs/{epoch}/lift")
def lift_quarantine(
    point: InPath, epoch: InPath, hub: HubDep, session: WriteDep, caller: Officer
) -> EpochOut:
    """Let the next node that says hello speak for a quarantined epoch again."""
    row = session.get(EpochState, (hub.community, point, epoch))
    if row is None:
        raise ProblemError(404, "epoch-unknown", f"point {point} has no epoch {epoch}")
    log.warning("point=%s epoch=%s event=quarantine-lifted user=%s", point, epoch, caller.user)
    row.state, row.nonce, row.superseded = "leased", None, ""
    session.flush()
    return _epoch(row)
