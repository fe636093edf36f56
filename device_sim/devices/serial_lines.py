"""Devices on pseudo-ttys with the pace of a real line; they can be pulled, moved and restarted."""

import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

from device_sim.devices.indicators import Encoder, SicsDialogue, sics
from device_sim.devices.load import BinLoad
from device_sim.devices.mischief import Mischief
from device_sim.devices.modbus import Reading, byte_time_s
from device_sim.devices.pn532 import Chip
from device_sim.devices.pty_port import PtyPort

LISTEN_S = 0.02
PN532_BAUD = 115_200


class SerialDevice(ABC):
    """One thread at one end of a wire."""

    def __init__(self, link: Path, baudrate: int) -> None:
        self.mischief = Mischief()
        self._port: PtyPort | None = PtyPort(link)
        self._byte_s = byte_time_s(baudrate)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=link.name, daemon=True)

    def unplug(self) -> None:
        """The far end sees a hang-up, and the name is gone."""
        with self._lock:
            if self._port is not None:
                self._port.close()
            self._port = None

    def replug(self, link: Path) -> None:
        """Back, perhaps under another name."""
        with self._lock:
            self._port = PtyPort(link)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.unplug()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                data = b"" if self._port is None else self._port.read(LISTEN_S)
            if self._port is None:
                self._stop.wait(LISTEN_S)
                continue
            self._write(self.mischief.spoil(self.turn(data)))

    def _write(self, data: bytes) -> None:
        if not data:
            return
        time.sleep(len(data) * self._byte_s)
        with self._lock:
            if self._port is not None:
                self._port.write(data)

    @abstractmethod
    def turn(self, data: bytes) -> bytes:
        """What to send now, given what has just arrived."""


class Indicator(SerialDevice):
    """A scale that streams; ``restart`` comes back with another tare, as after a power cut."""

    def __init__(
        self, link: Path, encode: Encoder, load: BinLoad, *, baudrate: int = 9600, hz: float = 7
    ) -> None:
        super().__init__(link, baudrate)
        self._encode = encode
        self._load = load
        self._period_s = 1 / hz
        self._next_s = self._quiet_until_s = time.monotonic()
        self._tare_g = 0
        self._thread.start()

    def restart(self, tare_g: int, boot_s: float = 0.3) -> None:
        """Silent while it boots, then every weight is less by the new tare."""
        self._tare_g = tare_g
        self._quiet_until_s = time.monotonic() + boot_s

    def read(self) -> Reading:
        """What the display shows."""
        felt = self._load.read(time.monotonic())
        return Reading(felt.grams - self._tare_g, felt.stable, felt.overload)

    def turn(self, _data: bytes) -> bytes:
        now_s = time.monotonic()
        if now_s < max(self._next_s, self._quiet_until_s):
            return b""
        self._next_s = now_s + self._period_s
        return self._encode(self.read())


class SicsScale(Indicator):
    """An MT-SICS balance: it answers, and streams only after SIR."""

    def __init__(self, link: Path, load: BinLoad, *, baudrate: int = 9600, hz: float = 10) -> None:
        self._dialogue = SicsDialogue()
        super().__init__(link, sics, load, baudrate=baudrate, hz=hz)

    def turn(self, data: bytes) -> bytes:
        if time.monotonic() < self._quiet_until_s:
            return b""
        answer = self._dialogue.answer(data, self.read)
        return answer or (super().turn(data) if self._dialogue.streaming else b"")


class Pn532Reader(SerialDevice):
    """A PN532 module; set ``chip.tag`` to lay a card on it."""

    def __init__(self, link: Path) -> None:
        super().__init__(link, PN532_BAUD)
        self.chip = Chip()
        self._thread.start()

    def turn(self, data: bytes) -> bytes:
        return self.chip.hear(data) if data else self.chip.look()
