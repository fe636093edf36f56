"""From the port a technician wrote to the device node that it is just now."""

import errno
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from serial.tools.list_ports import comports
from serial.tools.list_ports_common import ListPortInfo

from edge.device_config import UsbAdapter

Listing = Callable[[], Iterable[ListPortInfo]]
PortName = Path | UsbAdapter


def node_of(port: PortName, listing: Listing = comports) -> Path:
    """The node to open; raises OSError when no adapter matches, or more than one.

    Asked before every opening: a replugged adapter may come back under another number.
    """
    if isinstance(port, Path):
        return port
    nodes = [found.device for found in listing() if matches(port, found)]
    if not nodes:
        raise FileNotFoundError(errno.ENOENT, f"no adapter {port} is plugged in")
    if len(nodes) > 1:
        raise OSError(errno.ENOTUNIQ, f"{port} is {', '.join(nodes)}: add serial or location")
    return Path(nodes[0])


def matches(port: UsbAdapter, found: ListPortInfo) -> bool:
    """A location names the socket, or with its interface one port of an adapter with several."""
    socket = str(found.location or "")
    return (
        (found.vid, found.pid) == (port.vid, port.pid)
        and port.serial in (None, found.serial_number)
        and port.location in (None, socket, socket.partition(":")[0])
    )


def port_form(found: ListPortInfo, everything: Iterable[ListPortInfo]) -> str:
    """What to copy into the file for this adapter; empty for what has no USB identity."""
    if found.vid is None or found.pid is None:
        return ""
    serial, location = found.serial_number, found.location
    others = list(everything)
    for told in ({"serial": serial}, {"location": location}):
        port = UsbAdapter(vid=found.vid, pid=found.pid, **told)
        if any(told.values()) and sum(matches(port, other) for other in others) == 1:
            return f"port = {port}"
    return f"port = {UsbAdapter(vid=found.vid, pid=found.pid, serial=serial, location=location)}"


def shared_nodes(ports: Mapping[str, PortName], listing: Listing = comports) -> list[str]:
    """Devices that would open the same port, though the file calls it by different names."""
    users: dict[Path, list[str]] = {}
    for name, port in ports.items():
        try:
            node = node_of(port, listing).resolve()
        except OSError:
            continue  # the device's own worker says so, again and again
        users.setdefault(node, []).append(f"{name} ({port})")
    return [
        f"{' and '.join(names)} are one port, {node}; give each its own"
        for node, names in users.items()
        if len(names) > 1
    ]
