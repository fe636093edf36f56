"""Scales with a serial port of their own, and several asked by letter on one line."""

import queue
from collections.abc import Callable

import serial
from serial.tools.list_ports import comports

from edge.config import EdgeConfig
from edge.device_config import BinConfig, CommandLineConfig, ScaleKind
from edge.events import Event, PortHeard, Weights
from edge.ports.line import open_line
from edge.ports.node import Listing, PortName, node_of
from edge.ports.patience import Patience
from edge.ports.worker import PortWorker
from edge.readings import BadFrame, WeightFault, WeightRead
from edge.scales import sics, xk3190
from edge.scales.kinds import COMMAND_MODE, KINDS
from edge.scales.weighed import ScaleHeard, Weighed, in_grams

QUIET_S = 0.05
REPORT_MS = 500
SHORTEST_MS = 100
"""An indicator may send eighty readings a second; a plateau needs five."""
FLUSH_S = 0.05
GROSS = "B"
WAITING = ("busy",)
"""No weight yet is no fault; one that stays busy is silent in the end."""

Reading = WeightRead | WeightFault


def scale_workers(
    config: EdgeConfig,
    events: "queue.Queue[Event]",
    up_ms: Callable[[], int],
    *,
    listing: Listing = comports,
) -> "list[ScaleLineWorker | CommandLineWorker]":
    """A worker for every port that has scales other than Modbus on it."""
    lines: list[ScaleLineWorker | CommandLineWorker] = [
        ScaleLineWorker(bin_, bin_.kind, bin_.port, events, up_ms, listing=listing)
        for bin_ in config.bins
        if bin_.kind is not None and bin_.port is not None
    ]
    for line in config.command_lines:
        bins = [bin_ for bin_ in config.bins if bin_.bus == line.name]
        lines.append(CommandLineWorker(line, bins, events, up_ms, listing=listing))
    return lines


def _gram_readings(heard: list[ScaleHeard], unit: str | None) -> list[Reading]:
    out: list[Reading] = []
    for item in heard:
        if isinstance(item, Weighed):
            out.append(in_grams(item, unit))
        elif isinstance(item, WeightFault) and item.reason not in WAITING:
            out.append(item)
    return out


class _Counted:
    """Bytes, frames and errors since the last report."""

    def __init__(self, name: str, events: "queue.Queue[Event]") -> None:
        self._name = name
        self._events = events
        self._bytes = self._frames = 0
        self._bad: list[BadFrame] = []
        self._due_ms = 0

    def add(self, count: int, heard: list[ScaleHeard]) -> None:
        bad = [item for item in heard if isinstance(item, BadFrame)]
        self._bytes += count
        self._frames += len(heard) - len(bad)
        self._bad += bad

    def report(self, up_ms: int) -> None:
        """Put what there is, not oftener than health wants it."""
        if up_ms < self._due_ms or not (self._bytes or self._bad):
            return
        self._events.put(PortHeard(self._name, self._bytes, self._frames, tuple(self._bad)))
        self._bytes, self._frames, self._bad = 0, 0, []
        self._due_ms = up_ms + REPORT_MS


class ScaleLineWorker(PortWorker):
    """One scale on one port; it streams, or is asked."""

    def __init__(
        self,
        config: BinConfig,
        kind: ScaleKind,
        port: PortName,
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
        *,
        listing: Listing = comports,
    ) -> None:
        super().__init__(f"scale-{config.no}", kind, events)
        self._port = port
        self._config = config
        self._up_ms = up_ms
        self._listing = listing
        self._put_ms: int | None = None

    def pump(self) -> None:
        """Read until asked to stop; raises what pyserial raises when the port fails."""
        config, ask_due_ms = self._config, 0
        decoder = KINDS[self.kind](config.line)
        counted = _Counted(self.name, self._events)
        node = node_of(self._port, self._listing)
        with open_line(node, config.baudrate, QUIET_S, config.parity, config.data_bits) as port:
            self.opened()
            while not self._stop.is_set():
                if config.ask_ms is not None and self._up_ms() >= ask_due_ms:
                    port.write(sics.ASK)
                    ask_due_ms = self._up_ms() + config.ask_ms
                data = port.read(port.in_waiting or 1)
                heard = decoder.feed(data) if data else decoder.idle()
                counted.add(len(data), heard)
                self._put(_gram_readings(heard, config.unit))
                counted.report(self._up_ms())

    def _put(self, readings: list[Reading]) -> None:
        """The newest reading, but never a fault less."""
        up_ms = self._up_ms()
        early = self._put_ms is not None and up_ms - self._put_ms < SHORTEST_MS
        faults = [reading for reading in readings if isinstance(reading, WeightFault)]
        wanted = faults if early else [*faults[:-1], *readings[-1:]]
        for reading in wanted:
            self._events.put(Weights(((self._config.no, reading),), up_ms))
            self._put_ms = up_ms


class CommandLineWorker(PortWorker):
    """XK3190 indicators in command mode: each is asked for its gross weight in turn."""

    def __init__(
        self,
        config: CommandLineConfig,
        bins: list[BinConfig],
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
        *,
        listing: Listing = comports,
    ) -> None:
        super().__init__(config.name, COMMAND_MODE, events)
        self._config = config
        self._bins = [(bin_.no, chr(ord("A") + (bin_.slave or 1) - 1)) for bin_ in bins]
        self._up_ms = up_ms
        self._listing = listing
        self._patience = Patience()

    def pump(self) -> None:
        """Sweep until asked to stop; raises what pyserial raises when the port fails."""
        counted = _Counted(self.name, self._events)
        node = node_of(self._config.port, self._listing)
        with open_line(node, self._config.baudrate, self._config.timeout_s) as port:
            self.opened()
            while not self._stop.is_set():
                started_ms = self._up_ms()
                asked = [
                    (bin_no, self._ask(port, letter, counted))
                    for bin_no, letter in self._bins
                    if self._patience.due(letter, started_ms)
                ]
                readings = tuple((no, said) for no, said in asked if said is not None)
                self._events.put(Weights(readings, self._up_ms()))
                counted.report(self._up_ms())
                rest_ms = self._config.sweep_ms - (self._up_ms() - started_ms)
                self._stop.wait(max(rest_ms, 0) / 1000)

    def _ask(self, port: serial.Serial, letter: str, counted: _Counted) -> Reading | None:
        """None for a lost answer, which says nothing about what lies in the bin."""
        port.reset_input_buffer()
        port.write(xk3190.request(letter, GROSS))
        answer = port.read(xk3190.ANSWER_BYTES)
        heard = xk3190.answers(self._config.unit).feed(answer)
        counted.add(len(answer), heard)
        for item in heard:
            if isinstance(item, Weighed) and item.said["address"] == letter:
                self._patience.answered(letter)
                return in_grams(item, self._config.unit)
        # A late answer must not be taken for the next one's, which also carries its letter.
        self._stop.wait(FLUSH_S)
        bad = BadFrame("no_answer", f"indicator {letter} said nothing usable, expected a weight")
        counted.add(0, [bad])
        dead = self._patience.missed(letter, self._up_ms())
        return WeightFault(bad.reason, bad.detail) if dead else None
