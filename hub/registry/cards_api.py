"""Cards over HTTP: bind, end, block, unblock, replace. No card stands in a URL."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session

from hub.access.audit import record
from hub.access.deps import require
from hub.registry import cards, rows
from hub.registry.api import Finder, require_household
from hub.registry.editing import edit
from hub.web.deps import Caller, Hub, HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.problem import ProblemError
from hub.web.words import Moment, Why
from wire.base import CardToken
from wire.day import local_time, utc_ms

router = APIRouter(prefix="/cards", tags=["cards"], responses={404: {}})
Desk = Annotated[Caller, Depends(require("admin", "office", "committee", "property"))]
Counter = Annotated[Caller, Depends(require("admin", "office", "committee", "property", "desk"))]
MAY_BACK_DATE = ("admin", "office")
BACK_DATED_MS = 10 * 60_000
"""What lies further back than a desk needs to type it is a correction of the past."""
_TOKEN = "k1." + "a" * 52


def _example(**more: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{"card": _TOKEN, **more}]})


class CardAsked(BaseModel):
    """A card by its token, its printed serial, or its household and the mark among its cards."""

    model_config = _example()

    card: CardToken | None = None
    serial: rows.Serial | None = None
    mark: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    household: rows.HouseholdId | None = Field(None, description="beside a mark")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.card, self.serial, self.mark]
        if given.count(None) != 2 or (self.mark is None) != (self.household is None):
            msg = "expected either card or serial, or mark and household"
            raise ValueError(msg)
        return self


class CardChange(CardAsked):
    """Something happens to a card, now unless ``at`` says when."""

    model_config = _example(at="2026-05-03T09:30:00+08:00", why="reported lost at the desk")

    at: Moment | None = None
    why: Why


class Binding(BaseModel):
    """A card becomes a household's, now unless ``at`` says when."""

    model_config = _example(household="11-1-102", serial="100001", why="handed out")

    card: CardToken
    household: rows.HouseholdId
    serial: rows.Serial | None = None
    at: Moment | None = None
    move: bool = Field(default=False, description="take it from the household that has it")
    why: Why


class Replacement(CardChange):
    """Another card in place of one."""

    model_config = _example(new_card="k1." + "b" * 52, new_serial="100002", why="broken")

    new_card: CardToken
    new_serial: rows.Serial | None = None


class HeldOut(BaseModel):
    """A household that has or had a card; ``until`` is exclusive."""

    household: str
    since: str
    until: str | None


class CardOut(BaseModel):
    """A card, whose it is now, and whether it is blocked now."""

    card: str
    serial: str | None
    household: str | None
    blocked: bool
    held: list[HeldOut]


@router.post("/search")
def find_card(asked: CardAsked, hub: HubDep, session: ReadDep, caller: Finder) -> CardOut:
    """Who has a card, and who had it."""
    found = _out(session, hub, _token(session, hub, asked))
    record(hub, caller, found.household or "*", "/cards/search")
    return found


@router.post("")
def bind_card(
    asked: Binding, hub: HubDep, session: WriteDep, caller: Counter, once: OnceDep
) -> CardOut:
    """Bind a card; a back-dated binding ends where the card's next one begins."""

    def effect() -> CardOut:
        at_ms = _moment(hub, caller, asked.at)
        _refuse_taken(session, hub, asked, at_ms)
        return _bind(session, hub, caller, asked, at_ms)

    return once.run(session, caller, asked, CardOut, effect)


@router.post("/end")
def end_card(
    asked: CardChange, hub: HubDep, session: WriteDep, caller: Desk, once: OnceDep
) -> CardOut:
    """The card is nobody's from a moment on."""

    def effect() -> CardOut:
        card, at_ms = _token(session, hub, asked), _moment(hub, caller, asked.at)
        edit(session, hub, caller, asked.why, cards=[_ended(session, hub, card, at_ms)])
        return _out(session, hub, card)

    return once.run(session, caller, asked, CardOut, effect)


@router.post("/block")
def block_card(
    asked: CardChange, hub: HubDep, session: WriteDep, caller: Counter, once: OnceDep
) -> CardOut:
    """A lost card: taps from this moment on do not count. A blocked one stays as it is."""

    def effect() -> CardOut:
        card, at_ms = _token(session, hub, asked), _moment(hub, caller, asked.at)
        block(session, hub, caller, card=card, at_ms=at_ms, why=asked.why)
        return _out(session, hub, card)

    return once.run(session, caller, asked, CardOut, effect)


def block(session: Session, hub: Hub, caller: Caller, *, card: str, at_ms: int, why: str) -> None:
    """From a moment on, unless it is blocked then."""
    if cards.block_of(session, hub.community, card, at_ms) is None:
        until_ms = cards.next_block_ms(session, hub.community, card, at_ms)
        edit(session, hub, caller, why, blocks=[_block(card, at_ms, until_ms)])


@router.post("/unblock")
def unblock_card(
    asked: CardChange, hub: HubDep, session: WriteDep, caller: Desk, once: OnceDep
) -> CardOut:
    """The card counts again from this moment on."""

    def effect() -> CardOut:
        card, at_ms = _token(session, hub, asked), _moment(hub, caller, asked.at)
        held = cards.block_of(session, hub.community, card, at_ms)
        if held is None:
            raise ProblemError(409, "card-not-blocked", "the card is not blocked at that moment")
        row = _block(card, held.from_ms, at_ms)
        edit(session, hub, caller, asked.why, blocks=[row])
        return _out(session, hub, card)

    return once.run(session, caller, asked, CardOut, effect)


@router.post("/replace")
def replace_card(
    asked: Replacement, hub: HubDep, session: WriteDep, caller: Counter, once: OnceDep
) -> CardOut:
    """The old card ends and the new one begins at the same moment, for the same household."""

    def effect() -> CardOut:
        card, at_ms = _token(session, hub, asked), _moment(hub, caller, asked.at)
        old = _ended(session, hub, card, at_ms)
        fresh = Binding(
            card=asked.new_card,
            household=str(old.household),
            serial=asked.new_serial,
            why=asked.why,
        )
        _refuse_taken(session, hub, fresh, at_ms)
        edit(session, hub, caller, asked.why, cards=[old])
        return _bind(session, hub, caller, fresh, at_ms)

    return once.run(session, caller, asked, CardOut, effect)


def _moment(hub: Hub, caller: Caller, at: Moment | None) -> int:
    now_ms = hub.now_ms()
    at_ms = now_ms if at is None else utc_ms(at)
    if at_ms < now_ms - BACK_DATED_MS and caller.role not in MAY_BACK_DATE:
        detail = f"role {caller.role} may not back-date; expected one of {', '.join(MAY_BACK_DATE)}"
        raise ProblemError(403, "forbidden", detail)
    return at_ms


def _token(session: Session, hub: Hub, asked: CardAsked) -> str:
    """A card that was bound once, or a problem."""
    if asked.card is not None:
        known = [asked.card] if cards.bindings_of(session, hub.community, asked.card) else []
    elif asked.household is not None:
        held = cards.held_by(session, hub.community, asked.household, hub.now_ms())
        known = [one.card for one in held if cards.mark_of(one.card) == asked.mark]
    else:
        known = cards.cards_with(session, hub.community, str(asked.serial))
    if not known:
        raise ProblemError(404, "card-unknown", "no card like that was ever bound")
    if len(known) > 1:
        detail = f"{len(known)} cards bear this serial; expected one: tap the card instead"
        raise ProblemError(409, "serial-ambiguous", detail)
    return known[0]


def _refuse_taken(session: Session, hub: Hub, asked: Binding, at_ms: int) -> None:
    require_household(session, hub, asked.household)
    held = cards.holder_of(session, hub.community, asked.card, at_ms)
    if held is not None and not asked.move:
        detail = (
            f"the card is household {held.household_id}'s at that moment; end it, "
            "or set move to take it"
        )
        raise ProblemError(409, "card-taken", detail)


def _bind(session: Session, hub: Hub, caller: Caller, asked: Binding, at_ms: int) -> CardOut:
    given = {"card": asked.card, "household": asked.household, "from": local_time(at_ms)}
    if asked.serial is not None:
        given["serial"] = asked.serial
    row = rows.CardRow.model_validate(given)
    edit(session, hub, caller, asked.why, corrects=asked.move, cards=[row])
    return _out(session, hub, asked.card)


def _ended(session: Session, hub: Hub, card: str, at_ms: int) -> rows.CardRow:
    held = cards.holder_of(session, hub.community, card, at_ms)
    if held is None:
        raise ProblemError(409, "card-not-bound", "the card is nobody's at that moment")
    given = {
        "card": card,
        "household": held.household_id,
        "from": local_time(held.from_ms),
        "to": local_time(at_ms),
    }
    return rows.CardRow.model_validate(given)


def _block(card: str, from_ms: int, until_ms: int | None) -> rows.BlockRow:
    until = None if until_ms is None else local_time(until_ms)
    given = {"card": card, "from": local_time(from_ms), "until": until}
    return rows.BlockRow.model_validate(given)


def _out(session: Session, hub: Hub, card: str) -> CardOut:
    now_ms = hub.now_ms()
    held = cards.bindings_of(session, hub.community, card)
    now = cards.holder_of(session, hub.community, card, now_ms)
    return CardOut(
        card=card,
        serial=(now or held[0]).serial,
        household=now and now.household_id,
        blocked=cards.block_of(session, hub.community, card, now_ms) is not None,
        held=[
            HeldOut(
                household=one.household_id,
                since=_when(one.from_ms),
                until=None if one.to_ms is None else _when(one.to_ms),
            )
            for one in held[:50]
        ],
    )


def _when(at_ms: int) -> str:
    return local_time(at_ms).isoformat(timespec="milliseconds")
