"""The simulators against frames published elsewhere; no decoder of the project is asked."""

from pathlib import Path

import pytest
import serial

from device_sim.devices import indicators
from device_sim.devices.load import BinLoad
from device_sim.devices.mischief import Mischief
from device_sim.devices.modbus import Reading
from device_sim.devices.pn532 import ACK, NACK, SYNTAX_ERROR, Chip, Tag
from device_sim.devices.serial_lines import Indicator, SicsScale

# What a published Arduino program writes to wake the chip and configure it.
WAKE = bytes.fromhex("55550000000000000000000000000000ff03fdd414011700")
LIST = bytes.fromhex("0000ff04fcd44a0100e100")


def load(grams: int) -> BinLoad:
    return BinLoad(empty_g=grams, division_g=20, noise_g=0, seed=1)


def test_an_xk3190_frame_of_the_manual() -> None:
    assert indicators.xk3190(Reading(1200, stable=True)) == b"\x02+00120031B\x03"
    assert indicators.xk3190(Reading(-40, stable=True))[:2] == b"\x02-"


def test_a_toledo_frame_sums_to_zero_in_seven_bits() -> None:
    frame = indicators.toledo(Reading(12_340, stable=False))
    assert frame[:10] == b"\x02\x34\x38\x20  1234"
    assert len(frame) == 18
    assert sum(frame) % 128 == 0


def test_the_chip_answers_a_published_driver() -> None:
    chip = Chip()
    assert chip.hear(LIST) == b"", "asleep"
    assert chip.hear(WAKE) == ACK + bytes.fromhex("0000ff02fed5151600")
    assert chip.hear(LIST) == ACK
    assert chip.look() == b"", "silent until a card comes"
    chip.tag = Tag(bytes.fromhex("507e7a59"))
    answer = bytes.fromhex("0000ff0cf4d54b010100040804507e7a592d00")
    assert chip.look() == answer
    assert chip.look() == b"", "once"
    assert chip.hear(NACK) == answer, "a NACK asks for it again"


def test_the_chip_gives_up_listening_at_an_ack_and_says_what_it_does_not_know() -> None:
    chip = Chip()
    chip.hear(WAKE)
    chip.hear(LIST)
    chip.hear(ACK)
    chip.tag = Tag(bytes.fromhex("048222aadc3980"))
    assert chip.look() == b""
    assert chip.hear(LIST[:-2] + b"\x00\x00") == SYNTAX_ERROR
    assert chip.hear(LIST) == ACK + bytes.fromhex("0000ff0ff1d54b010100440007048222aadc3980ac00")


def test_a_balance_answers_its_commands(tmp_path: Path) -> None:
    scale = SicsScale(tmp_path / "scale", load(45_000))
    try:
        with serial.Serial(str(tmp_path / "scale"), timeout=2, exclusive=True) as port:
            port.write(b"SI\r\n")
            assert port.readline() == b"S S      45.00 kg\r\n"
            port.write(b"XX\r\n")
            assert port.readline() == b"ES\r\n"
            port.write(b"SIR\r\n")
            assert {port.readline() for _ in range(4)} == {b"S S      45.00 kg\r\n"}
    finally:
        scale.close()


def test_a_stuck_scale_repeats_itself_and_a_silent_one_says_nothing() -> None:
    mischief = Mischief()
    assert mischief.spoil(b"one") == b"one"
    mischief.stuck = True
    assert mischief.spoil(b"two") == b"one"
    mischief.silent = True
    assert mischief.spoil(b"two") == b""


@pytest.mark.parametrize("what", ["noise", "torn", "flipped"])
def test_mischief_is_done_and_counted(what: str) -> None:
    mischief = Mischief(**{what: 1.0})  # type: ignore[arg-type]
    assert all(mischief.spoil(b"frame") != b"frame" for _ in range(50))
    assert mischief.done[what] == 50


def test_a_restarted_scale_is_silent_and_has_another_zero(tmp_path: Path) -> None:
    scale = Indicator(tmp_path / "scale", indicators.xk3190, load(5_000), hz=50)
    try:
        with serial.Serial(str(tmp_path / "scale"), timeout=2, exclusive=True) as port:
            assert port.read_until(b"\x03")[-11:] == b"+00500031D\x03"
            scale.restart(5_000)
            port.reset_input_buffer()
            frames = {port.read_until(b"\x03") for _ in range(8)}
            assert b"\x02+000000" in {frame[:8] for frame in frames}
    finally:
        scale.close()
