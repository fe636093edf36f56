"""What a card at a reader becomes. Pure."""

from dataclasses import dataclass

from edge.point.commands import open_shift
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
    """A supervisor's card opens the shift; every other card is recorded, known or not.

    The hub decides what an unknown card means; here it only sends its holder to the supervisor.
    Without any roster nobody is sent anywhere.
    """
    if card.person is not None:
        return TapDecision(tuple(open_shift(state, card.person.person, "card")), "accepted")
    signal: SignalName = (
        "see_supervisor" if card.known != "known" and card.roster_loaded else "recorded"
    )
    tap = Tap(
        card=card.token,
        card_old=card.token_old,
        reader=card.reader,
        known=card.known,
        signal=signal,
        shift=state.shift.shift if state.shift else None,
    )
    return TapDecision((tap,), signal)


class SameCard:
    """A card held to a reader is one tap, however long: each repetition extends the wait."""

    def __init__(self) -> None:
        self._seen_ms: dict[tuple[str, str], int] = {}

    def is_repeat(self, reader: str, token: str, up_ms: int, wait_ms: int) -> bool:
        """Whether this card is still lying there."""
        key = (reader, token)
        last_ms = self._seen_ms.get(key)
        self._seen_ms = {
            old: seen_ms for old, seen_ms in self._seen_ms.items() if up_ms - seen_ms <= wait_ms
        }
        self._seen_ms[key] = up_ms
        return last_ms is not None and up_ms - last_ms <= wait_ms
