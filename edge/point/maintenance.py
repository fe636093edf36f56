"""A technician at work: a card opens maintenance, and what devices say then never pays. Pure."""

from edge.point.state import MAINTENANCE, PointState
from wire.base import WireModel
from wire.facts import Deposit, Emptied, Fault, Manual, Removed, Tap

LONGEST_MS = 30 * 60_000
"""Who forgets to end it must not cost the evening's residents their day."""
_FROM_DEVICES = (Tap, Deposit, Emptied, Removed, Manual)


def is_test(state: PointState, body: WireModel) -> bool:
    """Whether a fact recorded now is marked as a test. Verdicts of earlier visits stay real."""
    return state.maintenance and isinstance(body, _FROM_DEVICES)


def toggled(state: PointState, person: str) -> Fault:
    """What a technician's card at a reader becomes."""
    device, what = MAINTENANCE
    now = "cleared" if state.maintenance else "raised"
    return Fault(device=device, what=what, state=now, detail=person)


def end_due(state: PointState, now_ms: int) -> list[Fault]:
    """The end of a maintenance that nobody ended."""
    device, what = MAINTENANCE
    since_ms = state.open_faults.get(MAINTENANCE)
    if since_ms is None or now_ms - since_ms <= LONGEST_MS:
        return []
    return [Fault(device=device, what=what, state="cleared", detail="left open")]
