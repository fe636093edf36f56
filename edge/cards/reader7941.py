"""7941D/E modules: 9600 8N1, binary frames, EM4100 or ISO 14443A by a type byte.

Source: the module's data sheet as its sellers print it. 02, length of the whole frame, type (01
MIFARE 1K, 02 EM4100, 03 MIFARE 4K), card number, BCC = XOR from the length to the last data byte,
03. The number may contain 02 and 03: a frame is cut by its length, never by its end byte.
"""

from functools import reduce
from operator import xor

from edge.cards import em4100
from edge.frames import FrameDecoder, Taken, skip_to
from edge.readings import BadFrame, CardRead

STX, ETX = 0x02, 0x03
AROUND = 5
"""Bytes around the number: STX, length, type, BCC, ETX."""
NUMBER_BYTES = (4, 5, 7)
EM4100 = 2
TYPES = {1: "iso14443a", EM4100: "em4100", 3: "iso14443a"}
LONGEST = AROUND + max(NUMBER_BYTES)


def decoder() -> FrameDecoder[CardRead]:
    """A decoder for one port."""
    return FrameDecoder(_frame, LONGEST)


def _frame(buffer: bytes) -> Taken[CardRead] | None:
    garbage: Taken[CardRead] | None = skip_to(buffer, STX, "0x02")
    if garbage is not None:
        return garbage
    if len(buffer) > 1 and buffer[1] - AROUND not in NUMBER_BYTES:
        return _bad("length", f"length {buffer[1]}, expected 9, 10 or 12")
    if len(buffer) > 2 and buffer[2] not in TYPES:
        return _bad("type", f"card type 0x{buffer[2]:02X}, expected 01, 02 or 03")
    if len(buffer) < 2 or len(buffer) < buffer[1]:
        return None
    return _judged(buffer[: buffer[1]])


def _judged(frame: bytes) -> Taken[CardRead]:
    expected = reduce(xor, frame[1:-2])
    if frame[-1] != ETX:
        return _bad("no_etx", f"last byte 0x{frame[-1]:02X}, expected 0x03")
    if frame[-2] != expected:
        return _bad("checksum", f"checksum 0x{frame[-2]:02X}, expected 0x{expected:02X}")
    return Taken(len(frame), (_card(frame[2], frame[3:-2]),))


def _card(kind: int, number: bytes) -> CardRead | BadFrame:
    if kind == EM4100 and len(number) == em4100.TAG_BYTES:
        return em4100.card(number)
    uid = number[-4:] if len(number) < 7 else number
    if not any(uid):
        return BadFrame("null_uid", "a card number of zeros, expected a card")
    return CardRead(TYPES[kind], uid.hex().upper(), {"tag10": number.hex().upper()})


def _bad(reason: str, detail: str) -> Taken[CardRead]:
    """One byte is spent: a good frame may begin inside a bad one."""
    return Taken(1, (BadFrame(reason, detail),))
