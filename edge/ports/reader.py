"""A card reader on a serial port: bytes become tokens here, and no card number leaves."""

import queue
from collections.abc import Callable, Sequence
from typing import Protocol

from serial.tools.list_ports import comports

from edge.cards.hearing import Hearing
from edge.cards.kinds import KINDS, CardDecoder, CardHeard
from edge.cards.pn532_host import Pn532Host, Turn
from edge.cards.token import Tokenizer
from edge.device_config import ReaderConfig
from edge.events import Event
from edge.ports.line import open_line
from edge.ports.node import Listing, node_of
from edge.ports.worker import PortWorker

QUIET_S = 0.5
GAP_S = 0.03
"""Of readers whose frames end in a pause: a held card is repeated after 40 ms or more."""
TURN_S = 0.05


class Dialogue(Protocol):
    """Bytes and time in, readings and bytes to send out; also called when nothing came."""

    def turn(self, data: bytes, up_ms: int) -> Turn: ...


class Listener:
    """A reader that only speaks."""

    def __init__(self, decoder: CardDecoder) -> None:
        self._decoder = decoder

    def turn(self, data: bytes, _up_ms: int) -> Turn:
        heard = self._decoder.feed(data) if data else self._decoder.idle()
        return Turn(tuple(heard), b"")


def _dialogue(config: ReaderConfig) -> tuple[Dialogue, float]:
    """The conversation with a reader, and how long a silence is to be noticed."""
    if config.kind == "pn532":
        return Pn532Host(), TURN_S
    ends_in_a_pause = config.kind == "em18" or config.terminator == "none"
    listener = Listener(KINDS[config.kind](config.line))
    return listener, GAP_S if ends_in_a_pause else QUIET_S


class ReaderWorker(PortWorker):
    """One reader, one thread."""

    def __init__(
        self,
        config: ReaderConfig,
        tokenizer: Tokenizer,
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
        *,
        listing: Listing = comports,
    ) -> None:
        super().__init__(config.name, config.kind, events)
        self._config = config
        self._hearing = Hearing(config.name, config.card_technology, tokenizer)
        self._up_ms = up_ms
        self._listing = listing

    def pump(self) -> None:
        """Read until asked to stop; raises what pyserial raises when the port fails."""
        dialogue, quiet_s = _dialogue(self._config)  # no half frame survives a reopen
        node = node_of(self._config.port, self._listing)
        with open_line(node, self._config.speed, quiet_s) as port:
            self.opened()
            while not self._stop.is_set():
                data = port.read(port.in_waiting or 1)
                turn = dialogue.turn(data, self._up_ms())
                if turn.send:
                    port.write(turn.send)
                if data or turn.heard:
                    self._hear(turn.heard, len(data))

    def _hear(self, heard: Sequence[CardHeard], count: int) -> None:
        for event in self._hearing.events(heard, count, self._up_ms()):
            self._events.put(event)
