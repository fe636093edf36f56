"""A Modbus RTU bus of scales: every slave in turn, one request each, a dead one now and then."""

import logging
import queue
from collections.abc import Callable
from pathlib import Path

from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU
from serial.tools.list_ports import comports

from edge.config import BinConfig, BusConfig
from edge.events import Event, PortHeard, Weights
from edge.ports.line import open_line
from edge.ports.node import Listing, node_of
from edge.ports.patience import Patience
from edge.ports.worker import PortWorker
from edge.readings import BadFrame, WeightFault, WeightRead
from edge.scales.modbus import weight_of

FLUSH_S = 0.05
NO_ANSWER = "no_answer"

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


def open_bus(config: BusConfig, node: Path) -> ModbusSerialClient:
    """A client on an open port; raises what pyserial raises.

    pymodbus keeps the reason of a failed open to itself and takes no pseudo-tty with parity.
    """
    client = ModbusSerialClient(
        str(node), baudrate=config.baudrate, timeout=config.timeout_s, retries=0
    )
    client.socket = open_line(node, config.baudrate, config.timeout_s, config.parity)
    return client


class ModbusBusWorker(PortWorker):
    """One bus, one thread; one event a sweep."""

    def __init__(
        self,
        config: BusConfig,
        bins: list[BinConfig],
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
        *,
        listing: Listing = comports,
    ) -> None:
        super().__init__(config.name, config.kind, events)
        self._config = config
        self._bins = [(bin_.no, bin_.slave or 0) for bin_ in bins]
        self._up_ms = up_ms
        self._listing = listing
        self._patience = Patience()

    def pump(self) -> None:
        """Sweep until asked to stop; raises ConnectionError when the port fails."""
        client = open_bus(self._config, node_of(self._config.port, self._listing))
        self.opened()
        try:
            while not self._stop.is_set():
                started_ms = self._up_ms()
                self._sweep(client)
                rest_ms = self._config.sweep_ms - (self._up_ms() - started_ms)
                self._stop.wait(max(rest_ms, 0) / 1000)
        except ConnectionException as error:
            raise ConnectionError(str(error)) from error
        finally:
            client.close()  # type: ignore[no-untyped-call]

    def _sweep(self, client: ModbusSerialClient) -> None:
        readings: list[tuple[int, WeightRead | WeightFault]] = []
        bad: list[BadFrame] = []
        for bin_no, slave in self._bins:
            if self._stop.is_set():
                return
            if not self._patience.due(slave, self._up_ms()):
                continue
            reading = self._read(client, slave)
            if isinstance(reading, WeightFault):
                bad.append(BadFrame(reading.reason, f"slave {slave}: {reading.detail}"))
            if self._counts(slave, reading):
                readings.append((bin_no, reading))
        self._events.put(Weights(tuple(readings), self._up_ms()))
        frames = sum(isinstance(reading, WeightRead) for _, reading in readings)
        size = (5 + 2 * self._config.count) * frames
        self._events.put(PortHeard(self.name, size, frames, tuple(bad)))

    def _counts(self, slave: int, reading: WeightRead | WeightFault) -> bool:
        """Whether to tell it of the bin: one lost answer says nothing about what lies in it."""
        if isinstance(reading, WeightFault) and reading.reason == NO_ANSWER:
            return self._patience.missed(slave, self._up_ms())
        self._patience.answered(slave)
        return True

    def _read(self, client: ModbusSerialClient, slave: int) -> WeightRead | WeightFault:
        read = (
            client.read_holding_registers
            if self._config.function == 3
            else client.read_input_registers
        )
        try:
            answer: ModbusPDU = read(
                self._config.address, count=self._config.count, device_id=slave
            )
        except ConnectionException:
            raise
        except ModbusException:
            # A late answer must not be taken for the next slave's.
            self._stop.wait(FLUSH_S)
            return WeightFault(NO_ANSWER, f"nothing whole within {self._config.timeout_s} s")
        if answer.isError():
            return WeightFault("exception", str(answer)[:80])
        return weight_of(list(answer.registers), self._config)
