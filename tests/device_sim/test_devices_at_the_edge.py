"""Every kind of serial device through its whole life, read by the point's own workers.

All live it at once, since a pulled port is tried again only after a second.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from device_sim.devices import registry
from device_sim.devices.mqtt_readers import WIFI_READERS
from device_sim.devices.mqtt_scales import Firmware
from edge.device_config import BusConfig, CommandLineConfig, MqttReaderKind, ReaderKind, ScaleKind
from edge.readings import WeightFault
from edge.scales.mqtt_text import TextFormat
from tests.device_sim.device_yard import (
    Line,
    Value,
    hasty_ms,
    hears_all,
    insist,
    is_down,
    plug_in,
    spoilt,
    up_ms,
)

UNCHECKED = (
    # Two torn halves whose pause was lost have the right XOR, and so has a card in 65,536.
    "em18",
    "wiegand-serial", "ascii-line", "qr-line", "yaohua-tf", "xk3190-a12-text", "mt-sics",
    "and-standard", "dini-argeo", "cas-22", "toledo-continuous no-checksum",
)  # fmt: skip
NAMES = [
    f"{kind} {variant}".strip()
    for kind in registry.SERIAL
    for variant in registry.VARIANTS.get(kind, ("",))
]
TARE_G = 700


class Life:
    """What each device said in each part of its life."""

    def __init__(self, lines: dict[str, Line]) -> None:
        self.lines = lines
        self.plugged = {name: set(line.expected) for name, line in lines.items()}
        self.clean: dict[str, tuple[set[Value], list[WeightFault]]] = {}
        self.spoilt: dict[str, set[Value]] = {}
        self.nodes: dict[str, set[Path]] = {}
        self.back: dict[str, set[Value]] = {}

    def live(self) -> None:
        lines = self.lines.values()
        for line in lines:
            line.worker.start()
        insist(lines, hears_all, "every device is read")
        self.clean = {name: (line.values(), line.faults()) for name, line in self._turn()}
        for line in lines:
            mischief = line.device.mischief
            mischief.noise = mischief.torn = mischief.flipped = 0.3
        insist(lines, spoilt, "every device is spoilt")
        self.spoilt = {name: line.values() for name, line in self._turn()}
        for line in lines:
            mischief = line.device.mischief
            mischief.noise = mischief.torn = mischief.flipped = 0.0
        self._pull_all()
        insist(lines, hears_all, "every device is read again")
        self.back = {name: line.values() for name, line in self._turn()}

    def _pull_all(self) -> None:
        links = {name: line.device._link for name, line in self.lines.items()}
        before = {name: link.resolve() for name, link in links.items()}
        for line in self.lines.values():
            line.device.unplug()
        insist(self.lines.values(), is_down, "every hang-up is noticed")
        for name, line in self.lines.items():
            line.forget()
            line.lose_g(TARE_G)
            line.device.replug()
            self.nodes[name] = {before[name], links[name].resolve()}

    def _turn(self) -> Iterator[tuple[str, Line]]:
        for name, line in self.lines.items():
            yield name, line
            line.forget()


def plugged(folder: Path, kind: str, variant: str | None = None) -> Line:
    clock = hasty_ms if kind in registry.BUSES else up_ms
    return plug_in(folder, kind, variant, clock)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("yard")
    lines = {name: plugged(folder, *name.split()) for name in NAMES}
    life = Life(lines)
    try:
        life.live()
        yield life
    finally:
        for line in lines.values():
            line.worker.stop()
        for line in lines.values():
            line.worker.join(2)
        for line in lines.values():
            line.device.close()


def test_every_device_of_a_configuration_can_be_simulated() -> None:
    assert set(registry.READERS) == set(get_args(ReaderKind))
    assert set(registry.SCALES) == set(get_args(ScaleKind))
    buses = {get_args(config.model_fields["kind"].annotation)[0]
             for config in (BusConfig, CommandLineConfig)}  # fmt: skip
    assert set(registry.BUSES) == buses
    tags = {"esphome-tag" if kind.startswith("esphome") else kind for kind in WIFI_READERS}
    assert tags == set(get_args(MqttReaderKind))
    assert set(registry.WIFI_SCALES.values()) == set(get_args(TextFormat))
    assert set(get_args(Firmware)) == set(get_args(TextFormat))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_as_it_is(life: Life, name: str) -> None:
    assert life.clean[name] == (life.plugged[name], [])


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(UNCHECKED)])
def test_where_there_is_a_checksum_no_wrong_value_is_ever_taken(life: Life, name: str) -> None:
    assert life.spoilt[name] <= life.plugged[name]


@pytest.mark.parametrize("name", NAMES)
def test_pulled_and_put_back_as_another_node_it_is_read_on(life: Life, name: str) -> None:
    assert life.back[name] == life.lines[name].expected
    assert len(life.nodes[name]) == 2
