"""A technician's ear: who may open a port, and what its configured decoder hears there."""

import errno
import fcntl
import os
import queue
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from serial.tools.list_ports import comports

from edge.cards.token import KEY_BYTES, Tokenizer
from edge.config import EdgeConfig
from edge.events import Event, PortDown, PortHeard, PortUp, ThreadDied, Weights
from edge.ports.assemble import make_workers
from edge.ports.node import Listing, PortName, node_of, shared_nodes

Access = Literal["free", "busy", "permission", "missing", "no_serial_port", "ambiguous", "failed"]
_BY_ERROR: dict[int, Access] = {
    errno.ENOENT: "missing",
    errno.ENXIO: "missing",
    errno.ENODEV: "missing",
    errno.ENOTUNIQ: "ambiguous",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EBUSY: "busy",
    errno.EWOULDBLOCK: "busy",
}
REMEDIES: dict[Access, str] = {
    "free": "",
    "busy": "stop the other program first (the daemon: systemctl stop lianxin-edge)",
    "permission": "add the user to group dialout and log in again",
    "missing": "plug it in, or correct port; lianxin-edge ports lists what there is",
    "no_serial_port": "correct port; lianxin-edge ports lists what there is",
    "ambiguous": "add serial or location to port; lianxin-edge ports lists the forms",
    "failed": "unplug and plug it in again",
}
MAX_DETAILS = 14
JOIN_S = 6
"""Longer than any read time-out that a configuration may set."""


@dataclass(frozen=True)
class Wire:
    """A port of the configuration."""

    name: str
    kind: str
    port: PortName
    role: Literal["reader", "scale", "bus"]


@dataclass
class Heard:
    """What came while listening; ``bad`` and ``detail`` are of the last error."""

    up: bool = False
    down: str = ""
    bytes: int = 0
    frames: int = 0
    errors: int = 0
    bad: str = ""
    detail: str = ""
    details: tuple[str, ...] = ()
    sweeps: int = 0
    first_sweep_ms: int = 0
    last_sweep_ms: int = 0

    @property
    def sweep_hz(self) -> float | None:
        """How often all slaves of a bus are asked; None before the second time."""
        spent_ms = self.last_sweep_ms - self.first_sweep_ms
        return (self.sweeps - 1) * 1000 / spent_ms if spent_ms else None


def access(port: PortName, listing: Listing = comports) -> Access:
    """Whether the port could be opened now; neither its settings nor its input are touched."""
    try:
        descriptor = os.open(node_of(port, listing), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        return _BY_ERROR.get(error.errno or 0, "failed")
    try:
        if not os.isatty(descriptor):
            return "no_serial_port"
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return _BY_ERROR.get(error.errno or 0, "failed")
    finally:
        os.close(descriptor)
    return "free"


def wires(config: EdgeConfig) -> list[Wire]:
    """Every serial port of a configuration, named as in the point's status."""
    return [
        *(Wire(r.name, r.kind, r.port, "reader") for r in config.serial_readers),
        *(Wire(b.name, b.kind, b.port, "bus") for b in config.buses),
        *(Wire(line.name, line.kind, line.port, "bus") for line in config.command_lines),
        *(
            Wire(f"scale-{bin_.no}", bin_.kind or "", bin_.port, "scale")
            for bin_ in config.bins
            if bin_.port is not None
        ),
    ]


def one_port_twice(config: EdgeConfig, listing: Listing = comports) -> list[str]:
    """Devices of the file that are on one port of this machine, a line each."""
    return shared_nodes({wire.name: wire.port for wire in wires(config)}, listing)


def listen(config: EdgeConfig, names: Iterable[str], seconds: float) -> dict[str, Heard]:
    """Open the named ports exclusively, as the daemon does, and count what their devices say."""
    events: queue.Queue[Event] = queue.Queue()
    wanted = set(names)
    # Nobody sees the tokens, so any key will do and a missing key file hinders nobody.
    tokenizer = Tokenizer({1: secrets.token_bytes(KEY_BYTES)}, config.uid_bits)
    everyone = make_workers(config, tokenizer, events, _up_ms)
    workers = [worker for worker in everyone if worker.name in wanted]
    heard = {worker.name: Heard() for worker in workers}
    bus_of = {bin_.no: bin_.bus or f"scale-{bin_.no}" for bin_ in config.bins}
    for worker in workers:
        worker.start()
    try:
        until_ms = _up_ms() + round(seconds * 1000)
        while workers and (left_ms := until_ms - _up_ms()) > 0:
            try:
                count(events.get(timeout=left_ms / 1000), heard, bus_of)
            except queue.Empty:
                break
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join(JOIN_S)
    return heard


def count(event: Event, heard: dict[str, Heard], bus_of: dict[int, str]) -> None:
    """Add one event to what was heard by its port; ``bus_of`` names the port of a bin."""
    if isinstance(event, PortUp):
        heard[event.name].up = True
    elif isinstance(event, PortDown | ThreadDied):
        heard[event.name].down = event.reason
    elif isinstance(event, PortHeard):
        port = heard[event.name]
        port.bytes += event.bytes
        port.frames += event.frames
        port.errors += len(event.bad)
        if event.bad:
            port.bad, port.detail = event.bad[-1].reason, event.bad[-1].detail
            told = [f"{bad.reason} ({bad.detail})" for bad in event.bad]
            port.details = tuple(dict.fromkeys([*port.details, *told]))[:MAX_DETAILS]
    elif isinstance(event, Weights) and event.readings and event.readings[0][0] in bus_of:
        port = heard[bus_of[event.readings[0][0]]]
        port.first_sweep_ms = port.first_sweep_ms or event.up_ms
        port.last_sweep_ms = event.up_ms
        port.sweeps += 1


def _up_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def verdict(wire: Wire, heard: Heard) -> tuple[bool, str]:
    """Whether the port works, and what was heard in an installer's words."""
    if not heard.up or heard.down:
        return False, f"failed: {heard.down or 'not opened in time'}"
    errors = _errors(wire, heard) if heard.errors else ""
    if heard.frames:
        return True, f"{heard.frames} frames, {heard.bytes} bytes{errors}"
    if wire.kind == "pn532" and heard.bytes and not heard.errors:
        return True, f"the chip answers ({heard.bytes} bytes); no card was held to it"
    if heard.bytes:
        return False, f"{heard.bytes} bytes but no frames: wrong speed or wrong kind?{errors}"
    return wire.role == "reader", _silence(wire, errors)


def _errors(wire: Wire, heard: Heard) -> str:
    """Of a bus every dead scale; of a reader no detail, which may hold parts of a card number."""
    if wire.role == "bus":
        return f", {heard.errors} errors: {'; '.join(heard.details)}"
    last = heard.bad if wire.role == "reader" else f"{heard.bad} ({heard.detail})"
    return f", {heard.errors} errors, the last: {last}"


def _silence(wire: Wire, errors: str) -> str:
    if wire.role == "reader":
        return "nothing heard: hold a card to it"
    if errors:
        return f"no answer: wiring, address or speed?{errors}"
    return "nothing heard: power, wiring, or a scale that waits to be asked?"
