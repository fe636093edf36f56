"""Hears what the real aplay plays: ALSA's own file device writes it to a pipe read here."""

import array
import fcntl
import itertools
import os
import select
import threading
import time
from dataclasses import dataclass
from pathlib import Path

RATE_HZ = 48_000
WINDOW = 960
WINDOW_S = WINDOW / RATE_HZ
SMALL_PIPE = 4096
LOUD = 300
CONFIG = """
pcm.!default {{ type plug slave {{ pcm "ear" rate 48000 channels 1 format S16_LE }} }}
pcm.ear {{ type file slave.pcm "nothing" file "{pipe}" format "raw" }}
pcm.nothing {{ type null }}
"""


@dataclass(frozen=True)
class Window:
    """20 ms: when it was heard, its pitch by zero crossings, its loudest sample."""

    at_s: float
    hertz: float
    peak: int


def pitch(values: "array.array[int]") -> float:
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(values))
    return crossings / 2 / (len(values) / RATE_HZ)


class Ear:
    """Reads at the pace of a sound card, or as fast as it comes."""

    def __init__(self, folder: Path, *, real_time: bool = False) -> None:
        pipe = folder / "heard"
        os.mkfifo(pipe)
        self.config = folder / "asound.conf"
        self.config.write_text(CONFIG.format(pipe=pipe))
        self.windows: list[Window] = []
        self.listening = threading.Event()
        self.listening.set()
        self._end = threading.Event()
        self._real_time = real_time
        self._read_end = os.open(pipe, os.O_RDWR)  # its own writer: no end of file between sounds
        fcntl.fcntl(self._read_end, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self.listening.set()
        self._thread.join()
        os.close(self._read_end)

    def _hear(self) -> None:
        pending = b""
        while not self._end.is_set():
            self.listening.wait()
            if not select.select([self._read_end], [], [], WINDOW_S)[0]:
                continue
            pending += os.read(self._read_end, WINDOW * 2)
            if len(pending) < WINDOW * 2:
                continue
            values = array.array("h", pending[: WINDOW * 2])
            pending = pending[WINDOW * 2 :]
            self.windows.append(Window(time.monotonic(), pitch(values), max(*values, -min(values))))
            if self._real_time:
                time.sleep(WINDOW_S)

    def loud(self, low_hz: float = 0, high_hz: float = RATE_HZ) -> list[Window]:
        return [w for w in self.windows if w.peak > LOUD and low_hz <= w.hertz <= high_hz]
