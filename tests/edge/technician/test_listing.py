"""``lianxin-edge ports`` on pseudo-ttys: every way in which a port does not work has its words."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from device_sim.devices import rdm6300
from device_sim.devices.load import BinLoad
from device_sim.devices.pty_port import PtyPort
from device_sim.devices.serial_devices import ScaleBus
from edge.ports import listen
from edge.ports.line import open_line
from edge.ports.listing import Found, listed, stable_names, twins, unstable_hint
from tests.edge.technician.bench import READER, run, write_config

UID = "0086CE6D"
NOBODY = 65534
MODBUS = {
    "name": "bus-1", "kind": "modbus", "port": "bus", "function": 3, "address": 0, "count": 3,
    "value": "int32", "word_order": "high", "grams_per_count": "1", "status_register": 2,
    "stable_mask": 1, "overload_mask": 2, "timeout_s": 0.1, "sweep_ms": 50,
}  # fmt: skip


@contextmanager
def repeating(port: PtyPort, data: bytes) -> Iterator[None]:
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(0.05):
            port.write(data)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def heard_on(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(f"{name} "))


def test_frames_are_counted_and_no_card_number_is_shown(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with PtyPort(tmp_path / "card") as port, repeating(port, rdm6300.frame(UID)):
        done = run("ports", "--listen", "0.5", "--config", str(config))
    assert done.exit_code == 0, done.output
    assert " frames, " in heard_on(done.output, "reader-1")
    assert UID not in done.output
    assert UID[2:] not in done.output


def test_bytes_of_another_speed_are_told_from_silence(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with PtyPort(tmp_path / "card") as port:
        silent = run("ports", "--listen", "0.2", "--config", str(config))
        with repeating(port, bytes.fromhex("80F878E01E9E")):
            noisy = run("ports", "--listen", "0.5", "--config", str(config))
    assert "nothing heard: hold a card" in heard_on(silent.output, "reader-1")
    assert "bytes but no frames: wrong speed or wrong kind?" in heard_on(noisy.output, "reader-1")
    assert "80F878" not in noisy.output.upper()


def test_a_busy_and_a_missing_port_say_so_and_the_others_are_heard(tmp_path: Path) -> None:
    readers = [
        READER,
        READER | {"name": "reader-2", "port": "gone"},
        READER | {"name": "reader-3", "port": "notes.txt"},
        READER | {"name": "reader-4", "port": "free"},
    ]
    (tmp_path / "notes.txt").write_text("no port")
    config = write_config(tmp_path, readers=readers)
    with (
        PtyPort(tmp_path / "card") as taken,
        PtyPort(tmp_path / "free") as free,
        open_line(tmp_path / "card", 9600, 1) as daemon,
    ):
        with repeating(free, rdm6300.frame(UID)):
            done = run("ports", "--listen", "0.5", "--config", str(config))
        taken.write(b"still here")
        assert daemon.read(10) == b"still here", "the holder of the port lost its bytes"
    assert "busy: stop the other program" in heard_on(done.output, "reader-1")
    assert "missing: plug it in" in heard_on(done.output, "reader-2")
    assert "no serial port: correct port" in heard_on(done.output, "reader-3")
    assert " frames, " in heard_on(done.output, "reader-4")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a port to nobody's group")
def test_a_forbidden_port_names_the_group(tmp_path: Path) -> None:
    with PtyPort(tmp_path / "card") as port:
        path = port.link.resolve()
        path.chmod(0o600)
        os.seteuid(NOBODY)
        try:
            found = listen.access(path)
        finally:
            os.seteuid(0)
    assert found == "permission"
    assert "dialout" in listen.REMEDIES["permission"]


def test_a_dead_slave_is_named_and_a_dead_bus_too(tmp_path: Path) -> None:
    bins = [
        {"no": no, "category": "other", "bus": "bus-1", "slave": no, "division_g": 20}
        for no in (1, 2)
    ]
    config = write_config(tmp_path, buses=[MODBUS], bins=bins)
    load = BinLoad(empty_g=9_000, division_g=20, noise_g=0, seed=1)
    with PtyPort(tmp_path / "bus"), PtyPort(tmp_path / "card"):
        dead = run("ports", "--listen", "0.5", "--config", str(config))
    bus = ScaleBus(tmp_path / "bus", {1: load}, baudrate=19200)
    try:
        half = run("ports", "--listen", "0.6", "--config", str(config))
    finally:
        bus.close()
    assert "no answer: wiring, address or speed?" in heard_on(dead.output, "bus-1")
    assert " frames, " in heard_on(half.output, "bus-1")
    assert "slave 2" in heard_on(half.output, "bus-1")


CH340 = (0x1A86, 0x7523, None, "")


def test_two_adapters_without_serial_number_are_called_twins() -> None:
    left = Found("/dev/ttyUSB0", "1-1.1", CH340, "USB Serial")
    right = Found("/dev/ttyUSB1", "1-1.2", CH340, "USB Serial")
    numbered = Found("/dev/ttyUSB2", "1-1.3", (0x0403, 0x6001, "A1", ""), "FT232R")
    one_chip = [
        Found(f"/dev/ttyUSB{3 + n}", "1-1.4", (0x0403, 0x6011, None, f"1.{n}"), "") for n in (0, 1)
    ]
    assert twins([left, right, numbered, *one_chip]) == [["/dev/ttyUSB0", "/dev/ttyUSB1"]]
    names = {
        "/dev/ttyUSB0": [Path("/dev/serial/by-path/p1"), Path("/dev/serial/by-id/same")],
        "/dev/ttyUSB2": [Path("/dev/serial/by-path/p3"), Path("/dev/serial/by-id/a1")],
    }
    lines = list(listed([left, right, numbered], names))
    assert lines[0] == "/dev/serial/by-path/p1  /dev/ttyUSB0  USB Serial"
    assert "    also /dev/serial/by-id/a1" in lines
    assert not any("by-id/same" in line for line in lines), "a name that leads to either"
    assert "/dev/ttyUSB0, /dev/ttyUSB1 have the same by-id name" in lines[-1]


def test_links_of_udev_are_found_by_path_first(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    for kind in ("by-id", "by-path"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "name").symlink_to(device)
    assert stable_names(tmp_path) == {
        str(device): [tmp_path / "by-path/name", tmp_path / "by-id/name"]
    }
    assert stable_names(tmp_path / "nothing") == {}


def test_a_name_that_changes_at_a_replug_is_pointed_out() -> None:
    names = {"/dev/ttyUSB0": [Path("/dev/serial/by-path/p1")]}
    assert "use /dev/serial/by-path/p1" in unstable_hint(Path("/dev/ttyUSB0"), names)
    assert not unstable_hint(Path("/dev/serial/by-path/p1"), names)
    assert not unstable_hint(Path("/dev/serial0"), names)
