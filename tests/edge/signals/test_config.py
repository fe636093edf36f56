"""``[signals]``: what a technician can get wrong, and is told."""

import wave
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.signals.config import SignalsConfig, private_parts
from edge.signals.sounds import problems


def read(**table: Any) -> SignalsConfig:
    return SignalsConfig.model_validate(table)


def refusal(**table: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(**table)
    return str(caught.value)


def broadcast(text: str, at: Any = "07:30", **more: Any) -> dict[str, Any]:
    return {"at": at, "text": text} | more


@pytest.mark.parametrize(
    "text",
    ["11-1-102的住户请注意", "请3-1204来一下", "十一号楼一单元的居民", "请102室来取桶",
     "今天奖励0.30元", "每天三角钱", "3角", "七－3－1204" "11－1－102"],
)  # fmt: skip
def test_a_broadcast_names_no_door_and_no_sum(text: str) -> None:
    assert private_parts(text)
    assert "a broadcast names no door and no sum" in refusal(broadcasts=[broadcast(text)])


@pytest.mark.parametrize(
    "text",
    ["请把厨余垃圾破袋投放", "投放时间早上7-9点,晚上18-20点", "3号投放点,满桶请找督导员",
     "共有4个厨余桶", "小区一角请勿堆放", "每一户都来分类", "垃圾分类,人人有责"],
)  # fmt: skip
def test_a_neutral_text_is_let_through(text: str) -> None:
    assert not private_parts(text)
    read(broadcasts=[broadcast(text)])


@pytest.mark.parametrize("at", ["7:30", "24:00", "07:60", "07:30:15", 730, "07:30+08:00"])
def test_a_time_of_day_is_hours_and_minutes(at: Any) -> None:
    assert "HH:MM" in refusal(broadcasts=[broadcast("早上好", at)])


def test_contradictions_are_told() -> None:
    twice = [broadcast("一", days=["mon", "tue"]), broadcast("二", days=["tue"])]
    assert "two broadcasts on tue at 07:30" in refusal(broadcasts=twice)
    assert "set both or none" in refusal(quiet_from="22:00")
    night = {"quiet_from": "21:30", "quiet_to": "06:30"}
    assert "lies in the quiet hours" in refusal(broadcasts=[broadcast("晚安", "21:30")], **night)
    read(broadcasts=[broadcast("早", "06:30")], **night)
    assert "needs file, or text, or both" in refusal(broadcasts=[{"at": "07:30"}])
    pins = {"recorded": 17, "readers": {"reader-1": {"accepted": 17}}}
    assert "pins [17] are used twice" in refusal(leds=pins)
    assert "sound" in refusal(sound="-v")


def test_a_recording_is_looked_at_before_it_is_needed(tmp_path: Path) -> None:
    good, eight_bit = tmp_path / "good.wav", tmp_path / "8bit.wav"
    for path, width in ((good, 2), (eight_bit, 1)):
        with wave.open(str(path), "wb") as out:
            out.setparams((1, width, 8000, 0, "NONE", ""))
            out.writeframes(bytes(8000 * width))
    (tmp_path / "song.mp3").write_bytes(b"ID3\x03 not a wave")
    files = [good, eight_bit, tmp_path / "song.mp3", tmp_path / "gone.wav"]
    config = read(broadcasts=[{"at": f"0{n}:00", "file": path} for n, path in enumerate(files)])
    told = problems(config)
    assert len(told) == 3
    assert "broadcasts[1]" in told[0]
    assert "8 bit, 1 channels, 1 s; expected 16 bit" in told[0]
    assert "expected WAV, 16-bit PCM" in told[1]
    assert "No such file or directory" in told[2]
    assert problems(None) == []
