"""Several scales on one wire, each answering only when it is asked: Modbus RTU, XK3190 commands."""

import math
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

from device_sim.devices import modbus
from device_sim.devices.indicators import xk3190_answer
from device_sim.devices.load import BinLoad, Scale
from device_sim.devices.mischief import BusMischief
from device_sim.devices.pty_port import PtyPort
from device_sim.devices.serial_lines import SerialDevice

TURNAROUND_S = 0.004
LETTERS = 26


class AskedLine(SerialDevice):
    """Scales by address. An answer that is late comes whenever it comes, over any other."""

    def __init__(self, link: Path, loads: Mapping[int, BinLoad], baudrate: int) -> None:
        super().__init__(link, baudrate)
        self.mischief: BusMischief = BusMischief()
        self.scales = {address: Scale(load) for address, load in loads.items()}
        self._answers: list[tuple[float, bytes]] = []
        self._thread.start()

    @abstractmethod
    def answer(self, request: bytes) -> tuple[int, bytes] | None:
        """Whose answer it is, and the answer; None where a real line stays silent."""

    def hear(self, port: PtyPort, wait_s: float) -> bytes:
        """A frame ends with three and a half characters of silence."""
        return port.read_frame(wait_s, gap_s=3.5 * self._byte_s)

    def due_s(self) -> float:
        return min((due_s for due_s, _ in self._answers), default=math.inf)

    def turn(self, data: bytes) -> bytes:
        answered = self.answer(data) if data else None
        if answered is not None:
            address, answer = answered
            # A pty ignores the speed of the line, so the request takes its time here.
            spent_s = len(data) * self._byte_s + TURNAROUND_S + self.mischief.delay_s(address)
            self._answers.append((time.monotonic() + spent_s, answer))
        self._answers.sort()
        if time.monotonic() < self.due_s():
            return b""
        return self._answers.pop(0)[1]

    def readings(self) -> dict[int, Callable[[], modbus.Reading]]:
        """The scales that would answer now."""
        dead = self.mischief.dead
        return {
            address: scale.read
            for address, scale in self.scales.items()
            if address not in dead and not scale.booting
        }


class ScaleBus(AskedLine):
    """A Modbus RTU bus; the slave addresses are the keys of the loads."""

    def __init__(
        self,
        link: Path,
        loads: Mapping[int, BinLoad],
        *,
        baudrate: int,
        layout: modbus.Layout = modbus.PLAIN,
    ) -> None:
        self._layout = layout
        super().__init__(link, loads, baudrate)

    def answer(self, request: bytes) -> tuple[int, bytes] | None:
        answer = modbus.answer(request, self.readings(), self._layout)
        if answer is None:
            return None
        slave, function = request[:2]
        code = self.mischief.refusal(slave)
        return slave, answer if code is None else modbus.exception(slave, function, code)


class CommandLine(AskedLine):
    """XK3190 indicators in command mode on RS-485: address 1 is the letter A."""

    def __init__(self, link: Path, loads: Mapping[int, BinLoad], *, baudrate: int = 9600) -> None:
        wrong = [address for address in loads if not 1 <= address <= LETTERS]
        if wrong:
            msg = f"addresses {wrong}: expected 1-{LETTERS}, which are the letters A-Z"
            raise ValueError(msg)
        super().__init__(link, loads, baudrate)

    def answer(self, request: bytes) -> tuple[int, bytes] | None:
        indicators = {bytes([ord("A") + no - 1]): read for no, read in self.readings().items()}
        answer = xk3190_answer(request, indicators)
        return (request[1] - ord("A") + 1, answer) if answer else None
