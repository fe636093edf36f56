"""What a card at a reader becomes. Pure."""

from dataclasses import dataclass
from typing import Literal

from edge.point.commands import open_shift
from edge.point.maintenance import toggled
from edge.point.state import PointState
from wire.base import WireModel
from wire.facts import CardState, SignalName, Tap
from wire.roster import RosterPerson


@dataclass(frozen=True)
class TapDecision:
    """What to record and what to tell the person; no facts means that nothing is new."""

    facts: tuple[WireModel, ...]
    signal: SignalName


@dataclass(frozen=True)
class CardAtReader:
    """A card with what the roster says of it."""

    token: str
    token_old: str | None
    reader: str
    known: CardState
    person: RosterPerson | None
    roster_loaded: bool


def decide_tap(state: PointState, card: CardAtReader) -> TapDecision:
    """A supervisor's card opens the shift, a technician's maintenance; any other is recorded.

    Under maintenance a tap never pays, so its holder is not told "recorded".
    The hub decides what an unknown card means; here it only sends its holder to the supervisor.
    Without any roster nobody is sent anywhere.
    """
    if card.person is not None and card.person.role == "technician":
        return TapDecision((toggled(state, card.person.person),), "accepted")
    if card.person is not None:
        return TapDecision(tuple(open_shift(state, card.person.person, "card")), "accepted")
    unknown = card.known != "known" and card.roster_loaded
    signal: SignalName = "see_supervisor" if unknown or state.maintenance else "recorded"
    tap = Tap(
        card=card.token,
        card_old=card.token_old,
        reader=card.reader,
        known=card.known,
        signal=signal,
        shift=state.shift.shift if state.shift else None,
    )
    return TapDecision((tap,), signal)


Sighting = Literal["new", "held", "elsewhere"]


class SameCard:
    """A card held to a reader is one tap, however long: each repetition extends the wait.

    So is a card shown to a second reader right afterwards; its holder is answered there again.
    """

    def __init__(self) -> None:
        self._seen_ms: dict[tuple[str, str], int] = {}

    def sighting(self, reader: str, token: str, up_ms: int, wait_ms: int) -> Sighting:
        """What this card at this reader is."""
        self._seen_ms = {
            key: seen_ms for key, seen_ms in self._seen_ms.items() if up_ms - seen_ms <= wait_ms
        }
        held = (reader, token) in self._seen_ms
        elsewhere = any(seen == token for _, seen in self._seen_ms)
        self._seen_ms[reader, token] = up_ms
        return "held" if held else "elsewhere" if elsewhere else "new"
