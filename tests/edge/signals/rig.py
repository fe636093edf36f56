"""A loudspeaker between the daemon's events and an ear; what was heard, taken apart."""

import math
import os
import queue
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time as day_time
from pathlib import Path

from edge.clock import system_time
from edge.events import Event, PortDown, PortHeard, PortUp
from edge.health import Health
from edge.signals.config import BroadcastConfig, SignalsConfig
from edge.signals.signals import Signals
from tests.edge.signals.ear import LOUD, RATE_HZ, Ear, Window
from wire.day import day_start_ms, local_time

up_ms = system_time().up_ms
MORNING_MS = day_start_ms(local_time(1_777_766_400_000).date()) + 7 * 3_600_000


@contextmanager
def speaking(config: SignalsConfig | None) -> Iterator[tuple[Signals, "Listening"]]:
    events: queue.Queue[Event] = queue.Queue()
    signals = Signals(config, events, up_ms)
    health = Listening(events)
    for name, kind in signals.names():
        health.add(name, kind)
    signals.start()
    try:
        yield signals, health
    finally:
        signals.stop()
        signals.join(5)
        health.read()


class Listening(Health):
    """Takes the events as the daemon's loop does."""

    def __init__(self, events: "queue.Queue[Event]") -> None:
        super().__init__()
        self._queue = events

    def read(self) -> "Listening":
        while not self._queue.empty():
            event = self._queue.get()
            assert isinstance(event, PortUp | PortDown | PortHeard), event
            self.take(event)
        return self

    def has_played(self, sounds: int) -> bool:
        return self.read().ports["loudspeaker"].frames == sounds


def rising(path: Path, seconds: float) -> Path:
    """A recording whose pitch tells the place: 300 Hz at its start, 900 Hz at its end."""
    count = round(RATE_HZ * seconds)
    angles = (2 * math.pi * (300 * n + 300 * n * n / count) / RATE_HZ for n in range(count))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        out.writeframes(array("h", (round(9000 * math.sin(a)) for a in angles)).tobytes())
    return path


def of_the_tone(ear: Ear) -> list[Window]:
    return ear.loud(1400, 2600)


def of_the_broadcast(ear: Ear) -> list[Window]:
    return ear.loud(200, 1000)


def recording(tmp_path: Path, seconds: float) -> SignalsConfig:
    file = rising(tmp_path / "recording.wav", seconds)
    return SignalsConfig(broadcasts=(BroadcastConfig(at=day_time(7, 30), file=file),))


def has_reached(ear: Ear, hertz: float) -> bool:
    parts = whole_parts(ear.windows)
    return bool(parts) and parts[-1][1] > hertz


def has_heard(ear: Ear, windows: int) -> bool:
    return len(of_the_tone(ear)) >= windows


def whole_parts(windows: list[Window]) -> list[tuple[float, float]]:
    """Pitch at beginning and end of each unbroken part, without its mixed first and last window."""
    parts: list[list[float]] = [[]]
    for window in windows:
        if window.peak > LOUD and window.hertz <= 1000:
            parts[-1].append(window.hertz)
        elif parts[-1]:
            parts.append([])
    return [(part[1], part[-2]) for part in parts if len(part) > 5]


def players() -> list[int]:
    """Processes of aplay that this process started and that still live."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [int(pid) for child in children for pid in child.read_text().split()]
    return [pid for pid in pids if Path(f"/proc/{pid}/comm").read_text() == "aplay\n"]
