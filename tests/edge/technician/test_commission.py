"""``lianxin-edge commission`` on real ports: swapped wires, noise, an interruption, the daemon."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from device_sim.devices.asked_lines import CommandLine
from device_sim.devices.indicators import xk3190
from device_sim.devices.mqtt_scales import Access, WifiScale, dialect
from device_sim.devices.serial_lines import Indicator
from edge.commission import rest
from edge.commission.flow import RefusedError
from edge.ports.line import open_line
from edge.store.file import only_one
from tests.edge.technician.bench import read, run
from tests.edge.technician.commission_rig import PACE, QUICK, UID, Plate, Site, Technician
from tests.programs import open_broker


@contextmanager
def site(folder: Path, plates: dict[int, Plate], **more: object) -> Iterator[Site]:
    made = Site(folder, plates, **more)
    try:
        yield made
    finally:
        made.close()


def addresses(made: Site) -> dict[int, int | None]:
    return {bin_.no: bin_.slave for bin_ in read(made.file).bins}


def test_swapped_wires_are_found_and_the_file_is_corrected(tmp_path: Path) -> None:
    under = {1: Plate(seed=1), 2: Plate(seed=2)}
    with site(tmp_path, {1: under[2], 2: under[1]}) as made:
        text = made.file.read_text().replace("slave = 1", "slave = 1 # the blue cable")
        made.file.write_text(text)
        technician = Technician(under, made.reader, answers="y")
        accepted = made.commission(technician)
    assert accepted, technician.text
    assert addresses(made) == {1: 2, 2: 1}
    assert "file gives to bin 2" in technician.questions[0]
    now = made.file.read_text()
    assert "# the blue cable" in now
    assert now.count("noise_g = ") == 2
    assert all(4 < bin_.sigma_g < 16 for bin_ in read(made.file).bins)
    (backup,) = tmp_path.glob("edge.toml.before-*")
    assert backup.read_text() == text
    assert backup.stat().st_mode & 0o777 == 0o600, "it holds the passwords"
    sheet = made.read(".txt")
    assert sheet.count("合格 PASS") == 3
    assert "reader-1  已读到卡 a card was read" in sheet
    everything = technician.text + sheet + made.read(".csv") + made.read(".json") + now
    assert UID not in everything
    assert UID[2:] not in everything


def test_a_slow_scale_is_listened_to_until_its_weight_can_be_felt(tmp_path: Path) -> None:
    plates = {1: Plate(seed=1), 2: Plate(seed=2)}
    with site(tmp_path, plates, buses=[QUICK | {"sweep_ms": 250}]) as made:
        technician = Technician(plates, made.reader, answers="  ")
        made.commission(technician, pace=replace(PACE, idle_ms=3000))  # three sweeps
    assert technician.bins == [1, 2]
    assert "nothing has moved" not in technician.text
    kept = json.loads(made.read(".json"))["bins"].values()
    assert all(one["idle_readings"] >= 5 for one in kept)


def test_it_goes_on_where_it_was_interrupted_and_a_noisy_scale_fails(tmp_path: Path) -> None:
    plates = {1: Plate(seed=1), 2: Plate(seed=2, noise_g=70)}
    with site(tmp_path, plates) as made:
        first = Technician(plates, made.reader, quits=2)
        assert not made.commission(first)
        assert first.bins == [1, 2]
        assert [bin_.noise_g is None for bin_ in read(made.file).bins] == [False, True]
        assert "未测 NOT MEASURED" in made.read(".txt")
        second = Technician(plates, made.reader, answers=" ")
        assert not made.commission(second)
        assert second.bins == [2], "bin 1 was measured before"
        assert "Measured before: bins 1." in second.text
        row = next(row for row in csv.reader(io.StringIO(made.read(".csv"))) if row[3] == "2")
        assert "不合格 FAIL" in row
        assert "noise" in row[12]
        plates[2]._noise_g = 8
        third = Technician(plates, made.reader)
        assert made.commission(third), "a bin that failed is measured again"
        assert third.bins == [2]


@pytest.mark.long
def test_the_wrong_bin_is_no_wrong_wiring_and_a_bad_scale_says_why(tmp_path: Path) -> None:
    plates = {1: Plate(seed=1), 2: Plate(seed=2)}
    with site(tmp_path, plates) as made:
        plates[1].jam_g = 500
        mistaken = {1: plates[2], 2: plates[2]}
        technician = Technician(mistaken, made.reader, answers="n", kilograms=4.5)

        def correct_hand(question: str, answers: str) -> str:
            mistaken[1] = plates[1]
            technician.questions.append(question)
            return "n" if "n" in answers else " "

        technician.ask = correct_hand  # type: ignore[method-assign]
        assert not made.commission(technician, bins=(1,))
    assert technician.bins == [1, 1]
    assert addresses(made) == {1: 1, 2: 2}
    kept = json.loads(made.read(".json"))["bins"]["1"]
    assert abs(kept["error_g"] + 500) < 20
    assert abs(kept["drift_g"] - 500) < 20
    assert "calibrate the scale" in technician.text
    assert "g from zero after removal" in technician.text


@pytest.mark.long
def test_an_address_that_the_file_does_not_know_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "ADDRESSES", 6)
    plates = {1: Plate(seed=1), 2: Plate(seed=2)}
    bus = QUICK | {"timeout_s": 0.25}
    with site(tmp_path, {1: plates[1], 5: plates[2]}, buses=[bus]) as made:
        technician = Technician(plates, made.reader, answers="y")
        made.commission(technician, bins=(2,))
    assert "bus-1 address 5 answers and belongs to no bin yet" in technician.text
    assert addresses(made) == {1: 1, 2: 5}


def test_it_does_not_begin_beside_the_daemon(tmp_path: Path) -> None:
    plates = {1: Plate(), 2: Plate()}
    with site(tmp_path, plates) as made:
        before = made.file.read_text()
        with open_line(tmp_path / "bus", 9600, 0.1):
            done = run("commission", str(made.file))
        assert done.exit_code == 2
        assert "in use by another program: bus-1" in done.stderr
        assert "systemctl stop lianxin-edge" in done.stderr
        (tmp_path / "p03").mkdir()
        with only_one(tmp_path / "p03"), pytest.raises(RefusedError, match="the daemon works in"):
            made.commission(Technician(plates, made.reader))
        with pytest.raises(RefusedError, match="no such bin"):
            made.commission(Technician(plates, made.reader), bins=(9,))
    assert made.file.read_text() == before


@pytest.mark.long
def test_scales_of_every_way_are_measured_and_exchanged_whole(tmp_path: Path) -> None:
    """An indicator of its own, one on a command line, one on Wi-Fi: two of them swapped."""
    plates = {no: Plate(seed=no) for no in (1, 2, 3)}
    with open_broker(tmp_path) as broker:
        access = Access("127.0.0.1", broker.mqtt_port, "u", "p")
        words = dialect("esphome", "s3")
        devices: list[Indicator | CommandLine | WifiScale] = [
            Indicator(tmp_path / "own", xk3190, plates[2], hz=40),
            CommandLine(tmp_path / "line", {3: plates[1]}),
            WifiScale("esphome", "s3", plates[3], access, interval_s=0.03),
        ]
        bins = [
            {"no": 1, "category": "other", "kind": "xk3190-a9", "port": "own", "unit": "kg"},
            {"no": 2, "category": "kitchen", "bus": "line-1", "slave": 3, "division_g": 50},
            {"no": 3, "category": "other", "format": "esphome", "topic": words.state},
        ]
        line = {"name": "line-1", "kind": "xk3190-command", "port": "line", "sweep_ms": 15}
        bus = {"port": broker.mqtt_port, "username": "u", "password": "p"}
        told = {"bins": bins, "command_lines": [line], "point_bus": bus}
        with site(tmp_path, {}, **told) as made:
            technician = Technician(plates, made.reader, answers="y")
            accepted = made.commission(technician)
            first, second, third = read(made.file).bins
        for device in devices:
            device.close()
    assert accepted, technician.text
    assert "line-1 letter C felt it" in technician.questions[0]
    assert (first.bus, first.slave, first.division_g, first.category) == ("line-1", 3, 50, "other")
    assert (second.kind, str(second.port), second.category) == (
        "xk3190-a9", str(tmp_path / "own"), "kitchen",
    )  # fmt: skip
    assert third.topic == words.state
    assert [bin_.noise_g is None for bin_ in (first, second, third)] == [False] * 3
