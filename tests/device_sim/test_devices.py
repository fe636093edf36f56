"""The devices against their data sheets, and against libraries that never saw this code."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusSerialClient

from device_sim.devices import modbus, rdm6300
from device_sim.devices.load import SETTLED_S, BinLoad
from device_sim.devices.modbus import Reading
from device_sim.devices.mqtt_scales import dialect, payload
from device_sim.devices.pty_port import PtyPort
from device_sim.devices.serial_devices import CardReader, ScaleBus


def load(grams: int, *, noise_g: float = 0.0) -> BinLoad:
    return BinLoad(empty_g=grams, division_g=20, noise_g=noise_g, seed=1)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[ModbusSerialClient]:
    loads = {no: load(no * 1000) for no in range(1, 15)}
    scales = ScaleBus(tmp_path / "scales", loads, baudrate=115200)
    client = ModbusSerialClient(str(tmp_path / "scales"), baudrate=115200, timeout=1, retries=0)
    assert client.connect()
    yield client
    client.close()  # type: ignore[no-untyped-call]
    scales.close()


def test_the_published_rdm6300_frame() -> None:
    # 14 00 8E C7 93, checksum 14^00^8E^C7^93 = CE
    assert rdm6300.frame("008EC793") == b"\x0214008EC793CE\x03"


@pytest.mark.parametrize("uid", ["008EC7", "008EC79301"])
def test_a_card_of_another_length_is_refused(uid: str) -> None:
    with pytest.raises(ValueError, match="expected 4"):
        rdm6300.frame(uid)


def test_a_held_card_repeats_its_frame_on_the_line(tmp_path: Path) -> None:
    reader = CardReader(tmp_path / "reader")
    with serial.Serial(str(tmp_path / "reader"), 9600, timeout=1, exclusive=True) as port:
        reader.hold("008EC793", 0.3)
        frames = port.read(14 * 4)
    reader.close()
    assert frames == rdm6300.frame("008EC793") * 4


def test_a_pulled_device_leaves_no_name_and_a_full_line_loses_bytes(tmp_path: Path) -> None:
    with PtyPort(tmp_path / "line") as port:
        for _ in range(200):
            port.write(b"x" * 100)
    assert not (tmp_path / "line").is_symlink()


def test_the_crc_of_the_serial_line_guide() -> None:
    assert modbus.crc(bytes([0x02, 0x07])) == bytes([0x41, 0x12])


def test_a_foreign_master_reads_every_scale(bus: ModbusSerialClient) -> None:
    for slave in range(1, 15):
        got = bus.read_holding_registers(0, count=3, device_id=slave)
        assert not got.isError()
        high, low, status = got.registers
        assert (high << 16 | low, status) == (slave * 1000, modbus.STABLE)


@pytest.mark.parametrize(("address", "count", "code"), [(0, 4, 2), (3, 1, 2), (9, 1, 2)])
def test_registers_that_are_not_there(
    bus: ModbusSerialClient, address: int, count: int, code: int
) -> None:
    assert bus.read_holding_registers(address, count=count, device_id=1).exception_code == code


def test_other_functions_are_refused(bus: ModbusSerialClient) -> None:
    assert bus.read_input_registers(0, count=1, device_id=1).exception_code == 1


def test_an_unknown_address_is_silence_and_the_bus_goes_on(bus: ModbusSerialClient) -> None:
    request = bytes([99, 3, 0, 0, 0, 3])
    assert modbus.answer(request + modbus.crc(request), {1: lambda: Reading(0, True)}) is None
    assert bus.read_holding_registers(0, count=3, device_id=14).registers[1] == 14000


@given(st.binary(max_size=12))
def test_noise_is_never_answered(noise: bytes) -> None:
    answered = modbus.answer(noise, {1: lambda: Reading(0, True)})
    assert answered is None or modbus.crc(noise[:-2]) == noise[-2:]


@given(st.integers(-(2**31), 2**31 - 1))
def test_negative_weights_travel_as_two_words(grams: int) -> None:
    high, low, _ = Reading(grams, stable=False).registers()
    assert (high << 16 | low) in {grams, grams + 2**32}


def test_a_deposit_rings_and_settles() -> None:
    scale = load(1000)
    scale.drop(10.0, 500)
    assert scale.read(9.99) == Reading(1000, stable=True)
    assert not scale.read(10.1).stable
    assert scale.read(10.0 + SETTLED_S + 0.1) == Reading(1500, stable=True)
    assert max(scale.read(10 + step / 100).grams for step in range(100)) > 1550


@given(st.integers(0, 20_000), st.floats(0, 100))
def test_a_scale_shows_whole_divisions_near_the_truth(grams: int, now_s: float) -> None:
    shown = load(grams, noise_g=4).read(now_s).grams
    assert shown % 20 == 0
    assert abs(shown - grams) < 40


def test_overload_is_told() -> None:
    assert load(151_000).read(0).overload


MOMENT = datetime(2026, 5, 3, 0, 10, 5, tzinfo=UTC)


def test_a_tasmota_reading_is_clipped_at_zero_and_local() -> None:
    assert payload("tasmota", 12345, MOMENT) == (
        b'{"Time":"2026-05-03T08:10:05","HX711":'
        b'{"Weight":12.345,"WeightRaw":14845,"AbsRaw":1781400}}'
    )
    assert b'"Weight":0.0,' in payload("tasmota", -40, MOMENT)


def test_an_esphome_reading_is_a_bare_retained_number() -> None:
    assert payload("esphome", 12345, MOMENT) == b"12.345"
    words = dialect("esphome", "p12-bin01")
    assert words.state == "p12-bin01/sensor/weight/state"
    assert words.retain_state
    assert not dialect("tasmota", "p11-bin01").retain_state


def test_the_bus_keeps_to_the_speed_of_its_line(tmp_path: Path) -> None:
    scales = ScaleBus(tmp_path / "slow", {1: load(0)}, baudrate=1200)
    client = ModbusSerialClient(str(tmp_path / "slow"), baudrate=1200, timeout=1, retries=0)
    assert client.connect()
    began_s = time.monotonic()
    client.read_holding_registers(0, count=3, device_id=1)
    took_s = time.monotonic() - began_s
    client.close()  # type: ignore[no-untyped-call]
    scales.close()
    assert took_s >= (8 + 11) * modbus.byte_time_s(1200)
