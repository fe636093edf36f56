"""A card reader on a serial port: bytes become tokens here, and no card number leaves."""

import queue
from collections.abc import Callable

import serial

from edge.cards.rdm6300 import Rdm6300Decoder
from edge.cards.token import RefusedCardError, Tokenizer
from edge.config import ReaderConfig
from edge.events import CardRefused, CardSeen, Event, PortHeard
from edge.ports.worker import PortWorker
from edge.readings import BadFrame, CardRead

READ_TIMEOUT_S = 0.5
DECODERS = {"rdm6300": Rdm6300Decoder}


class ReaderWorker(PortWorker):
    """One reader, one thread."""

    def __init__(
        self,
        config: ReaderConfig,
        tokenizer: Tokenizer,
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
    ) -> None:
        super().__init__(config.name, events)
        self._config = config
        self._tokenizer = tokenizer
        self._up_ms = up_ms

    def pump(self) -> None:
        """Read until asked to stop; raises what pyserial raises when the port fails."""
        with serial.Serial(
            str(self._config.port), self._config.baudrate, timeout=READ_TIMEOUT_S, exclusive=True
        ) as port:
            self.opened()
            decoder = DECODERS[self._config.kind]()  # no half frame survives a reopen
            while not self._stop.is_set():
                data = port.read(port.in_waiting or 1)
                if data:
                    self._hear(decoder.feed(data), len(data))

    def _hear(self, readings: list[CardRead | BadFrame], count: int) -> None:
        up_ms = self._up_ms()
        cards = [reading for reading in readings if isinstance(reading, CardRead)]
        bad = tuple(reading for reading in readings if isinstance(reading, BadFrame))
        for card in cards:
            try:
                token, old = self._tokenizer.tokens(card)
            except RefusedCardError as error:
                self._events.put(CardRefused(self.name, str(error)))
            else:
                self._events.put(CardSeen(self.name, token, old, up_ms))
        self._events.put(PortHeard(self.name, count, len(cards), bad))
