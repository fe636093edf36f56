"""A key at the supervisor's terminal to the first painted bytes of its effect; 40 visits open."""

import os
import pty
import secrets
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from struct import pack

from tests.bench.bench_point_memory import memory_mb
from tests.bench.harness import Figure, Place, percentile
from tests.kiosk.point_bus import PASSWORD, Broker, PointOnBus, point_on
from tests.kiosk.scripted_point import CATEGORIES, ScriptedPoint
from wire.point_bus import ScreenBin

LIMIT_MS = 60
LIMIT_MB = 80
VISITS = 40
KEYS = 60
"""A run; half move ▶ on and half back."""
APART_S = 0.26
"""Longer than a bounce; the same key is never pressed twice in a row."""
ARROW = "▶".encode()


class Moving(ScriptedPoint):
    """Fourteen scales of which every one shows another weight in every screen."""

    @property
    def bins(self) -> tuple[ScreenBin, ...]:
        return tuple(
            ScreenBin(no=no, category=category, grams=secrets.randbelow(90_000), state="moving")
            for no, category in enumerate(CATEGORIES, start=1)
        )

    @bins.setter
    def bins(self, _bins: tuple[ScreenBin, ...]) -> None:
        """The scripted point sets still ones."""


class Terminal:
    """The command itself in a pseudo-terminal of 80 × 24 whose bytes are read here."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        config = folder / "kiosk.toml"
        config.write_text(
            f'point = "p03"\n[bus]\nhost = "127.0.0.1"\nport = {broker.mqtt_port}\n'
            f'username = "terminal"\npassword = "{PASSWORD}"\n'
        )
        self._master, device = pty.openpty()
        ioctl(device, termios.TIOCSWINSZ, pack("HHHH", 24, 80, 0, 0))
        command = [sys.executable, "-m", "kiosk", "point", "--config", str(config)]
        self.process = subprocess.Popen(
            command, stdin=device, stdout=device, stderr=device, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )  # fmt: skip
        os.close(device)

    def shows(self, word: bytes, seconds: float) -> float:
        """Reads until the word is among what is painted; returns when it was."""
        deadline, painted = time.monotonic() + seconds, b""
        while word not in painted:
            ready, _, _ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                msg = f"{word!r} was not painted within {seconds} s"
                raise TimeoutError(msg)
            painted += os.read(self._master, 65_536)
        return time.monotonic()

    def rest(self, seconds: float) -> None:
        """Takes what is painted meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                os.read(self._master, 65_536)

    def press(self, key: bytes) -> float:
        """Milliseconds until ▶ is painted at its new place."""
        pressed = time.monotonic()
        os.write(self._master, key)
        return (self.shows(ARROW, 5) - pressed) * 1000

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


def figures(place: Place) -> Iterator[Figure]:
    """Runs of keys that move ▶, with the weights changing four times a second."""
    broker = Broker(place.folder)
    broker.start()
    try:
        with point_on(broker, Moving()) as point:
            yield from _measured(place, broker, point)
    finally:
        broker.kill()


def _measured(place: Place, broker: Broker, point: PointOnBus) -> Iterator[Figure]:
    point.tap(*[f"{no}-1-{no}01" for no in range(1, VISITS + 1)])
    terminal = Terminal(broker, place.folder)
    try:
        terminal.shows(ARROW, 20)
        terminal.rest(2)
        runs = [_run(terminal) for _ in range(place.pairs)]
        memory = memory_mb(terminal.process.pid)["VmRSS"]
    finally:
        terminal.end()
    yield Figure("key to painted screen, p50", "ms", [percentile(run, 50) for run in runs], None)
    p99 = [percentile(run, 99) for run in runs]
    yield Figure("key to painted screen, p99", "ms", p99, LIMIT_MS)
    yield Figure("terminal resident", "MB", [memory], LIMIT_MB)


def _run(terminal: Terminal) -> list[float]:
    taken = []
    for number in range(KEYS):
        taken.append(terminal.press(b"+" if number % 2 == 0 else b"-"))
        terminal.rest(APART_S)
    return taken
