"""The two serial devices of a point in the rehearsal, each on its own pseudo-tty."""

import time
from collections.abc import Callable
from pathlib import Path

from device_sim.devices import rdm6300
from device_sim.devices.asked_lines import ScaleBus
from device_sim.devices.pty_port import PtyPort

__all__ = ["CardReader", "ScaleBus"]


class CardReader:
    """An RDM6300 that a person holds a card to: no thread, the caller waits as a person does."""

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
