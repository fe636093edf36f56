"""Serial ports: there, allowed, free, and speaking as configured."""

from collections.abc import Iterator

from edge.commission.limits import SLOWEST_SWEEP_HZ
from edge.config import EdgeConfig
from edge.doctor.finding import Finding
from edge.ports.listen import (
    REMEDIES,
    Access,
    Heard,
    Wire,
    access,
    listen,
    one_port_twice,
    verdict,
    wires,
)
from edge.ports.listing import found_ports, stable_names, unstable_hint

REMEDY_OF_SLOW = {
    "bus": "raise baudrate, lower sweep_ms, or split the bus",
    "scale": "let the scale send oftener, raise its baudrate, or lower ask_ms",
}


def ports(config: EdgeConfig, seconds: float) -> Iterator[Finding]:
    """Ports in use are left alone; free ones are opened and listened to."""
    state = {wire.name: access(wire.port) for wire in wires(config)}
    free = [name for name, found in state.items() if found == "free"] if seconds else []
    heard = listen(config, free, seconds)
    names, plugged = stable_names(), found_ports()
    for problem in one_port_twice(config):
        yield Finding("fail", f"ports: {problem}", "correct port; lianxin-edge ports lists them")
    for wire in wires(config):
        label = f"{wire.name}: {wire.port}"
        if state[wire.name] != "free":
            yield unusable(label, state[wire.name])
        elif wire.name not in heard:
            yield Finding("ok", f"{label} can be opened")
        else:
            yield from speaking(wire, label, heard[wire.name])
        if hint := unstable_hint(wire.port, names, plugged):
            yield Finding("warn", f"{wire.name}: its name is not stable", hint)


def unusable(label: str, found: Access) -> Finding:
    """A port the daemon holds is as it should be, but nothing more can be said of it."""
    if found == "busy":
        remedy = "by the daemon: see its counters; otherwise stop the other program"
        return Finding("warn", f"{label} is in use", remedy)
    words = found.replace("_", " ")
    return Finding("fail", f"{label}: {words}", REMEDIES[found])


def speaking(wire: Wire, label: str, heard: Heard) -> Iterator[Finding]:
    """What its decoder heard, and how often a bus is swept; one dead bin is worth a warning."""
    good, words = verdict(wire, heard)
    dead = wire.role == "bus" and heard.errors > 0
    if dead or not good:
        remedy = f"check wiring, power and the settings of {wire.name} ({wire.kind})"
        yield Finding("warn", f"{label}: {words}", remedy)
    else:
        yield Finding("ok", f"{label}: {words}")
    if good and wire.role in REMEDY_OF_SLOW:
        yield sweep(wire.name, heard.sweep_hz, REMEDY_OF_SLOW[wire.role])


def sweep(name: str, hertz: float | None, remedy: str) -> Finding:
    """Five readings make a plateau; a slower bus or scale misses deposits."""
    rate = "fewer than two sweeps" if hertz is None else f"{hertz:.1f} sweeps a second"
    if hertz is None or hertz < SLOWEST_SWEEP_HZ:
        return Finding("fail", f"{name}: {rate}", f"at least {SLOWEST_SWEEP_HZ}: {remedy}")
    return Finding("ok", f"{name}: {rate}")
