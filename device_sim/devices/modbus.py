"""Modbus RTU slaves on one bus: weight transmitters, each with the registers of its data sheet.

Source: Modbus application protocol 1.1b3 and serial line guide 1.02. Without another layout:
holding registers 0-1 are grams as int32, high word first; register 2 is the status, bit 0 stable,
bit 1 overload.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

READ_HOLDING, READ_INPUT = 3, 4
MAX_COUNT = 125
STABLE, OVERLOAD = 1, 2
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


@dataclass(frozen=True)
class Reading:
    """What a transmitter shows at one moment."""

    grams: int
    stable: bool
    overload: bool = False

    def registers(self) -> tuple[int, int, int]:
        high, low = struct.unpack(">HH", struct.pack(">i", self.grams))
        return high, low, STABLE * self.stable | OVERLOAD * self.overload


def crc(data: bytes) -> bytes:
    """CRC-16 with polynomial A001, low byte first as on the line."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def byte_time_s(baudrate: int) -> float:
    """Ten bits: start, eight data, stop."""
    return 10 / baudrate


@dataclass(frozen=True)
class Layout:
    """Which registers a transmitter has; ``words`` gives their contents by 0-based address."""

    words: Callable[[Reading], Mapping[int, int]]
    function: int = READ_HOLDING


PLAIN = Layout(lambda reading: dict(enumerate(reading.registers())))


def answer(
    frame: bytes, slaves: Mapping[int, Callable[[], Reading]], layout: Layout = PLAIN
) -> bytes | None:
    """The reply to one request frame; None where a real bus stays silent."""
    if len(frame) < 4 or crc(frame[:-2]) != frame[-2:] or frame[0] not in slaves:
        return None
    slave, function = frame[0], frame[1]
    if function != layout.function:
        return exception(slave, function, ILLEGAL_FUNCTION)
    if len(frame) != 8:
        return exception(slave, function, ILLEGAL_VALUE)
    first, count = struct.unpack(">HH", frame[2:6])
    if not 1 <= count <= MAX_COUNT:
        return exception(slave, function, ILLEGAL_VALUE)
    registers = layout.words(slaves[slave]())
    wanted = range(first, first + count)
    if any(address not in registers for address in wanted):
        return exception(slave, function, ILLEGAL_ADDRESS)
    words = struct.pack(f">{count}H", *(registers[address] for address in wanted))
    return _framed(bytes([slave, function, len(words)]) + words)


def exception(slave: int, function: int, code: int) -> bytes:
    return _framed(bytes([slave, function | 0x80, code]))


def _framed(body: bytes) -> bytes:
    return body + crc(body)
