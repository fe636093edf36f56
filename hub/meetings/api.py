"""Meetings over HTTP."""

import json
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.deps import require
from hub.desks.acting_for import actor_of, signer_of
from hub.matters.acts import By, Words
from hub.matters.book import read_book
from hub.matters.lists import rows_of
from hub.matters.minutes import Decision
from hub.matters.views import MatterLine, Names, line_of
from hub.meetings import holding
from hub.meetings.tables import Meeting
from hub.rewards.views import at_local
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import DayInReach
from wire.base import Cursor

router = APIRouter(prefix="/meetings", tags=["meetings"], route_class=ListRoute)
Officer = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "desk"))]
Reader = Annotated[
    Caller, Depends(require("admin", "office", "committee", "property", "desk", "auditor"))
]
Number = Annotated[int, Path(ge=1, le=2**53)]
Body = Literal["committee", "property", "owners"]


class MeetingRequest(By):
    """Who is present, in the order in which they take the chair."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"bodies": ["committee", "property"], "held_on": "2026-05-08"}]
        },
    )

    bodies: Annotated[list[Body], Field(min_length=2, max_length=3)]
    held_on: DayInReach


class CorrectionRequest(By):
    """What the signed minutes should have said."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "第3项由物业负责,不是社区", "desk": "d1", "by": "o01"}]
        },
    )

    text: Words


class SignatureRequest(By):
    """Who signs for their body."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"desk": "d1", "card": "k1." + "a" * 52}]},
    )


class AgendaLine(MatterLine):
    """A matter on the agenda, why, and what was decided about it."""

    why: str
    decision: Decision | None


class SignatureView(BaseModel):
    """One body's signature under the minutes as they stand."""

    body: str
    person: str
    person_name: str


class CorrectionView(BaseModel):
    """An entry beside the minutes."""

    text: str
    actor: str
    at: str


class MeetingLine(BaseModel):
    """A meeting in a list."""

    meeting: int
    held_on: date
    bodies: list[str]
    chair: str
    signed: bool
    items: int
    called_at: str


class MeetingView(MeetingLine):
    """A meeting whole; once ``signed`` only corrections are added."""

    agenda: list[AgendaLine]
    signatures: list[SignatureView]
    missing: list[str]
    corrections: list[CorrectionView]


class MeetingPage(Page):
    """Newest first."""

    items: list[MeetingLine]


@router.post("")
def post_meeting(
    request: MeetingRequest, session: WriteDep, hub: HubDep, caller: Officer, once: OnceDep
) -> MeetingView:
    """Call a meeting: the agenda makes itself, the chair goes round."""

    def effect() -> MeetingView:
        by = actor_of(session, hub.community, caller, request)
        bodies = list(dict.fromkeys(request.bodies))
        who = (by.id, hub.now_ms())
        meeting = holding.call_meeting(session, hub.community, bodies, request.held_on, who)
        return _view(session, hub, meeting)

    return once.run(session, caller, request, MeetingView, effect)


@router.get("")
def list_meetings(
    session: ReadDep, hub: HubDep, _caller: Reader, *, after: After = None, limit: Limit = 20
) -> MeetingPage:
    """Meetings, newest first."""
    m = Meeting
    found = select(m).where(col(m.community) == hub.community)
    if (place := decode_place(after, tuple[Cursor])) is not None:
        found = found.where(col(m.meeting) < place[0])
    rows = session.scalars(found.order_by(col(m.meeting).desc()).limit(limit + 1)).all()
    items = [MeetingLine.model_validate(_line(session, row)) for row in rows[:limit]]
    more = encode_place(items[-1].meeting) if len(rows) > limit else None
    return MeetingPage(items=items, next=more)


@router.get("/{number}")
def get_meeting(number: Number, session: ReadDep, hub: HubDep, _caller: Reader) -> MeetingView:
    """One meeting with its agenda, decisions and signatures."""
    return _view(session, hub, holding.require_meeting(session, hub.community, number))


@router.post("/{number}/decisions")
def post_decision(
    number: Number,
    request: Decision,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Officer,
    once: OnceDep,
) -> MeetingView:
    """Decide about a matter; said again it replaces what was decided, and unsigns it."""

    def effect() -> MeetingView:
        meeting = holding.require_meeting(session, hub.community, number)
        by = actor_of(session, hub.community, caller, request)
        holding.decide(session, meeting, request, by, hub.now_ms())
        return _view(session, hub, meeting)

    return once.run(session, caller, request, MeetingView, effect)


@router.post("/{number}/signatures")
def post_signature(
    number: Number,
    request: SignatureRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Officer,
    once: OnceDep,
) -> MeetingView:
    """Sign for one's body; with the last one the decisions take effect, all or none."""

    def effect() -> MeetingView:
        meeting = holding.require_meeting(session, hub.community, number)
        by = signer_of(session, hub.community, caller, request)
        holding.sign(session, meeting, by, hub.now_ms())
        return _view(session, hub, meeting)

    return once.run(session, caller, request, MeetingView, effect)


@router.post("/{number}/corrections")
def post_correction(
    number: Number,
    request: CorrectionRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Officer,
    once: OnceDep,
) -> MeetingView:
    """Add an entry beside signed minutes."""

    def effect() -> MeetingView:
        meeting = holding.require_meeting(session, hub.community, number)
        by = actor_of(session, hub.community, caller, request)
        holding.correct(session, meeting, request.text, by, hub.now_ms())
        return _view(session, hub, meeting)

    return once.run(session, caller, request, MeetingView, effect)


def _line(session: Session, meeting: Meeting) -> dict[str, object]:
    return {
        "meeting": meeting.meeting, "held_on": meeting.held_on, "bodies": meeting.bodies.split(),
        "chair": meeting.chair, "signed": holding.is_signed(session, meeting),
        "items": len(json.loads(meeting.agenda)), "called_at": at_local(meeting.at_ms),
    }  # fmt: skip


def _view(session: Session, hub: Hub, meeting: Meeting) -> MeetingView:
    decided = {one.matter: one for one in holding.decisions(session, meeting)}
    signed = holding.signatures(session, meeting, holding.digest_of(list(decided.values())))
    book, names = read_book(session, hub.community), Names(session, hub.community)
    whys = dict(json.loads(meeting.agenda))
    numbers = [*whys, *(number for number in decided if number not in whys)]
    rows = rows_of(session, hub.community, numbers)
    lines = [
        line_of(rows[number], book, names, hub.now_ms()).model_dump()
        | {"why": whys.get(number, "added"), "decision": decided.get(number)}
        for number in numbers
    ]
    return MeetingView.model_validate(
        _line(session, meeting)
        | {
            "agenda": lines,
            "signatures": [
                SignatureView(body=body, person=person, person_name=names.of(person))
                for body, person in signed.items()
            ],
            "missing": [body for body in meeting.bodies.split() if body not in signed],
            "corrections": [
                CorrectionView(text=one.text, actor=one.actor, at=at_local(one.at_ms))
                for one in holding.corrections(session, meeting)
            ],
        }
    )
