"""What a reader heard as events: numbers become tokens here, and no card number goes on."""

from collections.abc import Sequence

from edge.cards.kinds import CardHeard, card_of
from edge.cards.token import RefusedCardError, Tokenizer
from edge.events import CardRefused, CardSeen, PortHeard
from edge.readings import BadFrame, CardNumber, CardRead

HeardEvent = CardSeen | CardRefused | PortHeard


class Hearing:
    """One reader; ``technology`` is that of cards of which it tells only a number."""

    def __init__(self, name: str, technology: str, tokenizer: Tokenizer) -> None:
        self._name = name
        self._technology = technology
        self._tokenizer = tokenizer

    def events(self, heard: Sequence[CardHeard], size: int, up_ms: int) -> list[HeardEvent]:
        """Every card, then the counters; ``size`` is in bytes."""
        readings = [
            card_of(reading, self._technology) if isinstance(reading, CardNumber) else reading
            for reading in heard
        ]
        cards = [reading for reading in readings if isinstance(reading, CardRead)]
        bad = tuple(reading for reading in readings if isinstance(reading, BadFrame))
        return [
            *(self._card(card, up_ms) for card in cards),
            PortHeard(self._name, size, len(cards), bad),
        ]

    def _card(self, card: CardRead, up_ms: int) -> CardSeen | CardRefused:
        try:
            token, old = self._tokenizer.tokens(card)
        except RefusedCardError as error:
            return CardRefused(self._name, str(error))
        return CardSeen(self._name, token, old, up_ms)
