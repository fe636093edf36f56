"""The store once a second: opened again when it can be, and what ails it said aloud."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge.health import Health
from edge.point.faults import Condition
from edge.recorder import Recorder
from edge.store.file import OutboxError, StoreFullError
from edge.store.mend import evidence
from edge.store.space import MB, Space
from wire.facts import Fault

TRY_AGAIN_MS = 5000
SLOW_MS = 2000
NAME = "outbox"
REFUSING = ("store", "refusing")
"""Its own device: the fault is recorded at once, and cleared by whoever raised it."""
log = logging.getLogger(__name__)


@dataclass
class Keeper:
    """Owned by the daemon's loop."""

    recorder: Recorder
    health: Health
    space: Space
    on_reopened: Callable[[], None]
    _due_ms: int = 0
    _owed: bool = False
    """Cards were refused while not even that could be recorded."""
    _said: str = ""
    _aside: list[Path] = field(default_factory=list)

    def keep(self, now_ms: int) -> None:
        """Once a second; ``now_ms`` is CLOCK_BOOTTIME."""
        self.recorder.closing = self.space.look() == "closing"
        self._aside = evidence(self.recorder.outbox.path.parent)
        if self.recorder.failed and now_ms >= self._due_ms:
            self._due_ms = now_ms + TRY_AGAIN_MS
            self._try_again()
        if self.recorder.outbox.usable:
            self._say_what_is_gone()
        self._say_that_cards_are_refused()
        self._show()

    def conditions(self) -> list[Condition]:
        """For the watch over lasting faults."""
        little = self.space.level != "enough"
        free = f"{self.space.free_bytes // MB} MB free"
        names = ", ".join(path.name for path in self._aside)[:150]
        return [
            Condition("disk", "little_space" if little else "", free if little else ""),
            Condition(NAME, "damaged" if self._aside else "", names),
        ]

    def _try_again(self) -> None:
        outbox = self.recorder.outbox
        try:
            if outbox.usable:
                outbox.probe()
            elif not outbox.reopen():
                self.recorder.failed = outbox.trouble
                return
            else:
                log.warning("%s: open again, %d facts waiting", outbox.path, outbox.waiting)
                self.on_reopened()
        except OutboxError as error:
            self.recorder.failed = str(error)
            return
        self.recorder.failed = ""

    def _say_what_is_gone(self) -> None:
        outbox = self.recorder.outbox
        voids = outbox.unsaid()
        if voids and self.recorder.try_record(voids):
            try:
                outbox.said()
            except StoreFullError as error:
                self.recorder.note_full(error)

    def _say_that_cards_are_refused(self) -> None:
        recorder = self.recorder
        known = REFUSING in recorder.state.open_faults
        if recorder.full:
            self._owed = not known and not recorder.try_record([_fault("raised", recorder.why)])
        elif known or self._owed:
            detail = f"{recorder.refused_cards} cards refused"
            first = [] if known else [_fault("raised", "no fact could be written")]
            if recorder.try_record([*first, _fault("cleared", detail)]):
                self._owed, recorder.refused_cards = False, 0

    def _show(self) -> None:
        recorder = self.recorder
        words = recorder.why
        if recorder.slowest_ms > SLOW_MS:
            words = words or f"a commit took {recorder.slowest_ms} ms: the card may be failing"
        recorder.slowest_ms = 0
        if self._aside:
            words = words or f"damaged, mended; evidence in {self._aside[-1].name}"
        error = "" if words == self._said else words
        self._said = words
        self.health.note(NAME, up=not recorder.full, error=error)


def _fault(state: str, detail: str) -> Fault:
    device, what = REFUSING
    return Fault(
        device=device,
        state="raised" if state == "raised" else "cleared",
        what=what,
        detail=detail[:200],
    )
