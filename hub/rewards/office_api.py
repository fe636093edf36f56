"""What only an officer can say: who stood at a point, and when a boot without a clock was."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import select

from hub.db import table
from hub.rewards.api import Decider, Reader
from hub.rewards.attest import Stood, attest
from hub.rewards.boots import date_boot
from hub.rewards.held_api import require_visit
from hub.rewards.office_tables import ShiftAttest
from hub.rewards.settlement import Settlement
from hub.rewards.views import Reason, VisitId, at_local
from hub.web.deps import HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import InQuery, Moment
from wire.base import Cursor, PersonId, TopicPart
from wire.day import utc_ms

router = APIRouter(tags=["held"], route_class=ListRoute)
_STOOD: JsonDict = {
    "point": "p03", "person": "v07", "from": "2026-05-03T07:00:00+08:00",
    "to": "2026-05-03T09:00:00+08:00", "value": "accepted", "reason": "忘带卡,楼栋长在场证明",
}  # fmt: skip
_DATED: JsonDict = {
    "visit": "0" * 32,
    "at": "2026-05-03T19:10:00+08:00",
    "reason": "停电,监控时间",
}


class AttestRequest(BaseModel):
    """``accepted``: they saw to it that every visit without a verdict was sorted as required."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_STOOD]})

    point: TopicPart
    person: PersonId
    from_: Annotated[Moment, Field(alias="from")]
    to: Moment
    value: Literal["none", "accepted"] = "none"
    reason: Reason


class Followed(BaseModel):
    """What the settlements that followed at once have booked."""

    entries: int
    amount_fen: int
    runs: list[int]


class AttestView(Followed):
    """Its number, and the visits without a shift that it covers now."""

    attest: int
    visits: int


class AttestRow(BaseModel):
    """Who is said to have stood where, by whom and why."""

    attest: int
    point: str
    person: str
    since: str
    until: str
    value: str
    reason: str
    user: str
    role: str
    at: str


class AttestPage(Page):
    """In the order in which they were said."""

    items: list[AttestRow]


class BootRequest(BaseModel):
    """One visit of a boot and the moment at which it was."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_DATED]})

    visit: VisitId
    at: Moment
    reason: Reason


class BootDay(BaseModel):
    """How many visits of the boot count for a day now."""

    day: date
    visits: int


class BootView(Followed):
    """The days that the boot's visits have got."""

    days: list[BootDay]


@router.post("/shifts/attests")
def post_attest(
    request: AttestRequest, session: WriteDep, hub: HubDep, caller: Decider, once: OnceDep
) -> AttestView:
    """Say who stood at a point; the days concerned that are over are settled at once."""
    stood = Stood(
        request.point, request.person, utc_ms(request.from_), utc_ms(request.to),
        request.value, request.reason,
    )  # fmt: skip

    def effect() -> AttestView:
        done = attest(session, hub.community, caller, hub.now_ms(), stood)
        followed = _followed(done.settled)
        return AttestView(attest=done.number, visits=done.visits, **followed)

    return once.run(session, caller, request, AttestView, effect)


@router.get("/shifts/attests")
def get_attests(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    point: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> AttestPage:
    """Every shift that was attested."""
    c = table(ShiftAttest).c
    found = select(ShiftAttest).where(c.community == hub.community)
    if point is not None:
        found = found.where(c.point == point)
    if (place := decode_place(after, tuple[Cursor])) is not None:
        found = found.where(c.sequence > place[0])
    rows = session.scalars(found.order_by(c.sequence).limit(limit + 1)).all()
    items = [
        AttestRow(
            attest=row.sequence,
            since=at_local(row.from_ms),
            until=at_local(row.to_ms),
            at=at_local(row.at_ms),
            **row.model_dump(include={"point", "person", "value", "reason", "user", "role"}),
        )
        for row in rows[:limit]
    ]
    more = encode_place(items[-1].attest) if len(rows) > limit else None
    return AttestPage(items=items, next=more)


@router.post("/boots/dates", responses={404: {}})
def post_boot_date(
    request: BootRequest, session: WriteDep, hub: HubDep, caller: Decider, once: OnceDep
) -> BootView:
    """Date every visit of a machine boot by one of them, also those that are still to come."""
    visit = require_visit(session, hub.community, request.visit)

    def effect() -> BootView:
        done = date_boot(
            session, visit, caller, hub.now_ms(), at_ms=utc_ms(request.at), reason=request.reason
        )
        days = [BootDay(day=day, visits=count) for day, count in sorted(done.days.items())]
        return BootView(days=days, **_followed(done.settled))

    return once.run(session, caller, request, BootView, effect)


def _followed(settled: tuple[Settlement, ...]) -> dict[str, int | list[int]]:
    return Followed(
        entries=sum(run.entries for run in settled),
        amount_fen=sum(run.amount_fen for run in settled),
        runs=[run.run for run in settled],
    ).model_dump()
