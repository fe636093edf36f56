"""RDM6300 card reader, 125 kHz EM4100: transmit only, 9600 8N1.

Source: the module's data sheet. STX, 10 ASCII hex (one version byte, four tag bytes),
2 ASCII hex checksum = XOR of the five bytes, ETX; repeated while the card is held.
"""

from functools import reduce
from operator import xor

from device_sim.devices.card_number import card_number

REPEAT_S = 0.065
VERSION = 0x14
"""Any byte may stand here; it is no part of the canonical number."""


def frame(uid: str) -> bytes:
    """The 14 bytes for a card of 8 hex digits."""
    data = bytes([VERSION]) + card_number(uid, 4)
    return b"\x02" + (data + bytes([reduce(xor, data)])).hex().upper().encode() + b"\x03"
