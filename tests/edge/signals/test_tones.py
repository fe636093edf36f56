"""Tones: about 2 kHz, told apart by number and length, never clipped, as loud as configured."""

import array
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.signals.tones import (
    FULL_SCALE,
    PATTERNS,
    RATE_HZ,
    TONE_NAMES,
    ToneName,
    duration_ms,
    levelled,
    samples,
)
from tests.edge.signals.ear import pitch

NAMES = st.sampled_from(TONE_NAMES)


def heard(name: ToneName, volume: int = 100) -> "array.array[int]":
    return array.array("h", samples(name, volume))


def pulses(name: ToneName) -> list["array.array[int]"]:
    found, at = [], 0
    for pulse in PATTERNS[name]:
        count = pulse.ms * RATE_HZ // 1000
        found.append(heard(name)[at : at + count])
        at += count + pulse.pause_ms * RATE_HZ // 1000
    return found


@pytest.mark.parametrize("name", TONE_NAMES)
def test_every_pulse_lies_where_old_ears_hear_well(name: ToneName) -> None:
    assert len(heard(name)) == duration_ms(name) * RATE_HZ // 1000
    for pulse in pulses(name):
        assert 1500 <= pitch(pulse) <= 2500


def test_any_two_differ_in_more_than_pitch() -> None:
    shapes = {
        name: (len(PATTERNS[name]), duration_ms(name), max(heard(name))) for name in TONE_NAMES
    }
    for one, other in combinations(TONE_NAMES, 2):
        (count, ms, peak), (count_2, ms_2, peak_2) = shapes[one], shapes[other]
        assert (
            count != count_2 or abs(ms - ms_2) >= 150 or max(peak, peak_2) > 2.5 * min(peak, peak_2)
        ), f"{one} and {other} sound alike"


def test_a_rejection_is_the_softest() -> None:
    loudest = {name: max(heard(name)) for name in TONE_NAMES}
    assert all(loudest["soft"] * 2.5 < peak for name, peak in loudest.items() if name != "soft")


@settings(max_examples=4)  # each makes a second of samples
@given(NAMES, st.integers(0, 100), st.integers(0, 100))
def test_louder_is_never_softer_and_nothing_clips_or_clicks(
    name: ToneName, volume: int, other: int
) -> None:
    low, high = heard(name, min(volume, other)), heard(name, max(volume, other))
    assert max(low) <= max(high) < FULL_SCALE
    assert max(heard(name, 0)) == 0
    assert abs(high[0]) < 200
    assert abs(high[-1]) < 200


@given(st.lists(st.integers(-32768, 32767), max_size=50), st.integers(0, 100))
def test_a_level_never_makes_louder_nor_turns_the_wave(values: list[int], volume: int) -> None:
    out = array.array("h", levelled(array.array("h", values).tobytes(), volume))
    for before, after in zip(values, out, strict=True):
        assert abs(after) <= abs(before)
        assert before * after >= 0
    if volume == 100:
        assert out.tolist() == values
