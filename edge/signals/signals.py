"""Signals of a point for its daemon: every call returns at once, whatever is broken."""

import queue
from collections.abc import Callable

from edge.events import Event
from edge.signals import lamps, loudspeaker
from edge.signals.config import SignalsConfig
from edge.signals.lamps import Lamps
from edge.signals.loudspeaker import Loudspeaker, SoundState
from edge.signals.schedule import Schedule
from edge.signals.tones import ToneName
from wire.day import local_time

HUSH_MS = 30 * 60_000


class Signals:
    """Owned by the daemon's loop. Reports by the events of a port, under :meth:`names`.

    ``hush`` ends what is being broadcast and leaves out what would begin in the next 30 minutes:
    long enough for a talk, and nobody has to remember to switch the evening's on again.
    """

    def __init__(
        self,
        config: SignalsConfig | None,
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
    ) -> None:
        self._config = config or SignalsConfig(sound="none")
        self._up_ms = up_ms
        self._schedule = Schedule(self._config.broadcasts)
        self._quiet = False
        self._hushed_until_ms = 0
        audible = self._config.sound != "none"
        self._speaker = Loudspeaker(self._config, events, up_ms) if audible else None
        self._lamps = Lamps(self._config.leds, events) if self._config.leds else None

    def names(self) -> list[tuple[str, str]]:
        """Name and kind of what reports; nothing for what is not configured."""
        speaker = [(loudspeaker.NAME, "sound")] if self._speaker else []
        return speaker + ([(lamps.NAME, "gpio")] if self._lamps else [])

    @property
    def state(self) -> SoundState:
        """Of the loudspeaker: ``none`` is no card, no player, or not wanted."""
        return self._speaker.state if self._speaker else "none"

    def start(self) -> None:
        """Start the loudspeaker's thread and take the pins."""
        if self._lamps:
            self._lamps.start()
        if self._speaker:
            self._speaker.start()

    def stop(self) -> None:
        """Silence and darkness; :meth:`join` waits for it."""
        if self._speaker:
            self._speaker.stop()
        if self._lamps:
            self._lamps.stop()

    def join(self, timeout_s: float) -> None:
        """Wait for the loudspeaker's thread."""
        if self._speaker:
            self._speaker.join(timeout_s)

    def say(self, signal: ToneName, reader: str) -> None:
        """After the commit; a newer signal takes the place of one that still waits."""
        if self._lamps:
            self._lamps.say(signal, reader)
        if self._speaker:
            self._speaker.tone(signal, quiet=self._quiet)

    def turn(self, now_ms: int, *, trusted: bool) -> None:
        """Once a second, with the wall time and whether it may be believed."""
        self._quiet = trusted and self._config.is_quiet(local_time(now_ms).time())
        due = self._schedule.turn(now_ms, trusted=trusted)
        if due and self._speaker and self._up_ms() >= self._hushed_until_ms:
            self._speaker.broadcast(due)

    def broadcast_now(self) -> bool:
        """The first broadcast of the file; False when there is none, no sound, or quiet hours."""
        if not (self._speaker and self._config.broadcasts) or self.state != "ok" or self._quiet:
            return False
        self._hushed_until_ms = 0
        self._speaker.broadcast(self._config.broadcasts[0])
        return True

    def hush(self) -> None:
        """End the running broadcast, and none of the schedule for half an hour."""
        self._hushed_until_ms = self._up_ms() + HUSH_MS
        if self._speaker:
            self._speaker.hush()
