"""``lianxin-edge doctor`` beside real brokers, ports and stores; it disturbs none of them."""

import errno
import hashlib
import os
import pwd
import socket
from pathlib import Path

import pytest

from device_sim.devices import rdm6300
from device_sim.devices.pty_port import PtyPort
from edge.bus_config import nats_config
from edge.clock import SyncSource
from edge.doctor import brokers, finding, machine, permissions, store, wiring
from edge.doctor.finding import Finding
from edge.ports.line import open_line
from edge.ports.listen import Heard, Wire
from edge.store.outbox import NewFact, Outbox
from tests.edge.technician.bench import BROKER, KEY, read, run, write_config
from tests.edge.technician.test_listing import repeating
from tests.programs import NatsServer, free_port
from wire.codec import encode
from wire.roster import PageRef, RosterManifest, RosterPage

NOW_MS = 1_800_000_000_000
HOUR_MS = 3_600_000


def levels(output: str) -> dict[str, str]:
    """The first word of the subject to its level."""
    rows = [line.split(maxsplit=2) for line in output.splitlines()]
    return {row[1].rstrip(":"): row[0] for row in rows}


def broker_at(port: int, username: str, password: str) -> dict[str, object]:
    return {"port": port, "username": username, "password": password}


def test_a_point_in_order_is_told_so_beside_its_running_daemon(tmp_path: Path) -> None:
    port = free_port()
    told = broker_at(port, "edge-p03", "hush-hush")
    patient = {"availability": "b1/status", "holds_s": 300}
    scale = {"no": 1, "category": "kitchen", "format": "esphome", "topic": "b1/state"} | patient
    path = write_config(tmp_path, hub_broker=told, point_bus=told, bins=[scale])
    conf = tmp_path / "bus.conf"
    conf.write_text(
        nats_config(
            [read(path)], mqtt_port=port, client_port=free_port(), store=str(tmp_path / "bus"),
            terminal_password="t", device_password="d",
        )
    )  # fmt: skip
    outbox = Outbox(tmp_path / "p03" / "outbox.db", "lhyy", "p03")
    with PtyPort(tmp_path / "card") as card, NatsServer(conf, port):
        with repeating(card, rdm6300.frame("0086CE6D")):
            done = run("doctor", "--listen", "0.5", "--config", str(path))
        with open_line(tmp_path / "card", 9600, 0.1):
            beside = run("doctor", "--listen", "0.5", "--config", str(path))
    outbox.append([NewFact("1", NOW_MS, b"{}")])
    outbox.close()
    found = levels(done.output)
    assert found.pop("roster") == "warn"
    assert set(found.values()) == {"ok"}, done.output
    assert done.exit_code == 1
    assert " frames, " in done.output
    assert levels(beside.output)["reader-1"] == "warn"
    assert "in use  — by the daemon" in beside.output
    for secret in ("hush-hush", KEY.hex(), "0086CE6D", "86CE6D"):
        assert secret not in done.output


def test_every_failure_has_its_line_and_its_remedy(tmp_path: Path) -> None:
    port, bus = free_port(), free_port()
    path = write_config(
        tmp_path,
        sync_source="none",
        hub_broker=broker_at(port, "p03", "hush-hush"),
        point_bus=broker_at(bus, "p03", "hush-hush"),
    )
    path.chmod(0o644)
    (tmp_path / "card-key-1.hex").write_text("abcd")
    done = run("doctor", "--config", str(path))
    assert done.exit_code == 2
    found = levels(done.output)
    assert found["configuration"] == "warn"
    assert found["card_keys.1"] == "fail"
    assert found["reader-1"] == "fail"
    assert found["hub_broker"] == "warn"
    assert found["point_bus"] == "fail"
    assert found["clock"] == "warn"
    lines = [line for line in done.output.splitlines() if not line.startswith("ok")]
    assert all("  — " in line for line in lines)
    assert "hush-hush" not in done.output


def test_every_error_of_the_configuration_is_a_failure(tmp_path: Path) -> None:
    path = write_config(tmp_path, point="p 03", uid_bits=7)
    done = run("doctor", "--config", str(path))
    assert done.exit_code == 2
    assert done.output.count("fail  config: ") == 2


def test_wrong_credentials_are_told_from_an_absent_broker(tmp_path: Path) -> None:
    port = free_port()
    path = write_config(
        tmp_path,
        hub_broker=broker_at(port, "p03", "wrong"),
        point_bus=broker_at(port, "edge-p03", "hush-hush"),
    )
    conf = tmp_path / "bus.conf"
    conf.write_text(
        nats_config(
            [read(path)], mqtt_port=port, client_port=free_port(), store=str(tmp_path / "bus"),
            terminal_password="t", device_password="d",
        )
    )  # fmt: skip
    with NatsServer(conf, port):
        refused, accepted = brokers.brokers(read(path))
    assert (refused.level, accepted.level) == ("fail", "ok")
    assert "refuses p03" in refused.what
    gone = brokers.brokers(read(path))
    assert [finding.level for finding in gone] == ["warn", "fail"]
    assert os.strerror(errno.ECONNREFUSED) in gone[0].what


def test_something_else_at_the_port_is_no_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "PATIENCE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        path = write_config(tmp_path, point_bus=BROKER | {"port": port}, hub_broker=BROKER)
        _, found = brokers.brokers(read(path))
    assert found.level == "fail"
    assert "does not speak MQTT" in found.what


def _filled(folder: Path, *, acknowledged: int) -> Outbox:
    outbox = Outbox(folder / "p03" / "outbox.db", "lhyy", "p03")
    outbox.append([NewFact(str(n), NOW_MS + n * HOUR_MS, b"{}") for n in range(3)])
    outbox.acknowledge(acknowledged, NOW_MS)
    return outbox


def _fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if not path.name.endswith("-shm")
    }


@pytest.mark.parametrize("daemon", ["running", "stopped", "killed"])
def test_the_outbox_is_only_looked_at(tmp_path: Path, daemon: str) -> None:
    config = read(write_config(tmp_path))
    assert store.outbox(config, NOW_MS).level == "warn"
    outbox = _filled(tmp_path, acknowledged=1)
    if daemon == "killed":  # its write-ahead log is left behind
        copied = tmp_path / "killed"
        copied.mkdir()
        for name in ("outbox.db", "outbox.db-wal"):
            (copied / name).write_bytes((config.data / name).read_bytes())
        config = config.model_copy(update={"data": copied})
    if daemon != "running":
        outbox.close()
    before = _fingerprint(config.data)
    try:
        found = store.outbox(config, NOW_MS + 50 * HOUR_MS)
        assert _fingerprint(config.data) == before
        if daemon == "running":
            outbox.append([NewFact("later", NOW_MS, b"{}")])
    finally:
        outbox.close()
    assert found.level == "warn"
    assert "2 facts wait for the hub, the oldest for 2 days" in found.what


def test_an_outbox_of_another_point_or_a_damaged_one_fails(tmp_path: Path) -> None:
    _filled(tmp_path, acknowledged=3).close()
    config = read(write_config(tmp_path))
    assert store.outbox(config, NOW_MS) == Finding("ok", "outbox: nothing waits for the hub")
    other = config.model_copy(update={"point": "p04"})
    assert "belongs to lhyy/p03, expected lhyy/p04" in store.outbox(other, NOW_MS).what
    path = config.data / "outbox.db"
    path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 9000)
    assert store.outbox(config, NOW_MS).level == "fail"


def test_a_mended_outbox_is_told_until_its_evidence_is_gone(tmp_path: Path) -> None:
    _filled(tmp_path, acknowledged=3).close()
    config = read(write_config(tmp_path))
    assert list(store.damaged(config)) == []
    (config.data / "outbox.db").write_bytes(b"\xaa" * 5000)
    Outbox(config.data / "outbox.db", "lhyy", "p03").close()
    (found,) = store.damaged(config)
    assert (found.level, "damaged and mended: outbox.damaged-" in found.what) == ("warn", True)
    assert store.outbox(config, NOW_MS).level == "ok"


def test_the_roster_has_a_version_and_an_age(tmp_path: Path) -> None:
    config = read(write_config(tmp_path))
    door = "11-1-102"
    page = encode(RosterPage(version=4, no=0, cards=(("k1." + "a" * 52, door, "ok"),)))
    folder = config.data / "roster"
    folder.mkdir(parents=True)
    ref = PageRef(no=0, sha256=hashlib.sha256(page).hexdigest())
    (folder / f"page-{ref.sha256}.json").write_bytes(page)
    manifest = RosterManifest(version=4, made_ms=NOW_MS, cards=1, pages=(ref,))
    (folder / "manifest.json").write_bytes(encode(manifest))
    fresh = store.roster(config, NOW_MS + HOUR_MS)
    assert fresh == Finding("ok", "roster: version 4, 1 cards, 1 h old")
    assert store.roster(config, NOW_MS + 8 * 24 * HOUR_MS).level == "warn"
    (folder / f"page-{ref.sha256}.json").write_bytes(page[:-1])
    assert "damaged" in store.roster(config, NOW_MS).what
    (folder / "manifest.json").write_bytes(b"{")
    assert store.roster(config, NOW_MS).level == "warn"


@pytest.mark.parametrize(
    ("source", "synced", "rtc", "expected"),
    [
        ("hub", False, False, ["ok"]),
        ("kernel", True, True, ["ok"]),
        ("kernel", True, False, ["ok", "warn"]),
        ("kernel", False, False, ["warn", "warn"]),
        ("none", True, True, ["warn"]),
    ],
)
def test_the_clock_is_judged_by_what_is_trusted(
    source: SyncSource, synced: bool, rtc: bool, expected: list[str]
) -> None:
    found = machine.clock_findings(source, synced=synced, rtc=rtc)
    assert [finding.level for finding in found] == expected


def test_a_dead_bin_is_a_warning_and_the_bus_is_still_timed() -> None:
    wire = Wire("bus-1", "modbus", Path("bus"), "bus")
    heard = Heard(up=True, bytes=50, frames=5, sweeps=5, first_sweep_ms=1, last_sweep_ms=2001)
    well = [found.level for found in wiring.speaking(wire, "bus-1: bus", heard)]
    heard.errors, heard.details = 2, ("no_answer (slave 2: nothing)", "no_answer (slave 5: …)")
    dead, rate = wiring.speaking(wire, "bus-1: bus", heard)
    assert well == ["ok", "ok"]
    assert (dead.level, rate.level) == ("warn", "ok")
    assert "slave 2" in dead.what
    assert "slave 5" in dead.what


def test_space_sweep_and_severity() -> None:
    folder = Path("p03")
    sizes = [machine.disk_finding(folder, mib * 1024**2).level for mib in (49, 50, 499, 500)]
    assert sizes == ["fail", "warn", "warn", "ok"]
    rates = [wiring.sweep("bus-1", hertz, "").level for hertz in (None, 1.49, 1.5)]
    assert rates == ["fail", "fail", "ok"]
    heard = Heard(sweeps=5, first_sweep_ms=1000, last_sweep_ms=3000)
    assert heard.sweep_hz == 2.0
    assert Heard(sweeps=1, first_sweep_ms=1000, last_sweep_ms=1000).sweep_hz is None
    assert finding.exit_code([]) == 0
    assert finding.exit_code([Finding("warn", ""), Finding("fail", ""), Finding("ok", "")]) == 2


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "readable"),
    [
        (0o600, 7, 1, True),
        (0o060, 7, 20, False),  # the owner, and the group's leave is not the owner's
        (0o660, 1, 20, True),
        (0o606, 1, 20, False),
        (0o606, 1, 1, True),
        (0o640, 1, 1, False),
    ],
)
def test_the_kernels_rule_of_permissions(mode: int, uid: int, gid: int, readable: bool) -> None:
    found = os.stat_result((mode, 0, 0, 1, uid, gid, 0, 0, 0, 0))
    assert permissions.may(found, 7, [7, 20], permissions.READ) is readable


@pytest.mark.skipif(os.geteuid() != 0, reason="only root asks for another user")
def test_what_the_daemons_user_may_not_do_is_told_to_root(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    config = read(path)
    assert list(permissions.of_the_daemon(config, path)) == []
    config.data.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(config.data, nobody.pw_uid, nobody.pw_gid)
    with PtyPort(tmp_path / "card") as port:
        port.link.resolve().chmod(0o600)
        told = list(permissions.of_the_daemon(config, path))
        assert [found.level for found in told] == ["fail"] * 3
        assert "nobody may not open /dev/pts" in told[0].what
        assert "usermod -aG" in told[0].remedy
        assert told[1].remedy == f"chown nobody {path}"
        for own in (path, tmp_path / "card-key-1.hex", port.link.resolve()):
            os.chown(own, nobody.pw_uid, nobody.pw_gid)
        (well,) = permissions.of_the_daemon(config, path)
    assert well.level == "ok"
