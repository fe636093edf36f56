"""Dead letters over HTTP: looked at, and read again once this hub can."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.deps import require
from hub.intake.letters import retry, waiting_line
from hub.intake.tables import DeadLetter
from hub.web.deps import Caller, HubDep, ReadDep, WriteDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.problem import ProblemError
from wire.base import Cursor
from wire.day import local_time

log = logging.getLogger(__name__)
router = APIRouter(prefix="/dead-letters", tags=["intake"], route_class=ListRoute)
_read = [Depends(require("admin", "office", "technician", "auditor"))]
Technician = Annotated[Caller, Depends(require("admin", "office", "technician"))]
LetterNo = Annotated[int, Path(ge=1, le=2**63 - 1)]


class LetterOut(BaseModel):
    """A message or line that could not be taken; ``payload`` is its beginning."""

    letter: int
    received: str
    topic: str
    point: str | None
    epoch: str | None
    seq: int | None
    reason: str
    detail: str
    size: int
    payload: str


class LetterPage(Page):
    """Dead letters, oldest first."""

    items: list[LetterOut]


class LetterInFull(LetterOut):
    """``hex`` are the bytes kept, at most 4 KB; ``waits``: a retry would read its line again."""

    hex: str
    waits: bool


class RetriedOut(BaseModel):
    """``fact`` is held now; without one the line is still refused, for ``reason``."""

    letter: int
    fact: str | None
    reason: str | None
    detail: str


@router.get("", dependencies=_read)
def list_dead_letters(
    *,
    hub: HubDep,
    session: ReadDep,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> LetterPage:
    """What came and could not be taken, with the reason."""
    place = decode_place(after, tuple[Cursor]) or (0,)
    rows = session.scalars(
        select(DeadLetter)
        .where(col(DeadLetter.community) == hub.community, col(DeadLetter.letter) > place[0])
        .order_by(col(DeadLetter.letter))
        .limit(limit + 1)
    ).all()
    more = encode_place(rows[limit - 1].letter) if len(rows) > limit else None
    return LetterPage(items=[_letter(row) for row in rows[:limit]], next=more)


@router.get("/{letter}", dependencies=_read)
def read_dead_letter(letter: LetterNo, hub: HubDep, session: ReadDep) -> LetterInFull:
    """One letter with its bytes."""
    row = _held(session, hub.community, letter)
    waits = waiting_line(session.connection(), row) is not None
    return LetterInFull(**_letter(row).model_dump(), hex=row.payload.hex(), waits=waits)


@router.post("/{letter}/retry")
def retry_dead_letter(
    letter: LetterNo, hub: HubDep, session: WriteDep, caller: Technician
) -> RetriedOut:
    """Read a rejected line again, for instance after an upgrade of the hub.

    It becomes a fact as of its receipt, and its day is settled again; the letter is gone then.
    """
    row = _held(session, hub.community, letter)
    done = retry(session.connection(), row, hub.now_ms())
    if done is None:
        detail = f"letter {letter} ({row.reason}) had no receipt: its node sends it again by itself"
        raise ProblemError(409, "nothing-waits", detail)
    log.warning("letter=%d event=retried user=%s fact=%s", letter, caller.user, done.fact)
    return RetriedOut(letter=letter, fact=done.fact, reason=done.reason, detail=done.detail)


def _held(session: Session, community: str, letter: int) -> DeadLetter:
    row = session.get(DeadLetter, letter)
    if row is None or row.community != community:
        raise ProblemError(404, "letter-unknown", f"no dead letter {letter}; see GET /dead-letters")
    return row


def _letter(row: DeadLetter) -> LetterOut:
    return LetterOut(
        received=local_time(row.received_ms).isoformat(timespec="milliseconds"),
        payload=row.payload.decode(errors="replace"),
        **row.model_dump(exclude={"payload", "received_ms", "community"}),
    )
