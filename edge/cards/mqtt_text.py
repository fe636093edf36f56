"""Cards as Tasmota and ESPHome publish them.

Sources: Tasmota drivers xsns_51_rdm6300, xsns_40_pn532, xsns_82_wiegand (``tele/…/SENSOR`` JSON;
``Time`` is local without a zone and not used) and ESPHome's rdm6300 and pn532 components, whose
owner writes ``on_tag: mqtt.publish`` with the bare tag: decimal uint32, or hex with dashes. ESPHome
publishes every frame of a held card, about 15 a second, and validates no hex digit.
"""

import json
import re
from collections.abc import Callable

from edge.cards import em4100
from edge.readings import BadFrame, CardNumber, CardRead

CardHeard = CardRead | CardNumber | BadFrame
MAX_BYTES = 2048
_HEX_UID = re.compile(r"[0-9A-Fa-f]{2}(?:-?[0-9A-Fa-f]{2}){3,9}")
ISO_DIGITS = (8, 14, 20)


def tasmota_rdm6300(payload: bytes) -> CardHeard | None:
    """``{"RDM6300":{"UID":"008EC793"}}``."""
    return _tasmota(payload, "RDM6300", lambda part: _em_hex(part.get("UID")))


def tasmota_pn532(payload: bytes) -> CardHeard | None:
    """``{"PN532":{"UID":"047BCB51962280", …}}``."""
    return _tasmota(payload, "PN532", lambda part: _iso_hex(part.get("UID")))


def tasmota_wiegand(payload: bytes) -> CardHeard | None:
    """``{"Wiegand":{"UID":7748328,"Size":26}}``; hex text by an option of the firmware."""

    def read(part: dict[str, object]) -> CardHeard:
        uid, size = part.get("UID"), part.get("Size")
        if isinstance(uid, str) and re.fullmatch(r"(0[xX])?[0-9A-Fa-f]{1,16}", uid):
            uid = int(uid, 16)
        if type(uid) is not int or type(size) is not int:  # true is no number
            return BadFrame("no_number", "UID and Size, expected two numbers")
        if not 0 < uid < 1 << max(min(size, 64), 0):
            return BadFrame("out_of_range", f"UID of {size} bits, expected more than 0 in them")
        return CardNumber(uid, {"technology": f"wiegand{size}", "bits": size})

    return _tasmota(payload, "Wiegand", read)


def esphome_tag(payload: bytes) -> CardHeard:
    """Decimal of an EM4100 card, or the dashed hex of an ISO 14443A card."""
    text = payload[:MAX_BYTES].decode("ascii", errors="replace").strip()
    if re.fullmatch(r"[0-9]{1,10}", text):
        return _em_number(int(text))
    return _iso_hex(text)


def _tasmota(
    payload: bytes, driver: str, read: Callable[[dict[str, object]], CardHeard]
) -> CardHeard | None:
    try:
        message = json.loads(payload[:MAX_BYTES])
    except (ValueError, RecursionError):
        return BadFrame("not_json", f"{len(payload)} bytes, expected a JSON object")
    if not isinstance(message, dict) or not isinstance(message.get(driver), dict):
        return None
    reading = read(message[driver])
    when = message.get("Time")
    if isinstance(reading, CardRead) and isinstance(when, str):
        return CardRead(reading.technology, reading.uid, {**reading.said, "time_local": when})
    return reading


def _em_hex(uid: object) -> CardHeard:
    if not isinstance(uid, str) or not re.fullmatch(r"[0-9A-Fa-f]{8}", uid):
        return BadFrame("not_hex", "UID, expected 8 hex digits")
    return em4100.card_of_number(bytes.fromhex(uid), {})


def _iso_hex(uid: object) -> CardHeard:
    digits = uid.replace("-", "").upper() if isinstance(uid, str) else ""
    if not _HEX_UID.fullmatch(digits) or len(digits) not in ISO_DIGITS:
        return BadFrame("not_hex", "UID, expected 4, 7 or 10 bytes in hex")
    if not digits.strip("0"):
        return BadFrame("null_uid", "a UID of zeros, expected a card")
    return CardRead("iso14443a", digits)


def _em_number(number: int) -> CardHeard:
    if number > 0xFFFF_FFFF:
        return BadFrame("out_of_range", "a number over 32 bits, expected a card number")
    return em4100.card_of_number(number.to_bytes(4), {"number": number})
