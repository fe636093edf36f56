"""One point with its devices and its people, each acting in a thread of its own."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from device_sim.compound.files import BAUDRATE, bus_link, reader_link
from device_sim.compound.plan import PlannedVisit, PointPlan
from device_sim.compound.town import (
    BINS,
    DIVISION_G,
    ESPHOME_POINT,
    POINTS,
    TASMOTA_POINT,
    Volunteer,
)
from device_sim.devices.load import BinLoad
from device_sim.devices.mqtt_scales import Access, Firmware, MqttScales
from device_sim.devices.serial_devices import CardReader, ScaleBus
from device_sim.people.reader_place import Person, ReaderPlace
from device_sim.people.supervisor import Supervisor
from device_sim.people.terminal import SilentPointError, Terminal
from device_sim.truth.log import TruthLog
from wire.point_bus import Screen, ScreenVisit

NOISE_G = 4.0
READY_TIMEOUT_S = 60.0
CHECK_IN_HOLD_S = 0.5
UNHEARD_S = 6.0
"""A visit on the screen that nobody heard is told by its door after this long."""
FIRMWARE: dict[str, Firmware] = {TASMOTA_POINT: "tasmota", ESPHOME_POINT: "esphome"}


class Devices:
    """The reader and the fourteen scales of a point."""

    def __init__(self, folder: Path, point: str, seed: int, bus: Access) -> None:
        base = seed * 10_000 + POINTS.index(point) * 100
        self.loads = {
            no: BinLoad(
                empty_g=500 + (base * 7 + no * 911) % 6000,
                division_g=DIVISION_G,
                noise_g=NOISE_G,
                seed=base + no,
            )
            for no in BINS
        }
        self.reader = CardReader(reader_link(folder, point))
        self.scales: ScaleBus | MqttScales = (
            MqttScales(point, FIRMWARE[point], self.loads, bus)
            if point in FIRMWARE
            else ScaleBus(bus_link(folder, point), self.loads, baudrate=BAUDRATE)
        )

    def close(self) -> None:
        self.scales.close()
        self.reader.close()


class Crew:
    """The volunteer and the residents of one point."""

    def __init__(
        self,
        plan: PointPlan,
        volunteer: Volunteer,
        devices: Devices,
        terminal: Terminal,
        truth: TruthLog,
    ) -> None:
        self.plan = plan
        self.terminal = terminal
        self.failed: str | None = None
        self._volunteer = volunteer
        self._loads = devices.loads
        self._supervisor = Supervisor(terminal, truth, self._planned)
        self._place = ReaderPlace(
            plan.point, devices.reader, terminal, truth, self._supervisor.asked
        )
        self._by_fact: dict[str, PlannedVisit] = {}
        self._by_door: dict[str, PlannedVisit] = {}
        self._to_judge: set[str] = set()
        self._stop = threading.Event()
        self._on_duty = threading.Event()
        self._all_came = threading.Event()
        self.done = threading.Event()
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for work, name in (
                (self._supervise, f"supervisor {plan.point}"),
                (self._visit_all, f"residents {plan.point}"),
            )
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody drops what he does; ``close`` waits until they have."""
        self._stop.set()
        self._on_duty.set()
        self.terminal.release()

    def close(self) -> None:
        self.stop()
        for thread in self._threads:
            thread.join()

    @property
    def heard(self) -> tuple[str, ...]:
        """The visits residents of this point know to be recorded."""
        return (*self._by_fact, *self._place.facts)

    @property
    def coming(self) -> int:
        """How many of the planned visits are still to come."""
        return len(self.plan.visits) - len(self._by_fact)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (SilentPointError, OSError, ValueError) as error:
            if not self._stop.is_set():
                self.failed = str(error)
                self.stop()

    def _ready(self, screen: Screen | None) -> bool:
        ready = screen is not None and screen.reader_ok and screen.link.up and screen.trust == "hub"
        return ready or self._stop.is_set()

    def _await_point(self) -> None:
        if not self.terminal.wait(lambda: self._ready(self.terminal.screen), READY_TIMEOUT_S):
            msg = f"{self.plan.point}: not ready after {READY_TIMEOUT_S:.0f} s: {self._state()}"
            raise SilentPointError(msg)

    def _state(self) -> str:
        screen = self.terminal.screen
        if screen is None:
            return "no screen on the point bus"
        return f"reader_ok={screen.reader_ok} link={screen.link.up} clock={screen.trust}"

    def _supervise(self) -> None:
        self._await_point()
        self._stop.wait(self.plan.check_in_s)
        me = Person("volunteer", self._volunteer.uid, None, attended=False)
        self._place.tap(me, CHECK_IN_HOLD_S, self._shift_open, self._stop)
        self._on_duty.set()
        self._supervisor.work(self._all_judged, self._stop)
        if not self._stop.is_set():
            reply = self._supervisor.hand_over()
            if reply.code != "done":
                msg = f"{self.plan.point}: hand-over answered {reply.code}, expected done"
                raise SilentPointError(msg)
            self.done.set()

    def _shift_open(self) -> bool:
        screen = self.terminal.screen
        return screen is not None and screen.shift is not None

    def _all_judged(self) -> bool:
        return self._all_came.is_set() and self._to_judge <= self._supervisor.decided

    def _visit_all(self) -> None:
        self._await_point()
        if self.plan.check_in_s == 0:
            self._on_duty.wait()
        start_s = time.monotonic()
        for visit in self.plan.visits:
            if visit.attended:
                self._on_duty.wait()
            if self._stop.wait(max(0.0, start_s + visit.at_s - time.monotonic())):
                return
            self._visit(visit)
        self._all_came.set()

    def _visit(self, visit: PlannedVisit) -> None:
        if visit.door is not None:
            self._by_door[visit.door] = visit
        tapped_s = time.monotonic()
        for throw in visit.throws:
            self._loads[throw.bin_no].drop(tapped_s + throw.after_s, throw.grams)
        person = Person("resident", visit.uid, visit.door, visit.attended)
        self._place.tap(person, visit.hold_s, lambda: bool(self._place.facts), self._stop)
        for fact in self._place.facts:
            self._by_fact[fact] = visit
            if visit.value is not None:
                self._to_judge.add(fact)

    def _planned(self, shown: ScreenVisit, waited_s: float) -> PlannedVisit | None:
        if shown.visit in self._by_fact or shown.door is None or waited_s < UNHEARD_S:
            return self._by_fact.get(shown.visit)
        return self._by_door.get(shown.door)
