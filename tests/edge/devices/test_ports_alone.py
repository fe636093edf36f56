"""A port that fails, fails alone: shown, tried again, and what it says afterwards is marked."""

import errno
import logging
import os
import queue
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import serial

from device_sim.devices import indicators, rdm6300
from device_sim.devices.load import BinLoad
from device_sim.devices.pty_port import PtyPort
from device_sim.devices.serial_devices import ScaleBus
from device_sim.devices.serial_lines import Indicator
from edge.config import EdgeConfig
from edge.device_config import BusConfig
from edge.events import Event, PortUp, ThreadDied
from edge.ports import line as line_module
from edge.ports import worker as worker_module
from edge.ports.line import open_line
from edge.ports.modbus_bus import open_bus
from edge.ports.worker import PortWorker
from tests.edge.daemon_rig import HubOnBroker, Peer, Rig, rig
from tests.edge.technician.bench import toml
from tests.programs import needs, until
from wire import topics
from wire.codec import decode, decode_fact
from wire.facts import Deposit
from wire.point_bus import Screen
from wire.session import PortStatus, Status

__all__ = ["rig"]
UID = "0086CE6D"
BUS: dict[str, Any] = {
    "name": "bus-1", "kind": "modbus", "port": "bus", "count": 3, "status_register": 2,
    "stable_mask": 1, "overload_mask": 2, "timeout_s": 0.2, "sweep_ms": 50,
}  # fmt: skip


def load(grams: int) -> BinLoad:
    return BinLoad(empty_g=grams, division_g=20, noise_g=0, seed=1)


class _Stumbling(PortWorker):
    """A port whose decoder has a bug."""

    tries = 0

    def pump(self) -> None:
        self.tries += 1
        self.opened()
        raise ValueError(f"invalid literal: {UID}")


def test_a_thread_that_dies_says_where_and_no_card_number_and_lives_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(worker_module, "FIRST_RETRY_S", 0.01)
    events: queue.Queue[Event] = queue.Queue()
    stumbling = _Stumbling("reader-1", "rdm6300", events)
    stumbling.start()
    try:
        until(lambda: stumbling.tries >= 3, "it is started again and again")
    finally:
        stumbling.stop()
        stumbling.join(5)
    heard = [events.get_nowait() for _ in range(events.qsize())]
    died = [event for event in heard if isinstance(event, ThreadDied)]
    assert len(died) == sum(isinstance(event, PortUp) for event in heard) == stumbling.tries
    assert died[0].reason.startswith("ValueError in test_ports_alone.py line ")
    assert "in pump" in caplog.text, "the log says where"
    assert UID not in caplog.text + repr(heard)


def test_a_bus_has_its_parity_and_a_failed_opening_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = BusConfig.model_validate(BUS | {"parity": "even"})
    node = tmp_path / "bus"
    with pytest.raises(serial.SerialException) as missing:
        open_bus(bus, node)
    assert missing.value.errno == errno.ENOENT
    with PtyPort(node):
        with open_line(node, 9600, 0.1), pytest.raises(serial.SerialException, match="lock"):
            open_bus(bus, node)
        client = open_bus(bus, node)
        assert client.socket is not None
        assert client.socket.parity == serial.PARITY_NONE, "a pseudo-tty has none"
        client.close()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(line_module, "PSEUDO_TTYS", tmp_path)
    with PtyPort(tmp_path / "first-time"):
        client = open_bus(bus, (tmp_path / "first-time"))
        assert client.socket is not None
        assert client.socket.parity == serial.PARITY_EVEN
        client.close()  # type: ignore[no-untyped-call]


def screen_of(terminal: Peer) -> Screen | None:
    payload = terminal.latest.get(topics.SCREEN.of("p03"))
    return None if payload is None else decode(payload, Screen)


def shown(terminal: Peer) -> dict[str, bool]:
    screen = screen_of(terminal)
    return {port.name: port.up for port in (screen.ports or ())} if screen else {}


def counted(hub: Peer, name: str) -> PortStatus | None:
    payload = hub.latest.get(topics.STATUS.of("lhyy", "p03"))
    ports = decode(payload, Status).ports if payload else ()
    return next((port for port in ports if port.name == name), None)


def test_what_lies_in_a_bin_whose_scale_was_pulled_is_no_clean_deposit(
    rig: tuple[Rig, HubOnBroker, Peer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "FIRST_RETRY_S", 0.1)
    point, hub, terminal = rig
    told = point.config.model_dump(mode="json")
    bins = [
        {"no": no, "category": "other", "kind": "xk3190-a9", "unit": "kg", "port": tmp_path / port}
        for no, port in ((1, "pulled"), (2, "stays"))
    ]
    point.config = EdgeConfig.model_validate(told | {"bins": bins})
    point.allow_on_bus()
    pulled, stays = load(8_000), load(8_000)
    devices = [
        Indicator(tmp_path / port, indicators.xk3190, weight, hz=20)
        for port, weight in (("pulled", pulled), ("stays", stays))
    ]
    try:
        point.start()
        until(lambda: (s := screen_of(terminal)) and [b.state for b in s.bins] == ["ok"] * 2, "ok")
        devices[0].unplug()
        until(lambda: not shown(terminal)["scale-1"], "the pulled scale is shown as away")
        pulled.drop(0, 2_000)
        stays.drop(0, 1_000)
        devices[0].replug()

        def deposits() -> dict[int, Deposit]:
            facts = [decode_fact(line).body for line in hub.model.by_id.values()]
            return {body.bin: body for body in facts if isinstance(body, Deposit)}

        until(lambda: len(deposits()) == 2, "both deposits at the hub")
    finally:
        for device in devices:
            device.close()
    assert {no: (d.grams, d.quality) for no, d in deposits().items()} == {
        1: (2_000, "gap"),
        2: (1_000, "clean"),
    }


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[PtyPort]:
    """A reader's port that nobody may open, for now."""
    with PtyPort(tmp_path / "forbidden") as port:
        Path(port.node).chmod(0)
        yield port


def without_privilege(*command: str) -> list[str]:
    """Root opens every port: the daemon runs without that right."""
    if os.geteuid() != 0:
        return list(command)
    return [needs("setpriv"), "--bounding-set=-dac_override,-dac_read_search", *command]


@contextmanager
def running(told: dict[str, Any], folder: Path) -> Iterator[None]:
    """The daemon as systemd starts it; its log stands beside its file."""
    (folder / "edge.toml").write_text(toml(_present(told)))
    program = (sys.executable, "-m", "edge", "run", "--config", str(folder / "edge.toml"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(without_privilege(*program), stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(10) == 0


def _present(told: Any) -> Any:
    """TOML has no null."""
    if isinstance(told, dict):
        return {key: _present(item) for key, item in told.items() if item not in (None, [], {})}
    return [_present(item) for item in told] if isinstance(told, list) else told


def no_number_in(folder: Path, *peers: Peer) -> None:
    kept = [path for path in (folder / "p03").rglob("*") if path.is_file()]
    sent = [payload for peer in peers for _, payload, _ in list(peer.heard.queue)]
    everything = b"".join([path.read_bytes() for path in (*kept, folder / "log")] + sent).lower()
    assert b"recorded tap" in everything
    for number in (UID.lower(), UID[2:].lower(), str(int(UID, 16))):
        assert number.encode() not in everything


AWAY = {"forbidden": "Permission denied", "taken": "lock", "missing": "No such file"}


@pytest.mark.long
def test_every_way_to_fail_leaves_the_others_alone_and_no_card_number_leaves_the_daemon(
    rig: tuple[Rig, HubOnBroker, Peer], forbidden: PtyPort, tmp_path: Path
) -> None:
    point, hub, terminal = rig
    told = point.config.model_dump(mode="json") | {
        "readers": [
            {"name": name, "port": str(tmp_path / name), "kind": "rdm6300"}
            for name in ("card", *AWAY)
        ],
        "buses": [BUS | {"port": str(tmp_path / "scales")}],
        "bins": [{"no": 1, "category": "other", "bus": "bus-1", "slave": 1}],
    }
    point.config = EdgeConfig.model_validate(told)
    point.allow_on_bus()
    bus = ScaleBus(tmp_path / "scales", {1: load(9_000)}, baudrate=19200)
    with (
        closing(bus),
        PtyPort(tmp_path / "card") as card,
        PtyPort(tmp_path / "taken"),
        open_line(tmp_path / "taken", 9600, 1) as holder,
        running(told, tmp_path),
    ):
        until(lambda: (p := counted(hub, "bus-1")) and p.frames > 3, "the bus is counted")
        card.write(rdm6300.frame(UID))
        until(lambda: topics.SIGNAL.of("p03") in terminal.latest, "the signal")
        for name, words in AWAY.items():
            port = counted(hub, name)
            assert port is not None
            assert (port.up, port.errors > 0, words in port.last_error) == (False, True, True)
        bus.unplug()
        until(lambda: not shown(terminal)["bus-1"], "the pulled bus is shown")
        Path(forbidden.node).chmod(0o600)
        holder.close()
        bus.replug()
        back = ("bus-1", "forbidden", "taken")
        until(lambda: all(shown(terminal)[name] for name in back), "all are tried again")
        assert not shown(terminal)["missing"]
        until(lambda: (p := counted(hub, "card")) and p.frames == 1, "its frame is counted")
    no_number_in(tmp_path, hub, terminal)
