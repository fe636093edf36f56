"""One simulated device of every kind on real pseudo-ttys, each read by its own worker."""

import queue
import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_sim.devices import registry
from device_sim.devices.asked_lines import AskedLine
from device_sim.devices.load import BinLoad
from device_sim.devices.serial_lines import CardSender, Indicator, Pn532Reader, SerialDevice
from device_sim.single.snippet import snippet
from edge.cards.token import Tokenizer
from edge.config import EdgeConfig
from edge.events import CardSeen, Event, PortDown, PortHeard, PortUp, Weights
from edge.ports.assemble import make_workers
from edge.ports.worker import PortWorker
from edge.readings import CardRead, WeightFault, WeightRead
from tests.programs import until

BROKER = {"username": "p03", "password": "x"}
KEYS = {1: b"\x11" * 32}
EM, ISO, CODE = "008EC793", "048222AADC3980", "LX-000123"
CARDS = {"pn532": ISO, "qr-line": CODE}
SLAVES = 6
BAUDRATE = 115_200
WAKE_S = 0.05

Value = str | tuple[int, int]
Clock = Callable[[], int]


def up_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def hasty_ms() -> int:
    """A dead slave is left alone for 7 s; here those pass forty times as fast."""
    return 40 * up_ms()


def load(grams: int) -> BinLoad:
    return BinLoad(empty_g=grams, division_g=10, noise_g=0, seed=1)


def card_of(kind: str) -> str:
    return CARDS.get(kind, EM)


def token_of(kind: str, variant: str) -> str:
    card = CardRead("em4100", EM)
    if kind == registry.PN532:
        card = CardRead("iso14443a", ISO)
    elif kind == "qr-line":
        card = CardRead("qr", CODE.encode().hex().upper())
    elif variant == "iso14443a":
        card = CardRead("iso14443a", EM)
    return Tokenizer(KEYS, uid_bits(kind)).tokens(card)[0]


def uid_bits(kind: str) -> int:
    return 24 if kind == "wiegand-serial-hex6" else 32


def config_of(folder: Path, text: str, bits: int) -> EdgeConfig:
    """The point whose only device this is; its other ports are left alone."""
    said: dict[str, Any] = {
        "community": "lhyy", "point": "p03", "node": "p03", "data": folder,
        "card_keys": {1: folder / "key"}, "hub_broker": BROKER, "point_bus": BROKER,
        "readers": [{"name": "other", "kind": "rdm6300", "port": "other-reader"}],
        "bins": [{"no": 1, "category": "other", "kind": "cas-22", "port": "other-scale"}],
        "uid_bits": bits,
    }  # fmt: skip
    return EdgeConfig.model_validate(said | tomllib.loads(text))


@dataclass
class Line:
    """A device, the worker that reads it, and what was heard since the last ``forget``."""

    device: SerialDevice
    worker: PortWorker
    expected: set[Value]
    card: str
    events: "queue.Queue[Event]"
    heard: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Any]:
        while not self.events.empty():
            self.heard.append(self.events.get())
        return [event for event in self.heard if isinstance(event, kind)]

    def values(self) -> set[Value]:
        tokens: set[Value] = {event.token for event in self.of(CardSeen)}
        return tokens | {
            (no, reading.grams)
            for event in self.of(Weights)
            for no, reading in event.readings
            if isinstance(reading, WeightRead)
        }

    def faults(self) -> list[WeightFault]:
        readings = [reading for event in self.of(Weights) for _, reading in event.readings]
        return [reading for reading in readings if isinstance(reading, WeightFault)]

    def forget(self) -> None:
        self.of(PortUp)
        self.heard.clear()

    def nudge(self) -> None:
        """Lay the card anew where a reader sends it but once."""
        if isinstance(self.device, CardSender | Pn532Reader):
            self.device.lay(self.card)

    def lose_g(self, grams: int) -> None:
        """A power cut, after which everything weighs so much less."""
        if isinstance(self.device, Indicator):
            self.device.restart(grams)
        elif isinstance(self.device, AskedLine):
            for scale in self.device.scales.values():
                scale.restart(grams)
        self.expected = {
            value if isinstance(value, str) else (value[0], value[1] - grams)
            for value in self.expected
        }


def plug_in(
    folder: Path, kind: str, variant: str | None = None, clock: Clock = up_ms, **more: object
) -> Line:
    """A device and its worker, set up by what ``lianxin-sim device`` prints; not started."""
    chosen = registry.variant_of(kind, variant)
    link = folder / f"{kind}-{chosen}"
    text = snippet(
        kind, chosen, place=str(link), card=card_of(kind), baudrate=BAUDRATE, count=SLAVES
    )
    config = config_of(folder, text.replace("ask_ms = 200", "ask_ms = 50"), uid_bits(kind))
    if kind in registry.BUSES:
        field_name = "buses" if kind == registry.MODBUS else "command_lines"
        wires = [wire.model_copy(update=more) for wire in getattr(config, field_name)]
        config = config.model_copy(update={field_name: tuple(wires)})
    device, expected = _device(kind, chosen, link)
    events: queue.Queue[Event] = queue.Queue()
    workers = make_workers(config, Tokenizer(KEYS, uid_bits(kind)), events, clock)
    names = {"reader-1", "line-1"} | ({"scale-1"} if kind in registry.SCALES else set())
    (worker,) = [worker for worker in workers if worker.name in names]
    return Line(device, worker, expected, card_of(kind), events)


def _device(kind: str, variant: str, link: Path) -> tuple[SerialDevice, set[Value]]:
    chosen = variant or None
    if kind in registry.READERS:
        return registry.reader(kind, link, chosen), {token_of(kind, variant)}
    if kind in registry.BUSES:
        loads = {no: load(1000 * no) for no in range(1, SLAVES + 1)}
        line = registry.bus(kind, link, loads, baudrate=BAUDRATE, variant=chosen)
        return line, {(no, 1000 * no) for no in loads}
    scale = registry.scale(kind, link, load(12_340), variant=chosen, hz=25)
    return scale, {(1, 12_340)}


def insist(lines: Iterable[Line], done: Callable[[Line], bool], what: str) -> None:
    """Until all are done, cards being laid down again and again."""
    waiting = list(lines)
    nudged_s = 0.0

    def all_done() -> bool:
        nonlocal nudged_s
        if time.monotonic() - nudged_s > WAKE_S:
            nudged_s = time.monotonic()
            for line in waiting:
                line.nudge()
        waiting[:] = [line for line in waiting if not done(line)]
        return not waiting

    until(all_done, what)


def spoilt(line: Line) -> bool:
    """Mischief was done several times, it was noticed, and something came through."""
    done = sum(line.device.mischief.done.values())
    noticed = line.faults() or any(event.bad for event in line.of(PortHeard))
    return bool(done > 4 and noticed and line.values())


def is_down(line: Line) -> bool:
    return bool(line.of(PortDown))


def hears_all(line: Line) -> bool:
    return line.expected <= line.values()
