"""The place before a reader: one person at a time holds a card and listens."""

import threading
import time
from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Literal

from device_sim.compound.files import READER_NAME
from device_sim.devices.serial_devices import CardReader
from device_sim.people.terminal import SilentPointError, Terminal
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Heard, Tap
from wire.facts import SignalName
from wire.point_bus import Signal

PATIENCE_S = 3.0
"""Who hears nothing for this long after the tap taps again."""
AWAY_S = 3.3
"""Longer than a reader takes two sights of one card for one tap."""
TRIES = 12
TAKEN: frozenset[SignalName] = frozenset({"recorded", "see_supervisor"})


@dataclass(frozen=True)
class Person:
    """Who taps, as the truth log names them."""

    who: Literal["resident", "volunteer"]
    uid: str
    door: str | None
    attended: bool


class ReaderPlace:
    """A reader and the signals beside it."""

    def __init__(
        self,
        point: str,
        reader: CardReader,
        terminal: Terminal,
        truth: TruthLog,
        judged: Container[str],
    ) -> None:
        self._point = point
        self._reader = reader
        self._terminal = terminal
        self._truth = truth
        self._judged = judged
        self._queue = threading.Lock()
        self._heard: deque[Signal] = deque(maxlen=50)
        self._facts: list[str] = []
        self._tap = 0

    @property
    def facts(self) -> tuple[str, ...]:
        """The visits heard since the last card was held up."""
        return tuple(self._facts)

    def tap(
        self, person: Person, hold_s: float, answered: Callable[[], bool], stop: threading.Event
    ) -> None:
        """Hold the card, again and again, until the person has the answer he waits for."""
        with self._queue:
            for _ in range(TRIES):
                if stop.is_set():
                    return
                self._once(person, hold_s, lambda: stop.is_set() or answered())
                if answered() or stop.wait(AWAY_S - PATIENCE_S + hold_s):
                    return
        msg = f"{self._point}: no answer after {TRIES} taps of one card"
        raise SilentPointError(msg)

    def _once(self, person: Person, hold_s: float, enough: Callable[[], bool]) -> None:
        self._listen()
        self._facts.clear()
        self._tap = self._truth.next_tap()
        self._truth.write(
            Tap(
                at_ms=self._truth.now_ms(),
                tap=self._tap,
                point=self._point,
                who=person.who,
                door=person.door,
                uid=person.uid if person.who == "resident" and person.door is None else None,
                attended=person.attended,
            )
        )
        end_s = time.monotonic() + PATIENCE_S
        self._reader.hold(person.uid, hold_s, self._listen)
        self._listen()
        while not enough() and (left_s := end_s - time.monotonic()) > 0:
            self._terminal.wait(lambda: bool(self._terminal.signals) or enough(), left_s)
            self._listen()

    def _listen(self) -> None:
        """Write down what was heard; a signal that comes late still belongs to the last tap.

        A verdict speaks from the terminal, not from the reader; it answers no tap.
        """
        for signal in self._terminal.take_signals():
            if signal in self._heard or signal.reader != READER_NAME:
                continue
            self._heard.append(signal)
            self._truth.write(
                Heard(
                    at_ms=self._truth.now_ms(),
                    tap=self._tap,
                    point=self._point,
                    signal=signal.signal,
                    fact=signal.fact,
                )
            )
            if signal.signal in TAKEN and signal.fact and signal.fact not in self._judged:
                self._facts.append(signal.fact)
