"""Kinds, rules and working calendar over HTTP: the desk's own data, every change on record."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.deps import require
from hub.matters.acts import Kind, RuleWord
from hub.matters.book import read_book, read_hours, read_kinds
from hub.matters.calendar import CALENDAR_EXAMPLE, CalendarRules
from hub.matters.kinds import MatterKind
from hub.matters.model import OTHER, Side
from hub.matters.store import reprojected, take_turn
from hub.matters.tables import MatterKindRow, MatterRow, MatterRule, WorkingHours
from hub.registry.changes import Registrar, Row, Who
from hub.rewards.record import next_number
from hub.rewards.views import at_local
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.problem import ProblemError
from hub.web.words import Why

router = APIRouter(tags=["matters"])
Reader = Annotated[
    Caller,
    Depends(
        require("admin", "office", "committee", "property", "desk", "selfcheck", "auditor",
                "volunteer")
    ),
]  # fmt: skip
Writer = Annotated[Caller, Depends(require("admin", "office"))]


class KindList(BaseModel):
    """In the order in which a desk shows them."""

    items: list[MatterKind]


class KindChange(BaseModel):
    """The kind as it is from now on; deadlines of open matters follow."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "data": {
                        "kind": "lift",
                        "name": "电梯故障",
                        "lead": "property",
                        "due_min": 240,
                    },
                    "why": "维保合同约定当日到场",
                }
            ]
        },
    )

    data: MatterKind
    why: Why


class RuleRequest(BaseModel):
    """Texts with this word go this way, whatever their kind or for one kind."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"word": "晾衣架", "lead": "property", "why": "外墙构件归物业"}]
        },
    )

    word: RuleWord
    kind: Kind | None = None
    lead: Side
    co: Side | None = None
    why: Why


class RuleView(BaseModel):
    """A rule and who settled it."""

    rule: int
    word: str
    kind: str | None
    lead: str
    co: str | None
    from_matter: int | None
    decided_by: str
    at: str
    ended_at: str | None


class RuleList(BaseModel):
    """Oldest first."""

    items: list[RuleView]


class EndRequest(BaseModel):
    """Why a rule no longer holds."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "外墙构件已移交业委会"}]}
    )

    why: Why


class CalendarView(BaseModel):
    """Desk hours and holidays."""

    data: CalendarRules


class CalendarChange(BaseModel):
    """The whole calendar as it is from now on; deadlines of open matters follow."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"data": CALENDAR_EXAMPLE, "why": "国务院办公厅通知"}]},
    )

    data: CalendarRules
    why: Why


@router.get("/matter-kinds")
def list_kinds(session: ReadDep, hub: HubDep, _caller: Reader) -> KindList:
    """What a resident can come with, and whose each is by rule."""
    return KindList(items=list(read_kinds(session, hub.community).values()))


@router.put("/matter-kinds/{kind}")
def put_kind(
    kind: Annotated[Kind, Path()],
    request: KindChange,
    session: WriteDep,
    hub: HubDep,
    caller: Writer,
) -> MatterKind:
    """Change a kind or add one."""
    if request.data.kind != kind:
        detail = f"data.kind is {request.data.kind}; expected {kind}, as in the path"
        raise ProblemError(422, "bad-request", detail)
    row: Row = {"kind": kind, "data": request.data.model_dump_json()}
    registrar = _registrar(session, hub, caller, request.why)
    _put(session, hub, registrar, MatterKindRow, row)
    return request.data


@router.get("/matter-rules")
def list_rules(session: ReadDep, hub: HubDep, _caller: Reader) -> RuleList:
    """What was settled once and holds since, ended ones too."""
    r = MatterRule
    rows = session.scalars(
        select(r).where(col(r.community) == hub.community).order_by(col(r.rule)).limit(1000)
    )
    return RuleList(items=[_rule(row) for row in rows])


@router.post("/matter-rules")
def post_rule(
    request: RuleRequest, session: WriteDep, hub: HubDep, caller: Writer, once: OnceDep
) -> RuleView:
    """A rule by the office, for matters from now on."""
    return once.run(
        session, caller, request, RuleView, lambda: _made(request, session, hub, caller)
    )


def _made(request: RuleRequest, session: Session, hub: Hub, caller: Caller) -> RuleView:
    if request.co is not None and request.co != OTHER[request.lead]:
        detail = f"co {request.co} beside lead {request.lead}; expected the other side"
        raise ProblemError(422, "bad-request", detail)
    if request.kind is not None and request.kind not in read_kinds(session, hub.community):
        raise ProblemError(422, "bad-request", f"kind {request.kind} is not known")
    take_turn(session)
    number = next_number(session, hub.community, MatterRule, "rule")
    row = {
        "rule": number, "word": request.word, "kind": request.kind, "lead": request.lead,
        "co": request.co, "from_matter": None, "decided_by": caller.user,
        "at_ms": hub.now_ms(), "ended_ms": None,
    }  # fmt: skip
    _registrar(session, hub, caller, request.why).put(MatterRule, [row])
    return _rule(session.get_one(MatterRule, (hub.community, number)))


@router.post("/matter-rules/{number}/end")
def end_rule(
    number: Annotated[int, Path(ge=1, le=2**53)],
    request: EndRequest,
    session: WriteDep,
    hub: HubDep,
    caller: Writer,
) -> RuleView:
    """From now on it decides nothing; what it decided stays."""
    known = session.get(MatterRule, (hub.community, number))
    if known is None:
        raise ProblemError(404, "no-rule", f"rule {number} is not known")
    if known.ended_ms is None:
        row = known.model_dump(exclude={"community"}) | {"ended_ms": hub.now_ms()}
        _registrar(session, hub, caller, request.why).put(MatterRule, [row])
        session.expire_all()
    return _rule(session.get_one(MatterRule, (hub.community, number)))


@router.get("/working-calendar")
def get_calendar(session: ReadDep, hub: HubDep, _caller: Reader) -> CalendarView:
    """When the desk works, and so what a deadline counts."""
    return CalendarView(data=read_hours(session, hub.community))


@router.put("/working-calendar")
def put_calendar(
    request: CalendarChange, session: WriteDep, hub: HubDep, caller: Writer
) -> CalendarView:
    """Change desk hours or holidays."""
    row: Row = {"data": request.data.model_dump_json()}
    registrar = _registrar(session, hub, caller, request.why)
    _put(session, hub, registrar, WorkingHours, row)
    return CalendarView(data=request.data)


def _put(session: Session, hub: Hub, registrar: Registrar, model: type, row: Row) -> None:
    """Change a row that deadlines follow from."""
    take_turn(session)
    registrar.put(model, [row])
    session.expire_all()
    m = MatterRow
    mine = col(m.community) == hub.community
    numbers = session.scalars(select(col(m.matter)).where(mine, col(m.open).is_(True)))
    reprojected(session, hub.community, list(numbers), read_book(session, hub.community))


def _registrar(session: Session, hub: Hub, caller: Caller, why: str) -> Registrar:
    who = Who(caller.user, caller.role, why, hub.now_ms())
    return Registrar(session.connection(), hub.community, who)


def _rule(row: MatterRule) -> RuleView:
    return RuleView.model_validate(
        row.model_dump(exclude={"community", "at_ms", "ended_ms"})
        | {
            "at": at_local(row.at_ms),
            "ended_at": None if row.ended_ms is None else at_local(row.ended_ms),
        }
    )
