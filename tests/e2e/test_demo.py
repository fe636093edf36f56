"""The whole compound as people start it: real programs, real brokers, real faults."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.programs import PATIENCE_S, until

HOST = "127.0.0.1"
START_DEADLINE_S = 120.0
RUN_DEADLINE_S = 280.0
LAST_LINE = re.compile(
    r"^VERIFIED taps=(\d+) visits=(\d+) rewarded=(\d+) held=(\d+) fen=(\d+) lost=0 duplicated=0$"
)


def free_base() -> int:
    """The first of six ports in a row that are free now."""
    for base in range(23000, 32000, 6):
        with ExitStack() as probes:
            try:
                for port in range(base, base + 6):
                    probes.enter_context(socket.create_server((HOST, port)))
            except OSError:
                continue
            return base
    pytest.fail("no six free ports in a row between 23000 and 32000")


def command(folder: Path, *words: str) -> list[str]:
    base = ("--folder", str(folder), "--port-base", str(free_base()))
    return [sys.executable, "-m", "device_sim", "demo", *base, *words]


def run_once(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(folder, "--once", *words),
        capture_output=True,
        text=True,
        timeout=RUN_DEADLINE_S,
        check=False,
    )


def figures(line: str) -> dict[str, int]:
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}


def left_behind(folder: Path) -> list[str]:
    """Programs that still speak of this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words and "pytest" not in words:
            found.append(words)
    return found


@pytest.mark.long
def test_a_whole_morning_across_midnight_keeps_its_promises(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = run_once(folder, "--start", "23:59:20", "--seed", "5")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    last = LAST_LINE.match(lines[-1])
    assert last, lines[-1]
    assert int(last[3]) * 30 == int(last[5]) > 0
    assert figures(lines[-1])["taps"] >= 150
    told = figures(lines[-2])
    assert told["points"] == 12
    assert told["rejected"] >= 20
    assert told["unjudged"] >= 20
    assert told["repeats"] >= 10
    assert told["unknown"] >= 3
    assert told["office"] == 1
    assert told["days"] == 2
    for words in ("hub is killed", "node of p03 is killed", "wiped", "online again with"):
        assert any(words in line for line in lines), words
    assert left_behind(folder) == []


@pytest.fixture
def demo(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo that has just started its programs."""
    process = subprocess.Popen(
        command(tmp_path / "demo"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end_s = time.monotonic() + START_DEADLINE_S
    while not (tmp_path / "demo" / "logs" / "hub.log").exists():
        assert time.monotonic() < end_s, "the hub was never started"
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)


def child(folder: Path, words: str) -> int:
    """The process id of the demo's program whose command line has these words."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if words in line and str(folder) in line:
            return int(entry.parent.name)
    pytest.fail(f"no program with {words!r}")


@pytest.mark.long
def test_a_second_start_and_ctrl_c(demo: "subprocess.Popen[str]", tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    second = run_once(folder)
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"a demo already runs in {folder}" in second.stderr
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0, err
    assert "stopped; every program has been ended" in out
    assert "Traceback" not in out + err
    assert left_behind(folder) == []


@pytest.mark.long
def test_officers_and_residents_tap_at_the_desks_of_a_demo_that_stays_up(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = subprocess.Popen(
        command(folder, "--traffic-s", "8"), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "stays up until" in line:
                break
        shown = re.search(r"tap --folder \S+ self (\S+)", "".join(said))
        assert shown, said
        for machine, who, path in (
            ("desk", "o01", "/desks/desk/who"), ("desk", "o02", "/desks/desk/who"),
            ("self", shown[1], "/self/tap"),
        ):  # fmt: skip
            answer = tapped(folder, machine, who, path)
            known = answer.get("officer") or answer
            assert who in (known.get("person"), known.get("household")), answer
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert left_behind(folder) == []


def tapped(folder: Path, machine: str, who: str, path: str) -> Any:
    """What the hub says of the card that came out of the machine's reader."""
    config = tomllib.loads((folder / f"{machine}.toml").read_text())
    with socket.socket(socket.AF_UNIX) as reader:
        until((folder / config["taps"]).exists, "the reader serves")
        reader.settimeout(30)
        reader.connect(str(folder / config["taps"]))
        argv = [sys.executable, "-m", "device_sim", "tap", "--folder", str(folder), machine, who]
        subprocess.run(argv, check=True, timeout=30, stdout=subprocess.DEVNULL)
        card = json.loads(reader.makefile().readline())
    hub = config["hub"]
    form = {"username": hub["username"], "password": hub["password"]}
    token = httpx2.post(f"{hub['url']}/auth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.post(f"{hub['url']}{path}", json=card, headers=headers).json()


@pytest.mark.long
def test_a_killed_child_ends_the_demo_in_one_line(
    demo: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    os.kill(child(folder, "point-bus.conf"), signal.SIGKILL)
    _, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 1
    assert err.count("\n") == 1
    assert "point-bus ended by itself (SIGKILL)" in err
    assert left_behind(folder) == []


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    words = command(tmp_path / "demo")
    base = int(words[words.index("--port-base") + 1])
    with socket.create_server((HOST, base + 3)):
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {base + 3} (the point bus)" in done.stderr
