"""Modbus RTU frames on the wire, for a technician; pymodbus does the work of the daemon.

Source: Modbus over serial line guide 1.02 and application protocol 1.1b3. CRC-16 polynomial A001,
low byte first. A frame's length follows from its function code and, in some, a byte count.
"""

import math
import struct
from typing import Literal

from pymodbus.framer import FramerRTU

from edge.frames import FrameDecoder, Taken
from edge.readings import BadFrame, Remark

LONGEST = 256
READS = (1, 2, 3, 4)
REGISTERS = (3, 4)
WRITES_ONE = (5, 6)
WRITE_REGISTERS = 16
WRITES_MANY = (15, WRITE_REGISTERS)
EXCEPTION = 0x80
Side = Literal["request", "response"]


def decoder(side: Side) -> FrameDecoder[Remark]:
    """Frames of one side of the line."""

    def take(buffer: bytes) -> Taken[Remark] | None:
        if len(buffer) < 2:
            return None
        length = _length(side, buffer)
        if length == 0:
            bad = BadFrame("function", f"function 0x{buffer[1]:02X}, expected 1-6, 15 or 16")
            return Taken(1, (bad,))
        if len(buffer) < length:
            return None
        return _checked(side, buffer[:length])

    return FrameDecoder(take, LONGEST)


def _length(side: Side, buffer: bytes) -> int:
    """0 for no known function, more than there is while it cannot be told."""
    function, unknown = buffer[1], LONGEST + 1
    if side == "response" and function & EXCEPTION:
        return 5 if function & 0x7F in (*READS, *WRITES_ONE, *WRITES_MANY) else 0
    if function in WRITES_ONE or function in (READS if side == "request" else WRITES_MANY):
        return 8
    if function in READS:
        return 5 + buffer[2] if len(buffer) > 2 else unknown
    if function in WRITES_MANY:
        return 9 + buffer[6] if len(buffer) > 6 else unknown
    return 0


def _checked(side: Side, frame: bytes) -> Taken[Remark]:
    found, expected = int.from_bytes(frame[-2:]), FramerRTU.compute_CRC(frame[:-2])
    if found != expected:
        bad = BadFrame("crc", f"{found:04X}, expected {expected:04X}")
        return Taken(1, (bad,))  # a good frame may begin inside a torn one
    said: dict[str, object] = {"address": frame[0], "function": frame[1] & 0x7F}
    body = frame[2:-2]
    if frame[1] & EXCEPTION:
        said |= {"exception": body[0], "error": "exception"}
    elif side == "response" and frame[1] in REGISTERS and len(body) % 2 == 0:
        bad = BadFrame("length", f"{body[0]} bytes of registers, expected two each")
        return Taken(len(frame), (bad,))
    elif side == "response" and frame[1] in READS:
        said |= _registers(body[1:]) if frame[1] in REGISTERS else {"bits": body[1:].hex()}
    else:
        start, count = struct.unpack(">HH", body[:4])
        said |= {"start": start, "value" if frame[1] in WRITES_ONE else "count": count}
        if side == "request" and frame[1] == WRITE_REGISTERS:
            said["registers"] = _words(body[5:])
    return Taken(len(frame), (Remark(said),))


def _registers(data: bytes) -> dict[str, object]:
    words = _words(data)
    said: dict[str, object] = {"registers": words}
    if len(words) == 2:
        said["int32_be"] = _int32(words)
        said["int32_low_word_first"] = _int32(words[::-1])
        said["float32_be"] = _float32(words)
        said["float32_low_word_first"] = _float32(words[::-1])
    return said


def _words(data: bytes) -> list[int]:
    return list(struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2]))


def _int32(words: list[int]) -> int:
    (value,) = struct.unpack(">i", struct.pack(">2H", *words))
    return int(value)


def _float32(words: list[int]) -> float | str:
    """A number, or the word for what JSON has no number for."""
    (value,) = struct.unpack(">f", struct.pack(">2H", *words))
    return float(value) if math.isfinite(value) else str(value)
