"""The loudspeaker with the real aplay: what is heard, when, and what is not when things break."""

import os
import queue
import signal
import statistics
import time
from collections.abc import Iterator
from datetime import time as day_time
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from edge.events import Event
from edge.ports import worker
from edge.signals import loudspeaker, sounds
from edge.signals.config import BroadcastConfig, SignalsConfig
from edge.signals.program import run
from edge.signals.signals import HUSH_MS, Signals
from tests.edge.signals.ear import RATE_HZ, Ear
from tests.edge.signals.rig import (
    MORNING_MS,
    has_heard,
    has_reached,
    of_the_broadcast,
    of_the_tone,
    players,
    recording,
    speaking,
    whole_parts,
)
from tests.programs import needs, until


@pytest.fixture
def ear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    needs("aplay")
    with Ear(tmp_path) as ear:
        monkeypatch.setenv("ALSA_CONFIG_PATH", str(ear.config))
        yield ear


@pytest.fixture
def slow_ear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    needs("aplay")
    with Ear(tmp_path, real_time=True) as ear:
        monkeypatch.setenv("ALSA_CONFIG_PATH", str(ear.config))
        yield ear


def test_a_tone_is_heard_and_counted(ear: Ear) -> None:
    with speaking(SignalsConfig()) as (signals, health):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        signals.say("recorded", "reader-1")
        until(lambda: health.read().ports["loudspeaker"].frames == 1, "a tone was played")
        until(lambda: len(of_the_tone(ear)) >= 7, "160 ms of 2 kHz")
    assert 1900 <= statistics.median(w.hertz for w in of_the_tone(ear)) <= 2100
    assert health.ports["loudspeaker"].up


def test_volume_and_quiet_hours_are_heard(ear: Ear) -> None:
    config = SignalsConfig.model_validate(
        {"volume": 100, "quiet_volume": 30, "quiet_from": "22:00", "quiet_to": "07:00"}
    )
    with speaking(config) as (signals, health):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        for number, now_ms in enumerate((MORNING_MS + 1000, MORNING_MS - 1000), start=1):
            signals.turn(now_ms, trusted=True)
            signals.say("recorded", "reader-1")
            until(partial(health.has_played, number), "played")
            until(partial(has_heard, ear, 7 * number), "heard")
        assert not signals.broadcast_now()
    loud, soft = of_the_tone(ear)[3].peak, of_the_tone(ear)[-4].peak
    assert loud > 25_000
    assert soft < loud / 5


def test_a_tone_cuts_into_a_broadcast_which_then_goes_on(
    slow_ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loudspeaker, "REWIND_S", 0.25)
    with speaking(recording(tmp_path, 1.4)) as (signals, _):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        signals.turn(MORNING_MS + 30 * 60_000 - 1000, trusted=True)
        signals.turn(MORNING_MS + 30 * 60_000, trusted=True)
        waits_s = []
        for pitch in (500, 650):
            until(partial(has_reached, slow_ear, pitch), f"the broadcast at {pitch} Hz")
            before, asked_s = len(of_the_tone(slow_ear)), time.monotonic()
            signals.say("recorded", "reader-1")
            until(partial(has_heard, slow_ear, before + 1), "the tone")
            waits_s.append(of_the_tone(slow_ear)[before].at_s - asked_s)
        until(partial(has_reached, slow_ear, 860), "the end of the broadcast")
    assert statistics.median(waits_s) < 0.3
    parts = whole_parts(slow_ear.windows)
    assert len(parts) == 3, parts
    for (_, cut_hz), (resumed_hz, _) in pairwise(parts):
        assert cut_hz - 180 < resumed_hz <= cut_hz + 25, "begun again, or a part never heard"


def test_a_hush_ends_it_and_the_schedule_waits_half_an_hour(slow_ear: Ear, tmp_path: Path) -> None:
    with speaking(recording(tmp_path, 4)) as (signals, health):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        assert signals.broadcast_now()
        until(lambda: of_the_broadcast(slow_ear), "the broadcast")
        signals.hush()
        until(lambda: health.read().ports["loudspeaker"].frames == 1, "it ended")
        heard = len(of_the_broadcast(slow_ear))
        assert heard < 100, "two of four seconds"
        signals.turn(MORNING_MS + 30 * 60_000 - 1000, trusted=True)
        signals.turn(MORNING_MS + 30 * 60_000, trusted=True)
        signals.say("recorded", "reader-1")
        until(lambda: of_the_tone(slow_ear), "the tone")
        assert health.read().ports["loudspeaker"].bytes < RATE_HZ * 2 * 3
        assert signals.broadcast_now(), "by hand it may be said again"
        until(lambda: len(of_the_broadcast(slow_ear)) > heard + 5, "the broadcast again")


def test_a_hush_does_not_last(ear: Ear, tmp_path: Path) -> None:
    now_ms = [0]
    events: queue.Queue[Event] = queue.Queue()
    signals = Signals(recording(tmp_path, 0.2), events, lambda: now_ms[0])
    signals.start()
    until(lambda: signals.state == "ok", "the loudspeaker works")
    signals.hush()
    now_ms[0] = HUSH_MS
    signals.turn(MORNING_MS + 30 * 60_000 - 1000, trusted=True)
    signals.turn(MORNING_MS + 30 * 60_000, trusted=True)
    until(lambda: of_the_broadcast(ear), "the evening's broadcast")
    signals.stop()
    signals.join(5)


def test_a_player_that_hangs_holds_up_nobody(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "PLAYING_S", 0.3)
    monkeypatch.setattr(worker, "FIRST_RETRY_S", 0.1)
    with speaking(SignalsConfig()) as (signals, health):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        ear.listening.clear()
        signals.say("recorded", "reader-1")
        until(players, "the player runs")
        os.kill(players()[0], signal.SIGSTOP)
        began_s = time.monotonic()
        for _ in range(1000):
            signals.say("recorded", "reader-1")
            signals.turn(MORNING_MS, trusted=True)
        assert time.monotonic() - began_s < 0.5
        until(lambda: signals.state == "failed", "the hanging player was noticed")
        assert not health.read().ports["loudspeaker"].up
        assert "did not end within" in health.ports["loudspeaker"].last_error
        ear.listening.set()
        until(lambda: health.read().ports["loudspeaker"].up, "the loudspeaker works again")
        assert signals.state == "ok"
    assert not players()


def test_a_late_tone_is_no_tone(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    now_ms = [0]
    signals = Signals(SignalsConfig(), queue.Queue(), lambda: now_ms[0])
    signals.say("see_supervisor", "reader-1")
    now_ms[0] = 2000
    signals.start()
    until(lambda: "2000 ms late" in caplog.text or of_the_tone(ear), "left out, or played")
    signals.say("recorded", "reader-1")
    until(lambda: of_the_tone(ear), "the tone in time")
    signals.stop()
    signals.join(5)
    assert len(of_the_tone(ear)) <= 9, "the late one was played too"


def test_no_sound_card_is_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("aplay")
    with speaking(SignalsConfig(sound="plughw:31")) as (signals, health):
        until(lambda: health.read().ports["loudspeaker"].errors, "it was told")
        assert signals.state == "none"
        assert "no sound card" in health.ports["loudspeaker"].last_error
        assert not signals.broadcast_now()
        signals.say("recorded", "reader-1")


def test_no_player_is_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with speaking(SignalsConfig()) as (signals, health):
        until(lambda: health.read().ports["loudspeaker"].errors, "it was told")
        assert signals.state == "none"
        assert "aplay is not installed" in health.ports["loudspeaker"].last_error


def test_without_a_section_nothing_runs() -> None:
    with speaking(None) as (signals, _health):
        assert (signals.names(), signals.state) == ([], "none")
        signals.say("accepted", "reader-1")
        signals.turn(MORNING_MS, trusted=True)
        signals.hush()
        assert not signals.broadcast_now()


def test_a_text_is_spoken_where_the_recording_is_gone(ear: Ear, tmp_path: Path) -> None:
    needs("espeak-ng")
    both = BroadcastConfig(at=day_time(7, 30), file=tmp_path / "gone.wav", text="请破袋投放")
    with speaking(SignalsConfig(broadcasts=(both,))) as (signals, health):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        assert signals.broadcast_now()
        until(lambda: health.read().ports["loudspeaker"].frames, "it was spoken")
    assert len(ear.loud()) > 40
    assert health.ports["loudspeaker"].up
    assert "gone.wav" in health.ports["loudspeaker"].last_error


def test_without_a_voice_there_are_still_tones(
    ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aplay").symlink_to(needs("aplay"))
    monkeypatch.setenv("PATH", str(tmp_path))
    spoken = BroadcastConfig(at=day_time(7, 30), text="请破袋投放")
    with speaking(SignalsConfig(broadcasts=(spoken,))) as (signals, health):
        until(lambda: signals.state == "ok", "the loudspeaker works")
        assert signals.broadcast_now()
        until(lambda: health.read().ports["loudspeaker"].errors, "it was told")
        signals.say("recorded", "reader-1")
        until(lambda: of_the_tone(ear), "the tone")
    assert "espeak-ng is not installed" in health.ports["loudspeaker"].last_error


def test_the_voice_reads_chinese_as_chinese(capfd: pytest.CaptureFixture[str]) -> None:
    needs("espeak-ng")
    import subprocess

    done = subprocess.run(
        ["espeak-ng", "-v", sounds.VOICE, "-x", "-q", "请破袋投放"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "(en)" not in done.stdout, "syllables read as English letters"
    assert run(["true"], 1, lambda _: False) is None
