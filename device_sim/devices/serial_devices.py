"""The two serial devices of a point, each on its own pseudo-tty."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from device_sim.devices import modbus, rdm6300
from device_sim.devices.load import BinLoad
from device_sim.devices.pty_port import PtyPort

TURNAROUND_S = 0.004
STOP_CHECK_S = 0.5


class CardReader:
    """An RDM6300: it repeats a card's frame while the card is held."""

    def __init__(self, link: Path) -> None:
        self._port = PtyPort(link)

    def hold(self, uid: str, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Blocks for as long as the card stays at the reader; calls after every frame."""
        frame = rdm6300.frame(uid)
        end_s = time.monotonic() + seconds
        while True:
            self._port.write(frame)
            if time.monotonic() + rdm6300.REPEAT_S > end_s:
                return
            time.sleep(rdm6300.REPEAT_S)
            meanwhile()

    def close(self) -> None:
        self._port.close()


class ScaleBus:
    """A Modbus RTU bus whose slave addresses are the bins' numbers."""

    def __init__(self, link: Path, loads: Mapping[int, BinLoad], *, baudrate: int) -> None:
        self._port = PtyPort(link)
        self._slaves = {
            no: (lambda load=load: load.read(time.monotonic())) for no, load in loads.items()
        }
        self._byte_s = modbus.byte_time_s(baudrate)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"scales {link.name}", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            request = self._port.read_frame(STOP_CHECK_S, gap_s=3.5 * self._byte_s)
            reply = modbus.answer(request, self._slaves)
            if reply is not None:
                # A pty ignores the speed of the line, so the device keeps to it itself.
                on_line_s = (len(request) + len(reply)) * self._byte_s
                time.sleep(on_line_s + TURNAROUND_S)
                self._port.write(reply)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._port.close()
