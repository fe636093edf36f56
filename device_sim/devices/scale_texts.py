"""Weighing indicators that send texts, as their manuals print them; kilograms throughout.

Sources: Yaohua XK3190-A26 pages 12-13 and A23p pages 21-24 (the two "=" streams), A12(E) page 13,
the lower-case line of other A12s as drivers in the field describe it; A&D AD-4404 page 80 and EK-L
page 28; Dini Argeo DGT4X page 52; CAS CI-400 and CI-600D (22 bytes with a lamp byte). The Yaohua
"=" streams and the lower-case line have no form for overload: the number just goes on.
"""

from functools import reduce
from operator import xor

from device_sim.devices.modbus import Reading

A12E_OVERLOAD = b"         OL"
DINI_ADDRESS = b"01"
CAS_DEVICE = b"1"
CAS_LAMPS, CAS_LAMP_STABLE, CAS_LAMP_GROSS = 0xA0, 0x40, 0x04
NINES = b"+9999.99"


def equals_forward(reading: Reading) -> bytes:
    """``=0003.000``; a negative weight has its sign before the eight characters."""
    sign = b"-" if reading.grams < 0 else b""
    return b"=" + sign + _kilograms(abs(reading.grams), b"%08.3f")


def equals_reversed(reading: Reading) -> bytes:
    """``=000.3000`` is 3.000: lowest digit first, the last character is 0 or the sign."""
    return b"=" + _kilograms(reading.grams, b"%08.3f")[::-1]


def a12e(reading: Reading) -> bytes:
    """``WG004.139kg3D``: eleven characters and their XOR."""
    text = A12E_OVERLOAD
    if not reading.overload:
        text = b"WG" + _kilograms(reading.grams, b"%07.3f") + b"kg"
    return text + b"%02X\r\n" % reduce(xor, text)


def a12_text(reading: Reading) -> bytes:
    """``ww004.139kg``, nothing checks it."""
    return b"ww" + _kilograms(reading.grams, b"%07.3f") + b"kg\r\n"


def and_standard(reading: Reading) -> bytes:
    """18 bytes; out of range the digits are nines and the header says so."""
    value = NINES if reading.overload else _kilograms(reading.grams, b"%+08.2f")
    return _header(reading) + b",GS," + value + b"kg\r\n"


def dini_argeo(reading: Reading) -> bytes:
    """The address of the indicator before the header, a comma before the unit.

    No page says what stands in the digits out of range: here they go on, the worst for a decoder.
    """
    value = _kilograms(reading.grams, b"%8.2f")
    return DINI_ADDRESS + _header(reading) + b",GS," + value + b",kg\r\n"


def cas_22(reading: Reading) -> bytes:
    """Bit 7 of the lamp byte is always set. Out of range the digits go on, as for Dini Argeo."""
    lamps = CAS_LAMPS | CAS_LAMP_GROSS | (CAS_LAMP_STABLE if reading.stable else 0)
    value = _kilograms(reading.grams, b"%08.2f")
    return _header(reading) + b",GS," + CAS_DEVICE + bytes([lamps]) + b"," + value + b" kg\r\n"


def _header(reading: Reading) -> bytes:
    if reading.overload:
        return b"OL"
    return b"ST" if reading.stable else b"US"


def _kilograms(grams: int, form: bytes) -> bytes:
    return form % (grams / 1000)
