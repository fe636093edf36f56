"""``lianxin-edge signal`` and ``config check``: what a technician hears of the loudspeaker."""

from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory  # type: ignore[import-untyped]

from tests.edge.signals.ear import Ear
from tests.edge.technician.bench import run, write_config
from tests.programs import needs, until

pytestmark = pytest.mark.filterwarnings("ignore::gpiozero.PinFactoryFallback")


def point(folder: Path, signals: str) -> str:
    """The edge.toml of a point with these lines about its signals."""
    path = write_config(folder)
    path.write_text(path.read_text() + "\n" + signals)
    return str(path)


def test_one_tone_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("aplay")
    config = point(tmp_path, "[signals]")
    with Ear(tmp_path) as ear:
        monkeypatch.setenv("ALSA_CONFIG_PATH", str(ear.config))
        done = run("signal", "recorded", "--config", config)
        until(lambda: len(ear.loud(1400, 2600)) >= 7, "the tone")
        nothing = run("signal", "broadcast", "--config", config)
    assert (done.exit_code, done.output) == (0, "loudspeaker: recorded was played\n")
    assert nothing.exit_code == 1
    assert "add [[signals.broadcasts]]" in nothing.output


def test_what_does_not_work_is_said(tmp_path: Path) -> None:
    needs("aplay")
    broken = point(tmp_path, '[signals]\nsound = "plughw:31"\nleds.recorded = 17')
    done = run("signal", "recorded", "--config", broken)
    assert done.exit_code == 1
    assert "failed: loudspeaker: no sound card" in done.output
    assert "failed: lights: " in done.output
    silent = run("signal", "recorded", "--config", point(tmp_path, ""))
    assert silent.exit_code == 1
    assert "add [signals]" in silent.output


def test_a_lamp_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board: Any = MockFactory()
    monkeypatch.setattr("gpiozero.Device.pin_factory", board)
    lamp = point(tmp_path, '[signals]\nsound = "none"\nleds.recorded = 17')
    done = run("signal", "recorded", "--config", lamp)
    assert (done.exit_code, done.output) == (0, "lights: recorded was shown\n")
    assert [state.state for state in board.pin(17).states].count(True) == 1


def test_a_missing_recording_is_an_error_of_the_file(tmp_path: Path) -> None:
    gone = point(tmp_path, '[[signals.broadcasts]]\nat = "07:30"\nfile = "gone.wav"')
    checked = run("config", "check", gone)
    assert checked.exit_code == 2
    assert f"{gone}: signals.broadcasts[0].file: {tmp_path / 'gone.wav'}: No such file" in (
        checked.output
    )
