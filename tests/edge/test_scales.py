import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.readings import Remark, WeightFault, WeightRead
from edge.scales.modbus import ModbusProfile, weight_of
from edge.scales.mqtt_text import availability, read_payload

PROFILE = ModbusProfile(count=3, status_register=2, stable_mask=1, overload_mask=2)


@given(st.integers(-9_999_999, 9_999_999), st.sampled_from(["high", "low"]))
def test_int32_in_both_word_orders(grams: int, order: str) -> None:
    words = list(struct.unpack(">2H", struct.pack(">i", grams)))
    profile = PROFILE.model_copy(update={"word_order": order})
    if order == "low":
        words.reverse()
    assert weight_of([*words, 1], profile) == WeightRead(grams, stable=True)


@pytest.mark.parametrize(
    ("registers", "reason"),
    [
        ([0, 1200, 2], "overload"),
        ([0, 1200, 3], "overload"),
        ([0x7FFF, 0xFFFF, 0], "out_of_range"),
        ([0, 1], "short"),
    ],
)
def test_overload_and_nonsense_are_never_numbers(registers: list[int], reason: str) -> None:
    reading = weight_of(registers, PROFILE)
    assert isinstance(reading, WeightFault)
    assert reading.reason == reason


def test_float_kilograms_with_a_value_behind_the_status() -> None:
    profile = ModbusProfile(
        count=4, value="float32", value_register=1, grams_per_count=Decimal(1000), function=4
    )
    words = struct.unpack(">2H", struct.pack(">f", 12.5))
    assert weight_of([7, *words, 7], profile) == WeightRead(12_500, stable=None)
    nan = struct.unpack(">2H", struct.pack(">f", float("nan")))
    assert isinstance(weight_of([7, *nan, 7], profile), WeightFault)


def test_a_profile_that_cannot_hold_its_value_is_refused() -> None:
    with pytest.raises(ValidationError, match="need 2 registers"):
        ModbusProfile(count=1, value="int32")


@pytest.mark.parametrize(
    ("text_format", "payload", "grams"),
    [
        ("esphome", b"12.345", 12_345),
        ("esphome", b"-0.020", -20),
        ("tasmota", b'{"Time":"2026-05-03T08:00:00","HX711":{"Weight":12.345}}', 12_345),
        ("tasmota", b'{"HX711":{"Weight":0,"Count":3}}', 0),
    ],
)
def test_kilograms_of_the_firmwares(text_format: str, payload: bytes, grams: int) -> None:
    assert read_payload(text_format, payload) == WeightRead(grams)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text_format", "payload"),
    [
        ("esphome", b"nan"),
        ("esphome", b""),
        ("esphome", b"inf"),
        ("esphome", b"99999999999"),
        ("esphome", b"\xff"),
        ("tasmota", b"{"),
        ("tasmota", b'{"HX711":{"Weight":NaN}}'),
        ("tasmota", b'{"HX711":{"Weight":"heavy"}}'),
    ],
)
def test_what_is_no_weight_is_a_fault(text_format: str, payload: bytes) -> None:
    assert isinstance(read_payload(text_format, payload), WeightFault)  # type: ignore[arg-type]


def test_other_messages_of_a_tasmota_are_not_ours() -> None:
    assert read_payload("tasmota", b'{"RDM6300":{"UID":"008EC793"}}') is None
    assert read_payload("tasmota", b"[1]") is None


def test_availability_words_of_both_firmwares() -> None:
    assert availability(b"Online") == Remark({"kind": "availability", "online": True})
    assert availability(b"online") == Remark({"kind": "availability", "online": True})
    assert availability(b"Offline") == Remark({"kind": "availability", "online": False})
