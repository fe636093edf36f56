"""What must never become a reading: damage, overload, blanks, tares, a neighbour's answer."""

import os
import pty
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import serial
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.decode import Options, decoded
from edge.ports.line import open_line
from edge.readings import WeightFault, WeightRead
from edge.scales.weighed import Weighed, in_grams
from tests.edge.devices.drawn_frames import SHAPES, Shape, of_toledo
from tests.edge.devices.test_published_frames import says

CHECKED = [
    shape
    for shape in SHAPES
    if shape.device
    in ("rdm6300", "id12la", "em18", "7941-uart10", "pn532", "xk3190-a9", "xk3190-command",
        "xk3190-a12e", "toledo-continuous")
]  # fmt: skip


def lines(device: str, *chunks: bytes, **options: Any) -> list[dict[str, Any]]:
    return list(decoded(device, Options(**options), "", chunks))


@pytest.mark.parametrize("shape", CHECKED, ids=lambda shape: shape.device)
@settings(max_examples=60)
@given(data=st.data())
def test_one_wrong_bit_never_makes_another_reading(shape: Shape, data: st.DataObject) -> None:
    frame, said = data.draw(shape.frames)
    bit = data.draw(st.integers(0, len(frame) * 8 - 1))
    place, mask = bit // 8, 1 << bit % 8
    spoilt = frame[:place] + bytes([frame[place] ^ mask]) + frame[place + 1 :]
    options = {"checksum": "yes"} if shape.device == "toledo-continuous" else {}
    # A bit in a preamble, a letter's case, a parity bit: the same reading, or none. An ACK may
    # stand in the data of a card; it says nothing.
    kinds = ("card", "target", "weight")
    found = [x for x in lines(shape.device, spoilt, **options) if x.get("kind") in kinds]
    assert all(says(line, said) for line in found)


@pytest.mark.parametrize("checksum", ["yes", "either"])
def test_parity_in_bit_seven_is_masked(checksum: str) -> None:
    frame, said = of_toledo(12_345, 4, 16, True)
    even = bytes(byte | (byte.bit_count() % 2) << 7 for byte in frame)
    odd = bytes(byte | (1 - byte.bit_count() % 2) << 7 for byte in frame)
    for data in (even, odd):
        assert says(lines("toledo-continuous", data, checksum=checksum)[0], said)


def test_a_toledo_check_that_looks_like_a_beginning_is_told_apart() -> None:
    checks = ((of_toledo(value, 4, 16, True), value) for value in range(10_000))
    (frame, said), _ = next((drawn, n) for drawn, n in checks if drawn[0][-1] == 0x02)
    found = lines("toledo-continuous", frame * 3)
    assert [line["value"] for line in found] == [said["value"]] * 3
    assert all(line["checksum_ok"] for line in found)
    bare = lines("toledo-continuous", frame[:-1] * 3)
    assert [line["value"] for line in bare] == [said["value"]] * 3


@pytest.mark.parametrize(
    ("device", "data", "error"),
    [
        ("toledo-continuous", b"\x02\x2c\x34\x20      000000\r", "overload"),
        ("toledo-continuous", b"\x02\x2c\x30\x20      000000\r", "blank"),
        ("xk3190-a12e", b"         OL23\r\n", "overload"),
        ("xk3190-a12e", b"         LO23\r\n", "underload"),
        ("xk3190-a12-text", b"ww-------kg\r\n", "blank"),
        ("mt-sics", b"S +\r\n", "overload"),
        ("mt-sics", b"S I\r\n", "busy"),
        ("mt-sics", b"ET\r\n", "transmission"),
        ("and-standard", b"OL,GS,+9999999.9kg\r\n", "overload"),
        ("and-standard", b"ST,GS,+        kg\r\n", "blank"),
        ("dini-argeo", b"01UL,GS,       ,kg\r\n", "underload"),
        ("cas-22", b"OL,GS,1\xe4,         kg\r\n", "overload"),
        ("cas-22", b"ST,GS,1\xe4,         kg\r\n", "blank"),
        ("yaohua-tf-forward", b"=--------=", "blank"),
        ("esphome-sensor", b"nan", "not_a_number"),
        ("tasmota-hx711", b'{"HX711":{"Weight":null}}', "not_a_number"),
        ("7941-uart10", bytes.fromhex("020a022e00b6d7b5f303"), "checksum"),
        ("pn532", bytes.fromhex("0000ff0cf4d54b01010004080400000000ce00"), "null_uid"),
        ("esphome-tag", b"0", "null_uid"),
        ("ascii-line-uid", b"04A1B2\r\n", "length"),
        ("modbus-rtu-response", bytes.fromhex("018302c0f1"), "exception"),
        ("modbus-rtu-response", bytes.fromhex("0103030190ff380e"), "length"),
        ("tasmota-wiegand", b'{"Wiegand":{"UID":true,"Size":26}}', "no_number"),
    ],
)
def test_what_is_no_reading_is_an_error(device: str, data: bytes, error: str) -> None:
    found = lines(device, data)
    assert found[0]["error"] == error
    assert all("error" in line for line in found)


@pytest.mark.parametrize(
    ("value", "unit", "grams"),
    [("12.345", "kg", 12_345), ("-0.5", "kg", -500), ("2", "lb", 907), ("0.0015", "t", 1_500)],
)
def test_whole_grams_of_any_unit(value: str, unit: str, grams: int) -> None:
    assert in_grams(Weighed(Decimal(value), unit, True)) == WeightRead(grams, stable=True)
    assert in_grams(Weighed(Decimal(value), None, True), unit) == WeightRead(grams, stable=True)


@pytest.mark.parametrize(
    "weighed",
    [
        Weighed(Decimal(1), "PC", True, {"kind": "count"}),
        Weighed(Decimal(1), "kg", True, {"mode": "tare"}),
        Weighed(Decimal(1), "stone"),
        Weighed(Decimal(1)),
        Weighed(Decimal(99_999), "t"),
    ],
)
def test_a_tare_a_count_and_an_unknown_unit_weigh_nothing(weighed: Weighed) -> None:
    assert isinstance(in_grams(weighed), WeightFault)


def test_a_line_is_opened_once_and_a_pseudo_tty_with_parity_again() -> None:
    master, slave = pty.openpty()
    path = Path(os.ttyname(slave))
    try:
        for _ in range(2):
            with open_line(path, 9600, 0.1, "even", 7) as port:
                assert port.bytesize == 8
                with pytest.raises(serial.SerialException):
                    open_line(path, 9600, 0.1)
    finally:
        os.close(master)
        os.close(slave)


def test_two_halves_of_em18_frames_are_no_card_though_their_xor_is_right() -> None:
    found = lines("em18", b"14008E", b"14008EC793CE")
    assert [line["uid"] for line in found if "uid" in line] == ["008EC793"], "the whole one only"
    assert lines("em18", b"14008E14008E", b"1")[0]["error"] == "framing"
    assert lines("em18", b"14008E14008E")[0]["uid"] == "008E1400", "a card in 65,536 is like that"


def test_what_a_torn_line_left_does_not_spoil_the_next() -> None:
    [line] = lines("and-standard", b"ST,GS,+00", b"ST,GS,+0012.50kg\r\n")
    assert (line["value"], line["unit"], line["stable"]) == ("12.50", "kg", True)
    [line] = lines("dini-argeo", b"01ST,GS,   0.", b"01US,GS,   1.250,kg\r\n")
    assert (line["value"], line["stable"], line["address"]) == ("1.250", False, "01")
