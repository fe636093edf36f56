"""Every serial port of a configuration and the worker it needs."""

import queue
from collections.abc import Callable

from serial.tools.list_ports import comports

from edge.cards.token import Tokenizer
from edge.config import EdgeConfig
from edge.events import Event
from edge.ports.modbus_bus import ModbusBusWorker
from edge.ports.node import Listing
from edge.ports.reader import ReaderWorker
from edge.ports.scale_line import scale_workers
from edge.ports.worker import PortWorker


def make_workers(
    config: EdgeConfig,
    tokenizer: Tokenizer,
    events: "queue.Queue[Event]",
    up_ms: Callable[[], int],
    *,
    listing: Listing = comports,
) -> list[PortWorker]:
    """One worker a port; none is started."""
    workers: list[PortWorker] = [
        ReaderWorker(reader, tokenizer, events, up_ms, listing=listing)
        for reader in config.serial_readers
    ]
    for bus in config.buses:
        bins = [bin_ for bin_ in config.bins if bin_.bus == bus.name]
        workers.append(ModbusBusWorker(bus, bins, events, up_ms, listing=listing))
    return [*workers, *scale_workers(config, events, up_ms, listing=listing)]
