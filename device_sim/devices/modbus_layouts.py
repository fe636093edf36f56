"""Registers of weight transmitters, as their manuals number them, but 0-based.

Sources: Flintec FT-13 (weight 0-1, status 2, tare 3-4, int32, high word first), CAS CI-600D and
Rice Lake SCT (gross 40008-9, net 40010-11), Eagle (float32 at 0x1000 and 0x1008). The manuals'
status bits are not known here, so only the plain layout tells stable and overload.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from device_sim.devices.modbus import OVERLOAD, PLAIN, STABLE, Layout, Reading

COUNTS_G = 10
"""CAS: one count of the display."""
CAS_GROSS, CAS_NET = 7, 9
EAGLE_GROSS, EAGLE_NET = 0x1000, 0x1008


@dataclass(frozen=True)
class Transmitter:
    """A layout, and what a point's configuration says of it."""

    layout: Layout
    profile: Mapping[str, object]


def _pair(at: int, form: str, value: float) -> dict[int, int]:
    high, low = struct.unpack(">HH", struct.pack(form, value))
    return {at: high, at + 1: low}


def _flintec(reading: Reading) -> dict[int, int]:
    return _pair(0, ">i", reading.grams) | {2: 0} | _pair(3, ">i", 0)


def _cas(reading: Reading) -> dict[int, int]:
    counts = round(reading.grams / COUNTS_G)
    return _pair(CAS_GROSS, ">i", counts) | _pair(CAS_NET, ">i", counts)


def _eagle(reading: Reading) -> dict[int, int]:
    kilograms = reading.grams / 1000
    return _pair(EAGLE_GROSS, ">f", kilograms) | _pair(EAGLE_NET, ">f", kilograms)


TRANSMITTERS: Mapping[str, Transmitter] = {
    "plain": Transmitter(
        PLAIN,
        {"count": 3, "status_register": 2, "stable_mask": STABLE, "overload_mask": OVERLOAD},
    ),
    "flintec-ft13": Transmitter(Layout(_flintec), {"count": 2}),
    "cas-ci600d": Transmitter(
        Layout(_cas), {"address": CAS_GROSS, "count": 2, "grams_per_count": str(COUNTS_G)}
    ),
    "eagle": Transmitter(
        Layout(_eagle),
        {"address": EAGLE_GROSS, "count": 2, "value": "float32", "grams_per_count": "1000"},
    ),
}
