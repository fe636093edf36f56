"""Every published frame through the very function the command prints from."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.decode import DEVICES, Options, decoded

SAMPLE = Path(__file__).parents[2] / "data" / "device_frames.json"
FRAMES: list[dict[str, Any]] = json.loads(SAMPLE.read_text(encoding="utf-8"))
COUNTED = [frame for frame in FRAMES if not frame.get("optional") and not frame.get("ambiguous")]
SERIAL = [frame for frame in COUNTED if frame.get("transport") != "mqtt"]
SINGLE = [frame for frame in SERIAL if {"kind", "registers"} & set(frame["expect"])]


def name(frame: dict[str, Any]) -> str:
    return f"{frame['id']}-{frame['device']}"


def lines(device: str, *chunks: bytes, topic: str = "") -> list[dict[str, Any]]:
    return list(decoded(device, Options(), topic, chunks))


def says(line: dict[str, Any], expected: dict[str, Any]) -> bool:
    return all(key in line and line[key] == value for key, value in expected.items())


def test_all_but_the_optional_and_the_disputed_are_counted() -> None:
    assert (len(FRAMES), len(COUNTED)) == (70, 66)


@pytest.mark.parametrize("frame", COUNTED, ids=name)
def test_a_published_frame(frame: dict[str, Any]) -> None:
    expected = frame["expect"]
    found = lines(frame["device"], bytes.fromhex(frame["hex"]), topic=frame.get("topic", ""))
    readings = [line for line in found if "error" not in line or line.get("kind") == "error"]
    if "error" in expected:
        assert not readings
        assert expected["error"] in {line["error"] for line in found}
        return
    wanted = expected.get("frames", [] if expected.get("incomplete") else [expected])
    assert len(readings) == len(wanted)
    assert all(says(line, want) for line, want in zip(readings, wanted, strict=True))


@pytest.mark.parametrize("frame", SERIAL, ids=name)
def test_a_published_frame_byte_by_byte(frame: dict[str, Any]) -> None:
    data = bytes.fromhex(frame["hex"])
    whole = lines(frame["device"], data)
    single = lines(frame["device"], *(bytes([byte]) for byte in data))

    def good(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [line for line in found if "error" not in line]

    assert good(single) == good(whole)


@pytest.mark.parametrize("frame", SINGLE, ids=name)
def test_the_beginning_of_a_frame_says_nothing_yet(frame: dict[str, Any]) -> None:
    data = bytes.fromhex(frame["hex"])
    for length in range(len(data) - 2):
        found = lines(frame["device"], data[:length])
        cut_off_check = frame["device"] == "toledo-continuous" and length == 17
        assert not [line for line in found if line.get("kind") != "ack"] or cut_off_check


def run(stdin: str, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    done = CliRunner().invoke(app, ["decode", *arguments], input=stdin)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_the_command_reads_lines_of_one_stream() -> None:
    code, found, _ = run("0231343030\n384543373933434503\n0231\n", "rdm6300")
    assert code == 0
    assert [line["uid"] for line in found] == ["008EC793"]


def test_options_reach_the_decoder() -> None:
    frame = "022b30303132303033314203"
    assert run(frame, "xk3190-a9", "--option", "unit=kg")[1][0]["unit"] == "kg"
    assert run(frame, "xk3190-a9")[1][0]["unit"] is None
    disputed = "023130202020203230302020202030300d1e"
    assert run(disputed, "toledo-continuous")[1][0]["error"] == "fixed_zeros"
    included = ("--option", "fixed_zeros=included", "checksum=yes")
    assert run(disputed, "toledo-continuous", *included)[1][0]["value"] == "200"
    appended = ("--option", "fixed_zeros=appended")
    assert run(disputed, "toledo-continuous", *appended)[1][0]["value"] == "2000"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["rdm6301"], "expected one of rdm6300"),
        (["rdm6300", "--option", "unit=kg"], "knows no option"),
        (["xk3190-a9", "--option", "unit=stone"], "expected one of mg, g, kg"),
        (["ascii-line-uid", "--option", "length=long"], "from 1 to 512"),
    ],
)
def test_what_cannot_be_used_is_said(arguments: list[str], word: str) -> None:
    code, found, error = run("", *arguments)
    assert (code, found) == (2, [])
    assert word in error


def test_what_is_not_hex_is_said_with_its_line() -> None:
    code, _, error = run("02\nzz\n", "rdm6300")
    assert code == 2
    assert "line 2" in error


def test_the_help_names_every_device() -> None:
    words = CliRunner().invoke(app, ["decode", "--help"]).stdout
    assert all(name in words for name in DEVICES)


def test_a_topic_tells_availability_from_readings() -> None:
    assert lines("tasmota-hx711", b"Offline", topic="tele/bin07/LWT") == [
        {"kind": "availability", "online": False}
    ]
    assert lines("esphome-sensor", b"[W] hx711", topic="point03/debug") == []


def test_the_last_text_of_a_stream_without_ends_may_be_cut() -> None:
    assert [line["value"] for line in lines("yaohua-tf-forward", b"=0003.000=0004.000")] == [
        "3.000"
    ]
    assert [line["value"] for line in lines("yaohua-tf-forward", b"=0003.000")] == ["3.000"]
    assert lines("yaohua-tf-forward", b"=0003.0") == []


def test_an_unchecked_toledo_stream_gives_its_last_frame_too() -> None:
    frame = bytes.fromhex("022c30202020313235303030303030300d")
    assert [line["value"] for line in lines("toledo-continuous", frame + frame)] == ["12.50"] * 2
