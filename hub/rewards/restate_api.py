"""Settling days again: the money that would move is shown first, and then it is that money."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from hub.registry.rows import HouseholdId
from hub.rewards.api import Decider
from hub.rewards.moves import Moves, preview
from hub.rewards.restate import (
    Rebinding,
    Span,
    apply_span,
    check_span,
    ordered,
    rebind,
    settle_span,
)
from hub.rewards.views import Reason
from hub.web.deps import HubDep, WriteDep
from hub.web.idempotency import OnceForMoney
from hub.web.match import MAY_NOT_MATCH, Shown, require_same, tell
from hub.web.words import DayInReach, Moment
from wire.base import CardToken
from wire.day import utc_ms

router = APIRouter(tags=["settlements"])
SHOWN = 1000
_SPAN: JsonDict = {
    "from": "2026-05-01",
    "to": "2026-05-03",
    "restate": True,
    "reason": "新办法",
}
_CARD: JsonDict = {
    "card": "k1." + "a" * 52, "household": "11-1-102", "at": "2026-05-01T00:00:00+08:00",
    "reason": "发卡时绑错房号",
}  # fmt: skip


class SpanRequest(BaseModel):
    """Days, both ends included; ``restate`` judges them by the policy in force now."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_SPAN]})

    first: Annotated[DayInReach, Field(alias="from")]
    last: Annotated[DayInReach, Field(alias="to")]
    restate: bool = False
    reason: Reason

    def span(self) -> Span:
        return Span(self.first, self.last, self.restate)


class RebindingRequest(BaseModel):
    """The household whose card it was from a moment in the past on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_CARD]})

    card: CardToken
    household: HouseholdId
    at: Moment
    reason: Reason

    def asked(self) -> Rebinding:
        return Rebinding(self.card, self.household, utc_ms(self.at), self.reason)


class MoveView(BaseModel):
    """What one household's day gains or loses."""

    household: str
    day: date
    amount_fen: int


class MovesView(BaseModel):
    """At most 1000 are shown; ``count`` and ``total_fen`` are of all. ``etag`` names them all."""

    moves: list[MoveView]
    count: int
    total_fen: int
    etag: str


def moves_view(response: Response, moves: Moves) -> MovesView:
    """The answer to whoever asks what would move, or has moved it."""
    tell(response, moves.digest)
    return MovesView(
        moves=[MoveView(**move._asdict()) for move in moves.moves[:SHOWN]],
        count=len(moves.moves),
        total_fen=moves.total_fen,
        etag=moves.digest,
    )


@router.post("/settlements/preview")
def preview_settlements(
    request: SpanRequest, session: WriteDep, hub: HubDep, _caller: Decider, response: Response
) -> MovesView:
    """The money that settling days again would move."""
    span = request.span()
    check_span(session, hub.community, span, hub.now_ms())

    def change() -> object:
        return settle_span(session, hub.community, span, hub.now_ms())

    return moves_view(response, preview(session, hub.community, change, span))


@router.post("/settlements/apply", responses=MAY_NOT_MATCH)
def apply_settlements(
    request: SpanRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    response: Response,
    once: OnceForMoney,
    shown: Shown,
) -> MovesView:
    """Settle days again, if that moves what the preview showed."""

    def effect() -> MovesView:
        moves = apply_span(session, hub, caller, request.span(), request.reason)
        require_same(shown, moves.digest)
        return moves_view(response, moves)

    return once.run(session, caller, request, MovesView, effect)


@router.post("/rebindings/preview")
def preview_rebinding(
    request: RebindingRequest, session: WriteDep, hub: HubDep, caller: Decider, response: Response
) -> MovesView:
    """The money that a binding corrected in the past would move."""
    asked = request.asked()

    def change() -> object:
        return rebind(session, hub, caller, asked)

    return moves_view(response, preview(session, hub.community, change, *_about(asked)))


@router.post("/rebindings", responses=MAY_NOT_MATCH)
def apply_rebinding(
    request: RebindingRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    response: Response,
    once: OnceForMoney,
    shown: Shown,
) -> MovesView:
    """Correct a binding in the past and move what the preview showed."""
    asked = request.asked()

    def effect() -> MovesView:
        moves = ordered(
            session, hub, caller, what="rebind", reason=asked.reason, about=_about(asked),
            days=lambda: rebind(session, hub, caller, asked),
        )  # fmt: skip
        require_same(shown, moves.digest)
        return moves_view(response, moves)

    return once.run(session, caller, request, MovesView, effect)


def _about(asked: Rebinding) -> tuple[object, ...]:
    return asked.card, asked.household, asked.from_ms
