"""Which visit a deposit belongs to. Decided here, once; the answer travels as a fact.

At three taps a minute nearly every deposit falls into several open visits: then it belongs to none
of them, and the weight of each is missing, never 0.
"""

from edge.point.state import DepositState, PointState, VisitState
from wire.facts import Assign
from wire.roster import Settings

MAX_CANDIDATES = 40


def assign_deposit(state: PointState, deposit: DepositState, settings: Settings) -> Assign | None:
    """The assignment of a new deposit; None when a later tap may still claim it."""
    if settings.tap_order == "last":
        return None
    window_ms = settings.claim_window_s * 1000
    candidates = [
        visit.visit
        for visit in state.visits.values()
        if visit.boot_id == deposit.boot_id
        and visit.card is not None
        and 0 <= deposit.moved_up_ms - visit.tapped_up_ms <= window_ms
        and not _idle(state, visit, deposit, settings)
    ][-MAX_CANDIDATES:]
    if candidates:
        return _assign(deposit, candidates)
    if settings.tap_order == "either":
        return None
    return Assign(deposit=deposit.deposit, doubt="no_visit")


def claims_of_tap(
    state: PointState, visit: VisitState, now_up_ms: int, settings: Settings
) -> list[Assign]:
    """Deposits of the last minute that nobody claimed and that a tap after them may claim."""
    if settings.tap_order == "first":
        return []
    window_ms = settings.claim_window_s * 1000
    return [
        _assign(deposit, [visit.visit])
        for deposit in state.deposits.values()
        if not deposit.decided
        and deposit.boot_id == visit.boot_id
        and 0 <= now_up_ms - deposit.moved_up_ms <= window_ms
    ]


def unclaimed(state: PointState, now_up_ms: int, settings: Settings) -> list[Assign]:
    """Deposits whose time to be claimed has passed."""
    window_ms = settings.claim_window_s * 1000
    return [
        Assign(deposit=deposit.deposit, doubt="no_visit")
        for deposit in state.deposits.values()
        if not deposit.decided and now_up_ms - deposit.moved_up_ms > window_ms
    ]


def _assign(deposit: DepositState, candidates: list[str]) -> Assign:
    if deposit.quality == "gap":
        return Assign(deposit=deposit.deposit, doubt="gap", candidates=tuple(candidates))
    if len(candidates) > 1:
        return Assign(deposit=deposit.deposit, doubt="several", candidates=tuple(candidates))
    return Assign(deposit=deposit.deposit, visit=candidates[0], doubt="none")


def _idle(state: PointState, visit: VisitState, deposit: DepositState, settings: Settings) -> bool:
    """After a while without anything of its own, a visit takes no more weight."""
    last_ms = max(
        (state.deposits[key].moved_up_ms for key in visit.deposits if key in state.deposits),
        default=visit.tapped_up_ms,
    )
    return deposit.moved_up_ms - last_ms > settings.idle_s * 1000
