"""``lianxin-edge ports``: the serial ports of this machine by names that survive a replug."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools.list_ports import comports

from edge.config import EdgeConfig
from edge.ports.listen import REMEDIES, access, listen, one_port_twice, verdict, wires
from edge.ports.node import Listing, PortName, port_form

SERIAL_FOLDER = Path("/dev/serial")
UNSTABLE = ("ttyUSB", "ttyACM")


@dataclass(frozen=True)
class Found:
    """A port of this machine; ``identity`` is what udev makes its by-id name from."""

    device: str
    location: str
    identity: tuple[object, ...]
    description: str
    form: str = ""


def found_ports(listing: Listing = comports) -> list[Found]:
    """What the kernel knows now; ``form`` is the other way to write the port."""
    everything = sorted(listing())
    return [
        Found(
            port.device,
            (port.location or "").partition(":")[0],
            (port.vid, port.pid, port.serial_number, (port.location or "").partition(":")[2]),
            "" if port.description == "n/a" else port.description,
            port_form(port, everything),
        )
        for port in everything
    ]


def stable_names(folder: Path = SERIAL_FOLDER) -> dict[str, list[Path]]:
    """Device to its links, by-path first: a socket keeps its name whatever is plugged in."""
    names: dict[str, list[Path]] = {}
    for kind in ("by-path", "by-id"):
        links = sorted((folder / kind).iterdir()) if (folder / kind).is_dir() else []
        for link in links:
            names.setdefault(str(link.resolve()), []).append(link)
    return names


def twins(ports: Iterable[Found]) -> list[list[str]]:
    """Devices in different sockets for which udev has one by-id name only."""
    alike: dict[tuple[object, ...], list[Found]] = {}
    for port in ports:
        if port.identity[0] is not None:
            alike.setdefault(port.identity, []).append(port)
    return [
        [port.device for port in group]
        for group in alike.values()
        if len({port.location for port in group}) > 1
    ]


def listed(ports: Sequence[Found], names: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    """The lines about the machine."""
    if not ports:
        yield "no serial ports found; is the adapter plugged in? (dmesg tells)"
    colliding = twins(ports)
    doubtful = {device for group in colliding for device in group}
    for port in ports:
        links = [link for link in names.get(port.device, ()) if _names_one(link, port, doubtful)]
        best = str(links[0]) if links else port.device
        known_as = [] if best == port.device else [port.device]
        yield "  ".join([best, *known_as, port.description]).rstrip()
        yield from (f"    also {link}" for link in links[1:])
        if port.form:
            yield f"    or   {port.form}"
    for group in colliding:
        yield (
            f"warning: {', '.join(group)} have the same by-id name; it leads to one of them only."
            " Write by-path, or the form with location, and label the sockets"
        )


def _names_one(link: Path, port: Found, doubtful: set[str]) -> bool:
    return link.parent.name != "by-id" or port.device not in doubtful


def unstable_hint(
    path: PortName, names: Mapping[str, Sequence[Path]], ports: Iterable[Found] = ()
) -> str:
    """What to write instead of a name that leads elsewhere tomorrow; empty when it is good."""
    if not isinstance(path, Path):
        return ""
    for group in twins(ports):
        if path.parent.name == "by-id" and str(path.resolve()) in group:
            return f"{path} may be {' or '.join(group)}; use by-path, or port with location"
    if path.parent != Path("/dev") or not path.name.startswith(UNSTABLE):
        return ""
    links = names.get(str(path), ())
    return f"{path} changes at a replug; use {links[0] if links else 'a name in /dev/serial'}"


def heard_lines(config: EdgeConfig, seconds: float) -> Iterator[str]:
    """One line for every port of the configuration; busy ones are left in peace."""
    ports, names, found = wires(config), stable_names(), found_ports()
    state = {wire.name: access(wire.port) for wire in ports}
    heard = listen(config, [name for name, found in state.items() if found == "free"], seconds)
    for wire in ports:
        if wire.name in heard:
            _, words = verdict(wire, heard[wire.name])
        else:
            words = f"{state[wire.name].replace('_', ' ')}: {REMEDIES[state[wire.name]]}"
        yield f"{wire.name}  {wire.kind}  {wire.port}  {words}"
        if hint := unstable_hint(wire.port, names, found):
            yield f"    {hint}"
    yield from (f"warning: {problem}" for problem in one_port_twice(config))
