"""A technician with a test weight at simulated scales: the console of a session, on real ports.

The session's clock runs six times as fast as the wall's, so that plateaus of seconds take less.
"""

import re
import time
from collections.abc import Mapping
from pathlib import Path

from device_sim.devices.load import BinLoad
from device_sim.devices.modbus import Reading
from device_sim.devices.serial_devices import CardReader, ScaleBus
from edge.commission.console import StoppedError
from edge.commission.flow import Wish, run
from edge.commission.session import Clock, Pace
from tests.edge.technician.bench import write_config
from tests.edge.technician.test_listing import MODBUS
from tests.programs import PATIENCE_S

SPEED = 6
PACE = Pace(idle_ms=2400, hold_ms=800, look_ms=800, patience_ms=30_000)
UID = "0086CE6D"
QUICK = MODBUS | {"sweep_ms": 15, "timeout_s": 0.4}
WALL_MS = 1_795_276_800_000
PUT = re.compile(r"Put 5 kg into bin (\d+)")


class Plate(BinLoad):
    """A bin that a careful hand loads: no ringing, so that a trial is short."""

    def __init__(self, *, noise_g: float = 8.0, seed: int = 1, division_g: int = 20) -> None:
        super().__init__(empty_g=9000, division_g=division_g, noise_g=noise_g, seed=seed)
        self.grams = 9000
        self.jam_g = 0

    def put(self, grams: int) -> None:
        self.grams += grams

    def take(self, grams: int) -> None:
        self.grams -= grams - self.jam_g

    def read(self, now_s: float) -> Reading:
        noise = self._noise.gauss(0, self._noise_g)
        shown = round((self.grams + noise) / self._division_g) * self._division_g
        return Reading(shown, stable=True)


class Technician:
    """Does what the lines ask for; ``answers`` are given in turn, ``quits`` names a bin."""

    def __init__(
        self,
        plates: Mapping[int, Plate],
        reader: CardReader,
        *,
        answers: str = "",
        quits: int = 0,
        kilograms: float = 5,
    ) -> None:
        self.lines: list[str] = []
        self.questions: list[str] = []
        self._plates = plates
        self._reader = reader
        self._answers = list(answers)
        self._quits = quits
        self._grams = round(kilograms * 1000)
        self._bin = 0
        self._taps = False
        self._deadline_s = time.monotonic() + PATIENCE_S

    @property
    def text(self) -> str:
        return "\n".join([*self.lines, *self.questions])

    @property
    def bins(self) -> list[int]:
        """Into which the weight was to be put, in turn."""
        return [int(no) for line in self.lines for no in PUT.findall(line)]

    def say(self, line: str) -> None:
        self.lines.append(line)
        put = PUT.search(line)
        if put:
            self._bin = int(put[1])
            if self._bin != self._quits:
                self._plates[self._bin].put(self._grams)
        elif line.startswith("Take it out"):
            self._plates[self._bin].take(self._grams)
        self._taps = line.startswith("Tap the test card")

    def typed(self) -> str | None:
        assert time.monotonic() < self._deadline_s, self.text
        if self._bin == self._quits:
            raise StoppedError
        if self._taps:
            self._reader.hold(UID, 0)
        return None

    def ask(self, question: str, answers: str) -> str:
        self.questions.append(question)
        answer = self._answers.pop(0)
        assert answer in answers, question
        return answer


class Site:
    """A bus with a plate under each of its addresses, a reader, and the file of the point."""

    def __init__(self, folder: Path, plates: Mapping[int, Plate], **more: object) -> None:
        self.folder = folder
        self.bus = ScaleBus(folder / "bus", plates, baudrate=115_200)
        self.reader = CardReader(folder / "card")
        bins = [{"no": no, "category": "other", "bus": "bus-1", "slave": no} for no in (1, 2)]
        told: dict[str, object] = {"buses": [QUICK], "bins": bins}
        self.file = write_config(folder, **told | more)
        started = time.monotonic()
        self.clock = Clock(
            lambda: round((time.monotonic() - started) * 1000 * SPEED), lambda: WALL_MS
        )

    def commission(self, technician: Technician, **wish: object) -> bool:
        fields: dict[str, object] = {"pace": PACE} | wish
        return run(Wish(self.file, **fields), technician, self.clock)  # type: ignore[arg-type]

    def read(self, ending: str) -> str:
        """The one file of the folder with this ending."""
        (path,) = self.folder.glob(f"*{ending}")
        return path.read_text(encoding="utf-8")

    def close(self) -> None:
        self.bus.close()
        self.reader.close()
