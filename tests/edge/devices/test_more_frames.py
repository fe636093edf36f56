"""Frames of the same kinds as the published sample: other values, edges, damage, streams."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.decode import decoded, read_options
from tests.edge.devices.test_published_frames import name, says

MORE = Path(__file__).parents[2] / "data" / "device_frames_more.json"
FRAMES: list[dict[str, Any]] = json.loads(MORE.read_text(encoding="utf-8"))
SERIAL = [frame for frame in FRAMES if frame.get("transport") != "mqtt"]


def lines(frame: dict[str, Any], *chunks: bytes) -> list[dict[str, Any]]:
    options = [f"{key}={value}" for key, value in frame.get("options", {}).items()]
    told = read_options(frame["device"], options)
    return list(decoded(frame["device"], told, frame.get("topic", ""), chunks))


def good(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Readings, and what a device itself calls an error."""
    return [x for x in found if "error" not in x or "exception" in x or x.get("kind") == "error"]


def judge(expected: dict[str, Any], found: list[dict[str, Any]]) -> None:
    readings = good(found)
    if "error" in expected and "exception" not in expected:
        assert not readings
        assert found
        assert expected["error"] in {None, *(line["error"] for line in found)}
        return
    wanted = expected.get("frames", [] if expected.get("incomplete") else [expected])
    assert len(readings) == len(wanted)
    assert all(says(line, want) for line, want in zip(readings, wanted, strict=True))
    assert "frames" in expected or found == readings, "a whole frame alone gives no error"


@pytest.mark.parametrize("frame", FRAMES, ids=name)
def test_a_frame_says_what_its_sheet_says(frame: dict[str, Any]) -> None:
    judge(frame["expect"], lines(frame, bytes.fromhex(frame["hex"])))


@pytest.mark.parametrize("frame", SERIAL, ids=name)
def test_it_says_the_same_byte_by_byte(frame: dict[str, Any]) -> None:
    data = bytes.fromhex(frame["hex"])
    single = lines(frame, *(bytes([byte]) for byte in data))
    assert good(single) == good(lines(frame, data))
