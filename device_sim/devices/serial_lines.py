"""Devices on pseudo-ttys with the pace of a real line; they can be pulled, moved and restarted.

A frame comes whole, when its last byte would: so do USB adapters, which wait up to 16 ms.
"""

import math
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from device_sim.devices.card_number import card_number
from device_sim.devices.indicators import Encoder, SicsDialogue, sics
from device_sim.devices.load import BinLoad, Scale
from device_sim.devices.mischief import Mischief
from device_sim.devices.modbus import Reading, byte_time_s
from device_sim.devices.pn532 import Chip, Tag
from device_sim.devices.pty_port import PtyPort

LISTEN_S = 0.02
PN532_BAUD = 115_200
ORDER_S = 10
"""Longer than any frame on the slowest line."""


class SerialDevice(ABC):
    """One thread at one end of a wire; it alone touches the port."""

    def __init__(self, link: Path, baudrate: int) -> None:
        self.mischief = Mischief()
        self._link = link
        self._port: PtyPort | None = PtyPort(link)
        self._node = self._port.node
        self._byte_s = byte_time_s(baudrate)
        self._stop = threading.Event()
        self._orders: queue.SimpleQueue[tuple[Future[None], Callable[[], None]]]
        self._orders = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=link.name, daemon=True)

    def unplug(self) -> None:
        """The far end sees a hang-up, and the name is gone."""
        self._order(self._pull)

    def replug(self, link: Path | None = None) -> None:
        """Back as another node of /dev/pts, under the same stable name or a new one."""
        self._link = link or self._link
        self._order(self._plug)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._pull()

    def due_s(self) -> float:
        """The monotonic time of the next :meth:`turn` that has something to say unasked."""
        return math.inf

    @abstractmethod
    def turn(self, data: bytes) -> bytes:
        """What to send now, given what has just arrived."""

    def _order(self, work: Callable[[], None]) -> None:
        done: Future[None] = Future()
        self._orders.put((done, work))
        done.result(ORDER_S)

    def _pull(self) -> None:
        if self._port is not None:
            self._port.close()
        self._port = None

    def _plug(self) -> None:
        self._pull()
        self._port = PtyPort(self._link, unlike=self._node)
        self._node = self._port.node

    def _serve(self) -> None:
        while not self._stop.is_set():
            while not self._orders.empty():
                done, work = self._orders.get()
                try:
                    work()
                except OSError as error:
                    done.set_exception(error)
                else:
                    done.set_result(None)
            if self._port is None:
                self._stop.wait(LISTEN_S)
                continue
            wait_s = min(max(self.due_s() - time.monotonic(), 0), LISTEN_S)
            self._send(self._port, self.mischief.spoil(self.turn(self.hear(self._port, wait_s))))

    def hear(self, port: PtyPort, wait_s: float) -> bytes:
        """What the far end says within this time."""
        return port.read(wait_s)

    def _send(self, port: PtyPort, data: bytes) -> None:
        if data:
            time.sleep(len(data) * self._byte_s)
            port.write(data)


class Indicator(SerialDevice):
    """A scale that streams."""

    def __init__(
        self, link: Path, encode: Encoder, load: BinLoad, *, baudrate: int = 9600, hz: float = 7
    ) -> None:
        super().__init__(link, baudrate)
        self.scale = Scale(load)
        self._encode = encode
        self._period_s = 1 / hz
        self._next_s = time.monotonic()
        self._thread.start()

    def restart(self, tare_g: int, boot_s: float = 0.3) -> None:
        """A power cut that the far end of an adapter does not see."""
        self.scale.restart(tare_g, boot_s)

    def read(self) -> Reading:
        """What the display shows."""
        return self.scale.read()

    def due_s(self) -> float:
        return self._next_s

    def turn(self, _data: bytes) -> bytes:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return b""
        self._next_s = max(self._next_s + self._period_s, now_s)
        return b"" if self.scale.booting else self._encode(self.read())


class SicsScale(Indicator):
    """An MT-SICS balance: it answers, and streams only after SIR or if it is set up to."""

    def __init__(
        self,
        link: Path,
        load: BinLoad,
        *,
        baudrate: int = 9600,
        hz: float = 10,
        streaming: bool = False,
    ) -> None:
        self._dialogue = SicsDialogue()
        self._dialogue.streaming = streaming
        super().__init__(link, sics, load, baudrate=baudrate, hz=hz)

    def due_s(self) -> float:
        return super().due_s() if self._dialogue.streaming else math.inf

    def turn(self, data: bytes) -> bytes:
        if self.scale.booting:
            return b""
        answer = self._dialogue.answer(data, self.read)
        return answer or (super().turn(data) if self._dialogue.streaming else b"")


class CardSender(SerialDevice):
    """A reader that only speaks: at a card, and again every ``repeat_s`` while it lies there.

    ``repeat_s`` None: once a card, until it is laid down anew.
    """

    def __init__(
        self,
        link: Path,
        frame: Callable[[str], bytes],
        *,
        repeat_s: float | None,
        baudrate: int = 9600,
    ) -> None:
        super().__init__(link, baudrate)
        self._frame = frame
        self._repeat_s = math.inf if repeat_s is None else repeat_s
        self._laid: list[float] = []
        self._bytes = b""
        self._thread.start()

    def lay(self, card: str) -> None:
        """Raises ValueError for a card that such a reader cannot send."""
        self._bytes = self._frame(card)
        self._laid = [time.monotonic()]

    def take(self) -> None:
        """The card is taken away."""
        self._laid = []

    def due_s(self) -> float:
        return min(self._laid, default=math.inf)

    def turn(self, _data: bytes) -> bytes:
        laid, now_s = self._laid, time.monotonic()
        if not laid or now_s < laid[0]:
            return b""
        # The list belongs to one laying down: a card laid meanwhile has another.
        laid[0] = max(laid[0] + self._repeat_s, now_s)
        return self._bytes


class Pn532Reader(SerialDevice):
    """A PN532 module; set ``chip.tag`` to lay a card on it."""

    def __init__(self, link: Path) -> None:
        super().__init__(link, PN532_BAUD)
        self.chip = Chip()
        self._thread.start()

    def lay(self, card: str) -> None:
        """A card of 4, 7 or 10 bytes in hex; ValueError for another."""
        self.chip.tag = Tag(card_number(card, 4, 7, 10))

    def take(self) -> None:
        """The card is taken away."""
        self.chip.tag = None

    def unplug(self) -> None:
        """Without its line it also has no power."""
        super().unplug()
        self.chip.power_cycle()

    def turn(self, data: bytes) -> bytes:
        return self.chip.hear(data) if data else self.chip.look()
