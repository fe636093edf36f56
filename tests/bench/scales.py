"""Fourteen Modbus scales on one pseudo-tty, in a process of their own: they cost ours nothing."""

import multiprocessing
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from types import TracebackType
from typing import Self

from device_sim.devices.load import BinLoad
from device_sim.devices.modbus import Reading
from device_sim.devices.serial_devices import ScaleBus
from tests.programs import until

BINS = 14
BAUDRATE = 19_200
_spawn = multiprocessing.get_context("spawn")


class _Counted(BinLoad):
    """Counts every reading that leaves the scale."""

    def __init__(self, no: int, answers: "Synchronized[int]") -> None:
        super().__init__(empty_g=12_000 + 500 * no, division_g=20, noise_g=6, seed=no)
        self._answers = answers

    def read(self, now_s: float) -> Reading:
        self._answers.value += 1
        return super().read(now_s)


class Scales:
    """A bus on ``link``; ``answers`` says how often a scale was asked and answered."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self._answers = _spawn.Value("q", 0)
        self._stop = _spawn.Event()
        self._process = _spawn.Process(target=_serve, args=(link, self._answers, self._stop))

    @property
    def answers(self) -> int:
        return int(self._answers.value)

    def __enter__(self) -> Self:
        self._process.start()
        until(self.link.exists, "the bus is there")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._process.join()


def _serve(link: Path, answers: "Synchronized[int]", stop: Event) -> None:
    loads = {no: _Counted(no, answers) for no in range(1, BINS + 1)}
    bus = ScaleBus(link, loads, baudrate=BAUDRATE)
    stop.wait()
    bus.close()
