"""Matters over HTTP: taken, listed, looked at, acted on."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlmodel import Session

from hub.access.deps import require
from hub.desks.acting_for import actor_of, signer_of
from hub.desks.duty import Staff
from hub.matters import acts
from hub.matters.acting import Intake, act, find, take
from hub.matters.book import read_book
from hub.matters.history import EventPage, event_views
from hub.matters.lists import Asked, Queue, counts, listed
from hub.matters.model import State
from hub.matters.store import tag_of, take_turn
from hub.matters.transitions import Now
from hub.matters.views import MatterPage, MatterView, Names, line_of, view_of
from hub.rewards.api import require_household
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.keyset import After, Limit, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.match import MAY_NOT_MATCH, Shown, require_same, tell
from hub.web.problem import ProblemError
from hub.web.words import PLAIN, InQuery
from wire.base import Cursor

router = APIRouter(prefix="/matters", tags=["matters"], route_class=ListRoute)
Officer = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "desk"))]
Reader = Annotated[
    Caller, Depends(require("admin", "office", "committee", "property", "desk", "auditor"))
]
Raiser = Annotated[
    Caller,
    Depends(require("admin", "office", "committee", "property", "desk", "volunteer", "technician")),
]
Number = Annotated[int, Path(ge=1, le=2**53)]
_TAKEN: JsonDict = {
    "channel": "desk", "desk": "d1", "by": "o01", "kind": "repair", "place": "3号楼2单元楼梯",
    "text": "二楼灯不亮", "household": "3-2-501",
}  # fmt: skip
_ACTED: JsonDict = {"act": "accept", "desk": "d1", "by": "o02"}
Settled = acts.SettleOnSpot | acts.Doubt | acts.Transfer | acts.Decline | acts.Merge
Body = Literal["committee", "property"]


class MatterRequest(acts.By):
    """What somebody reports; ``first`` is what the desk does with it instead of the rule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_TAKEN]})

    channel: Literal["desk", "phone", "patrol"] = "desk"
    kind: acts.Kind
    place: acts.Place
    text: acts.Text
    household: acts.Household | None = None
    contact_name: Annotated[str, Field(max_length=40, pattern=PLAIN)] | None = None
    contact_phone: Annotated[str, Field(pattern=r"^[0-9+ -]{3,20}$")] | None = None
    settled: acts.Words | None = Field(None, description="done before the resident left")
    first: Annotated[Settled, Field(discriminator="act")] | None = None

    def intake(self) -> Intake:
        """The same for the service."""
        first: acts.Act | None = self.first
        if self.settled is not None:
            first = acts.SettleOnSpot(act="settle_on_spot", result=self.settled)
        return Intake(
            self.channel, self.kind, self.place, self.text, self.household, self.contact_name,
            self.contact_phone, client_ms=self.client_ms, first=first,
        )  # fmt: skip


class Summary(BaseModel):
    """How many wait; ``body`` null counts both sides."""

    open: int
    due_soon: int
    overdue: int
    unclear: int
    watch: int
    call_back: int


@router.post("", responses={404: {}})
def post_matter(
    request: MatterRequest,
    session: WriteDep,
    hub: HubDep,
    caller: Raiser,
    *,
    response: Response,
    once: OnceDep,
) -> MatterView:
    """Take a matter: it has an owner and a deadline when this answers."""

    def effect() -> MatterView:
        if request.household is not None:
            require_household(session, hub.community, request.household)
        by = actor_of(session, hub.community, caller, request)
        number = take(session, hub.community, request.intake(), by, hub.now_ms())
        return _view(session, hub, number)

    return _tagged(response, once.run(session, caller, request, MatterView, effect))


@router.get("")
def list_matters(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    queue: Queue = "open",
    person: InQuery = None,
    body: Body | None = None,
    state: State | None = None,
    kind: InQuery = None,
    household: InQuery = None,
    text: Annotated[str | None, Query(max_length=80)] = None,
    after: After = None,
    limit: Limit = 20,
) -> MatterPage:
    """A queue by its next deadline, or what was found, newest first."""
    asked = Asked(
        queue, hub.now_ms(), person, body, state.value if state else None, kind, household, text,
        after, limit,
    )  # fmt: skip
    rows, more = listed(session, hub.community, asked)
    book, names = read_book(session, hub.community), Names(session, hub.community)
    return MatterPage(items=[line_of(row, book, names, asked.now_ms) for row in rows], next=more)


@router.get("/summary")
def get_summary(
    session: ReadDep, hub: HubDep, _caller: Reader, body: Body | None = None
) -> Summary:
    """What stands in the desk's header."""
    return Summary(**counts(session, hub.community, body, hub.now_ms()))


@router.get("/{number}")
def get_matter(
    number: Number, session: ReadDep, hub: HubDep, _caller: Reader, response: Response
) -> MatterView:
    """One matter; its ETag is what an act on it has to carry."""
    return _tagged(response, _view(session, hub, number))


@router.get("/{number}/events")
def list_events(
    number: Number, session: ReadDep, hub: HubDep, _caller: Reader, *, after: After = None,
    limit: Limit = 100,
) -> EventPage:  # fmt: skip
    """What happened to it, oldest first."""
    known = find(session, hub.community, number)
    (last,) = decode_place(after, tuple[Cursor]) or (0,)
    items = list(event_views(known, last, limit, Names(session, hub.community)))
    more = encode_place(items[-1].seq) if items and items[-1].seq < len(known.events) else None
    return EventPage(items=items, next=more)


@router.post("/{number}/acts", responses=MAY_NOT_MATCH)
def post_act(
    number: Number,
    request: Annotated[acts.AnyAct, Field(json_schema_extra={"examples": [_ACTED]})],
    session: WriteDep,
    hub: HubDep,
    caller: Officer,
    *,
    response: Response,
    once: OnceDep,
    shown: Shown,
) -> MatterView:
    """Do something to the matter that was shown; 412 when somebody else has since."""

    def effect() -> MatterView:
        take_turn(session)
        _require_may(caller, request)
        known = find(session, hub.community, number)
        require_same(shown, tag_of(number, known.matter.version))
        whose = signer_of if isinstance(request, acts.Propose) else actor_of
        by = whose(session, hub.community, caller, request)
        staff = Staff(session, hub.community, request.desk or "")
        act(
            session,
            hub.community,
            known,
            request,
            (by, Now(hub.now_ms(), staff, request.client_ms)),
        )
        return _view(session, hub, number)

    return _tagged(response, once.run(session, caller, request, MatterView, effect))


def _require_may(caller: Caller, asked: acts.Act) -> None:
    """Who rates stands at a desk or at a self-check machine; by phone it is a call's outcome."""
    if isinstance(asked, acts.Rate) and caller.role != "desk":
        detail = f"role {caller.role} rates nothing; the household does, at a desk or by itself"
        raise ProblemError(403, "forbidden", detail)


def _view(session: Session, hub: Hub, number: int) -> MatterView:
    known = find(session, hub.community, number)
    return view_of(session, hub.community, known, read_book(session, hub.community), hub.now_ms())


def _tagged(response: Response, view: MatterView) -> MatterView:
    tell(response, tag_of(view.matter, view.version))
    return view
