"""CPU of the daemon per sweep of 14 Modbus scales, to a bare pymodbus loop on the same bus."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.harness import Figure, Place
from tests.bench.point import PointProcess, cpu_s
from tests.bench.scales import BAUDRATE, BINS, Scales
from tests.programs import until

LIMIT = 1.5
WINDOW_S = 6.0
LOOP = Path(__file__).with_name("bare_loop.py")


@dataclass(frozen=True)
class Window:
    """What one process used while the scales answered so often."""

    cpu_s: float
    sweeps: float

    @property
    def ms_a_sweep(self) -> float:
        return 1000 * self.cpu_s / self.sweeps


def figures(place: Place) -> Iterator[Figure]:
    """Both wait for the same 250 ms between the starts of sweeps; neither's start counts."""
    with PointProcess(place.folder) as point:
        ours, bare = place.interleaved(lambda: _daemon(point), lambda: _bare(point.scales))
    paces = [median(window.sweeps / WINDOW_S for window in taken) for taken in (ours, bare)]
    yield Figure(
        "CPU a sweep",
        "ms",
        [window.ms_a_sweep for window in ours],
        LIMIT,
        [window.ms_a_sweep for window in bare],
        f"{paces[0]:.2f} and {paces[1]:.2f} sweeps/s",
    )


def _daemon(point: PointProcess) -> Window:
    point.start()
    window = _window(point.scales, point.cpu_s)
    point.stop()
    return window


def _bare(scales: Scales) -> Window:
    swept = scales.answers
    loop = subprocess.Popen([sys.executable, LOOP, scales.link, str(BAUDRATE), str(BINS)])
    until(lambda: scales.answers > swept + 2 * BINS, "two sweeps")
    window = _window(scales, lambda: cpu_s(loop.pid))
    loop.terminate()
    loop.wait(10)
    return window


def _window(scales: Scales, cpu: Callable[[], float]) -> Window:
    answers, used_s = scales.answers, cpu()
    time.sleep(WINDOW_S)
    return Window(cpu() - used_s, (scales.answers - answers) / BINS)
