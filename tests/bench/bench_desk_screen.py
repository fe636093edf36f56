"""A key at the joint desk to the first painted bytes of its effect; 5,000 matters open."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from struct import pack

from edge.reader_service import LineSocket
from tests.bench.bench_point_memory import memory_mb
from tests.bench.harness import Figure, Place, percentile
from tests.hub.stores import SqliteStores
from tests.kiosk.desk.making import made
from tests.kiosk.hub_here import WANG, HubHere, hubs_in

LIMIT_MS = 60
LIMIT_MB = 80
MATTERS = 5000
KEYS = 60
"""A run; half turn the page on and half back."""
APART_S = 0.2


class Terminal:
    """The command itself in a pseudo-terminal of 80 × 24 whose bytes are read here."""

    def __init__(self, here: HubHere, folder: Path) -> None:
        config = folder / "desk.toml"
        config.write_text(
            f'desk = "d1"\ntaps = "{folder / "r.sock"}"\ndata = "desk"\n[hub]\n'
            f'url = "{here.url}"\nusername = "a-desk"\npassword = "{here.passwords["desk"]}"\n'
        )
        self._master, device = pty.openpty()
        ioctl(device, termios.TIOCSWINSZ, pack("HHHH", 24, 80, 0, 0))
        command = [sys.executable, "-m", "kiosk", "desk", "--config", str(config)]
        self.process = subprocess.Popen(
            command, stdin=device, stdout=device, stderr=device, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )  # fmt: skip
        os.close(device)

    def shows(self, word: str, seconds: float) -> float:
        """Reads until the word is among what is painted; returns when it was."""
        deadline, painted = time.monotonic() + seconds, b""
        while word.encode() not in painted:
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

    def press(self, key: bytes, word: str) -> float:
        """Milliseconds until the word is painted."""
        pressed = time.monotonic()
        os.write(self._master, key)
        return (self.shows(word, 10) - pressed) * 1000

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


def figures(place: Place) -> Iterator[Figure]:
    """Pages of the list turned, and opened from the menu, over HTTP."""
    with hubs_in(SqliteStores(place.folder)) as hubs, hubs.fresh() as here:
        made(here, count=MATTERS)
        reader = LineSocket(place.folder / "r.sock")
        terminal = Terminal(here, place.folder)
        try:
            yield from _measured(place, reader, terminal)
        finally:
            terminal.end()
            reader.close()


def _measured(place: Place, reader: LineSocket, terminal: Terminal) -> Iterator[Figure]:
    terminal.shows("请工作人员刷卡", 30)
    terminal.rest(3)
    reader.send(b'{"card": "%s"}\n' % WANG.encode())
    terminal.shows("新事项", 30)
    terminal.rest(2)
    opened = [_opened(terminal) for _ in range(place.pairs)]
    terminal.press(b"2", "#9 ")
    runs = [_run(terminal) for _ in range(place.pairs)]
    memory = memory_mb(terminal.process.pid)["VmRSS"]
    p50 = [percentile(run, 50) for run in runs]
    p99 = [percentile(run, 99) for run in runs]
    yield Figure("a page of the list turned, p50", "ms", p50, None)
    yield Figure("a page of the list turned, p99", "ms", p99, LIMIT_MS)
    yield Figure("the list opened, asked of the hub", "ms", opened, None)
    yield Figure("desk resident", "MB", [memory], LIMIT_MB)


def _opened(terminal: Terminal) -> float:
    taken = terminal.press(b"2", "#9 ")
    terminal.rest(APART_S)
    terminal.press(b"\x1b", "新事项")
    terminal.rest(APART_S)
    return taken


def _run(terminal: Terminal) -> list[float]:
    taken = []
    for number in range(KEYS):
        key, word = (b"+", "#18 ") if number % 2 == 0 else (b"-", "#9 ")
        taken.append(terminal.press(key, word))
        terminal.rest(APART_S)
    return taken
