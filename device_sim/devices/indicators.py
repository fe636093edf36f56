"""Weighing indicators as their manuals draw what they send.

Sources: Yaohua XK3190-A9+ manual (continuous tF=0, 9600 8N1), A23p manual page 24 (command mode),
the layout of Keli D2008 agents in the field, METTLER TOLEDO Wildcat manual appendix 2 (continuous),
MT-SICS reference manual (commands S, SI, SIR, @).
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor

from device_sim.devices.modbus import Reading

Encoder = Callable[[Reading], bytes]
DIGITS = 6
HELLO, GROSS, TARE, NET = b"A", b"B", b"C", b"D"
COMMAND_BYTES = 6
SICS_ERROR = b"ES\r\n"
SICS_DAMAGED = b"ET\r\n"


def xk3190(reading: Reading) -> bytes:
    """Kilograms with three decimals; the frame has neither a unit nor a stable flag."""
    return _yaohua(_digits(reading) + b"3")


def keli_d2008(reading: Reading) -> bytes:
    """The same twelve bytes with a seventh digit for the point: here it counts grams."""
    sign = b"-" if reading.grams < 0 else b"+"
    return _yaohua(sign + b"%07d" % abs(reading.grams))


def xk3190_answer(command: bytes, indicators: Mapping[bytes, Callable[[], Reading]]) -> bytes:
    """What the indicators on one line, by letter, answer to a command; nothing if it is damaged.

    A hello comes back as it was; a weight follows address and command.
    """
    if len(command) != COMMAND_BYTES or command != _yaohua(command[1:3]):
        return b""
    address, wanted = command[1:2], command[2:3]
    if address not in indicators or wanted not in (HELLO, GROSS, TARE, NET):
        return b""
    if wanted == HELLO:
        return command
    reading = Reading(0, stable=True) if wanted == TARE else indicators[address]()
    return _yaohua(address + wanted + _digits(reading) + b"3")


def _digits(reading: Reading) -> bytes:
    return (b"-" if reading.grams < 0 else b"+") + b"%06d" % abs(reading.grams)


def _yaohua(body: bytes) -> bytes:
    return b"\x02" + body + b"%02X" % reduce(xor, body) + b"\x03"


def toledo(reading: Reading) -> bytes:
    """Kilograms with two decimals, division x2, gross, checksum; 8 bits, since a pty has no 7."""
    bare = toledo_unchecked(reading)
    return bare + bytes([-sum(bare) & 0x7F])


def toledo_even_parity(reading: Reading) -> bytes:
    """As a line with 7 data bits looks to a port with 8: the parity stands in bit 7."""
    return bytes(byte | (byte.bit_count() & 1) << 7 for byte in toledo(reading))


def toledo_unchecked(reading: Reading) -> bytes:
    """A scale set up without the checksum."""
    status_b = 0x30 | (2 if reading.grams < 0 else 0) | (0 if reading.stable else 8)
    if reading.overload:
        status_b |= 4
    weight = b"%6d" % (abs(reading.grams) // 10)
    return b"\x02" + bytes([0x34, status_b, 0x20]) + weight[-DIGITS:] + b"     0\r"


def sics(reading: Reading) -> bytes:
    """The answer to SI, and the line of a stream."""
    if reading.overload:
        return b"S +\r\n"
    state = b"S" if reading.stable else b"D"
    return b"S %s %10.2f kg\r\n" % (state, reading.grams / 1000)


class SicsDialogue:
    """What an MT-SICS balance answers: bytes in, bytes out."""

    def __init__(self) -> None:
        self._line = bytearray()
        self.streaming = False

    def answer(self, data: bytes, read: Callable[[], Reading]) -> bytes:
        """Answers to the commands finished by these bytes."""
        self._line += data
        *commands, rest = bytes(self._line).split(b"\r\n")
        self._line[:] = rest[-32:]
        return b"".join(self._obey(command, read) for command in commands if command)

    def _obey(self, command: bytes, read: Callable[[], Reading]) -> bytes:
        if not command.isascii():
            return SICS_DAMAGED
        self.streaming = command == b"SIR"
        if command in (b"SI", b"SIR"):
            return sics(read())
        if command == b"S":
            reading = read()
            return sics(reading) if reading.stable else b"S I\r\n"
        return b'I4 A "0123456789"\r\n' if command == b"@" else SICS_ERROR
