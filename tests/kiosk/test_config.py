from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.config import DEFAULT_PALETTE, read_kiosk_config
from wire.config_file import ConfigError

GOOD = """
point = "p03"
[bus]
host = "127.0.0.1"
port = 1884
username = "terminal-p03"
password = "secret-word"
"""
BAD = """
point = "P 03"
theme = "pink"
colour = 1
[palette]
kitchen = "green"
[bus]
host = "127.0.0.1"
port = 99999
username = "terminal-p03"
"""


def test_defaults(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(GOOD)
    config = read_kiosk_config(file)
    assert (config.language, config.theme, config.palette) == ("zh", "day", DEFAULT_PALETTE)


def test_one_colour_of_the_palette_can_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(GOOD.replace("[bus]", '[palette]\nother = "#808080"\n[bus]'))
    assert read_kiosk_config(file).palette == DEFAULT_PALETTE | {"other": "#808080"}


def test_every_wrong_key_is_told_at_once_and_no_password(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(BAD)
    done = CliRunner().invoke(app, ["point", "--config", str(file)])
    assert done.exit_code == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert all(line.startswith(f"{file}: ") for line in lines)
    told = sorted(line.split(": ")[1] for line in lines)
    assert told == ["bus.password", "bus.port", "colour", "palette.kitchen", "point", "theme"]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_kiosk_config(tmp_path / "none.toml")


def test_check_reads_the_file_and_ends(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(GOOD)
    done = CliRunner().invoke(app, ["point", "--config", str(file), "--check"])
    assert (done.exit_code, done.stdout) == (0, f"{file}: good; point p03\n")


def test_help_has_an_example() -> None:
    done = CliRunner().invoke(app, ["point", "--help"])
    assert "lianxin-kiosk point --config kiosk.toml" in done.stdout
