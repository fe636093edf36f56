"""The screen message from the point's state; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from edge.point.state import PointState, VisitState
from edge.scales.weighing import BinWeighing
from wire.base import Trust
from wire.point_bus import (
    Screen,
    ScreenBin,
    ScreenJudged,
    ScreenLink,
    ScreenShift,
    ScreenVisit,
)
from wire.roster import MATTERS, Settings
from wire.session import PortStatus

VISITS_SHOWN = 400


@dataclass(frozen=True)
class BinOnScreen:
    """A bin of the configuration with its weighing."""

    no: int
    category: str
    weighing: BinWeighing


@dataclass(frozen=True)
class Surroundings:
    """What the screen shows besides the facts."""

    point: str
    now_ms: int
    trust: Trust
    link_up: bool
    waiting: int
    reader_ok: bool
    full: bool
    speaker: Literal["ok", "none", "failed"] = "none"
    roster: int = 0
    ports: tuple[PortStatus, ...] = ()


def screen_of(
    state: PointState,
    around: Surroundings,
    bins: Iterable[BinOnScreen],
    door_of: Callable[[str], str | None],
    settings: Settings,
) -> Screen:
    """The whole screen; ``door_of`` looks a card token up in the roster."""

    def door(visit: VisitState) -> str | None:
        cards = (card for card in (visit.card, visit.card_old) if card)
        return visit.door or next((found for card in cards if (found := door_of(card))), None)

    shift = state.shift
    return Screen(
        point=around.point,
        screen_rev=state.screen_rev,
        at_ms=around.now_ms,
        trust=around.trust,
        shift=None
        if shift is None
        else ScreenShift(shift=shift.shift, person=shift.person, since_ms=shift.since_ms),
        visits=tuple(_visit(visit, door(visit)) for visit in state.unjudged[:VISITS_SHOWN]),
        judged=tuple(
            _judged(state.visits[key], door(state.visits[key]), settings)
            for key in state.judged
            if key in state.visits
        ),
        bins=tuple(
            ScreenBin(
                no=bin_.no,
                category=bin_.category,
                grams=bin_.weighing.level_g,
                state=bin_.weighing.state,
            )
            for bin_ in bins
        ),
        link=ScreenLink(up=around.link_up, waiting=around.waiting),
        reader_ok=around.reader_ok,
        full=around.full,
        speaker=around.speaker,
        maintenance=state.maintenance,
        roster=around.roster,
        counts=state.tally.counts(),
        matters=MATTERS if settings.matters is None else settings.matters,
        ports=around.ports,
    )


def _visit(visit: VisitState, door: str | None) -> ScreenVisit:
    weights = list(visit.deposits.values())
    return ScreenVisit(
        no=min(visit.no, 9999),
        visit=visit.visit,
        door=door,
        card=visit.card_state,
        tapped_ms=visit.tapped_ms,
        rev=visit.rev,
        bins=tuple(sorted({no for no, _ in weights})),
        grams=None if visit.doubtful or not weights else sum(grams for _, grams in weights),
    )


def _judged(visit: VisitState, door: str | None, settings: Settings) -> ScreenJudged:
    verdict = visit.verdict
    if verdict is None:
        msg = f"visit {visit.visit} is listed as judged without a verdict"
        raise AssertionError(msg)
    return ScreenJudged(
        visit=visit.visit,
        verdict=verdict.verdict,
        door=door,
        value=verdict.fact.value,
        reason=verdict.fact.reason,
        mode=verdict.fact.mode,
        at_ms=verdict.at_ms,
        undo_until_ms=verdict.at_ms + settings.undo_s * 1000,
    )
