"""Weights as Tasmota and ESPHome publish them, in kilograms.

Sources: Tasmota's HX711 driver (``{"HX711":{"Weight":12.345}}`` on ``tele/…/SENSOR``, LWT
``Online``/``Offline``) and ESPHome's MQTT sensor component (bare decimal text, ``nan`` when it has
none; ``online``/``offline``). Neither sends a stable flag; both may send a retained reading.
Tasmota clips at zero: what lies below is not seen, and the start-up tare is the last saved one;
its WeightRaw (grams since xsns_34_hx711 has it) knows neither.
"""

import json
import re
from decimal import Decimal
from typing import Literal

from edge.readings import BadFrame, Remark, WeightFault, WeightRead
from edge.scales.modbus import whole_grams
from edge.scales.weighed import Weighed, in_grams

TextFormat = Literal["tasmota", "esphome"]
MAX_BYTES = 2048
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")


def read_payload(
    text_format: TextFormat, payload: bytes, raw_zero_g: int | None = None
) -> WeightRead | WeightFault | None:
    """The reading of a state message; None when it is about something else.

    With ``raw_zero_g`` it is Tasmota's WeightRaw less that many grams: no clipping, no tare that
    changes with a restart.
    """
    said = weigh_payload(text_format, payload)
    if not isinstance(said, Weighed):
        return said
    if raw_zero_g is None:
        return in_grams(said, "kg")
    return _untared(said.said.get("WeightRaw"), raw_zero_g)


def _untared(raw_g: object, raw_zero_g: int) -> WeightRead | WeightFault:
    if not isinstance(raw_g, str) or not re.fullmatch(r"-?[0-9]{1,9}", raw_g):
        return WeightFault("no_raw", f"WeightRaw {str(raw_g)[:20]!r}, expected whole grams")
    return whole_grams(Decimal(int(raw_g) - raw_zero_g), None)


def weigh_payload(text_format: TextFormat, payload: bytes) -> Weighed | WeightFault | None:
    """The value as it was published."""
    text = payload[:MAX_BYTES].decode("utf-8", errors="replace").strip()
    if text_format == "esphome":
        return _value(text, None, {})
    try:
        message = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return WeightFault("not_json", text[:40])
    sensor = message.get("HX711") if isinstance(message, dict) else None
    if not isinstance(sensor, dict) or "Weight" not in sensor:
        return None
    said = {name: sensor[name] for name in ("WeightRaw", "AbsRaw", "Count") if name in sensor}
    return _value(str(sensor["Weight"]), "kg", said)


def availability(payload: bytes) -> Remark | BadFrame:
    """What an availability message says; another word says nothing."""
    word = payload[:MAX_BYTES].strip().lower()
    if word not in (b"online", b"offline"):
        return BadFrame("availability", f"{word[:20]!r}, expected online or offline")
    return Remark({"kind": "availability", "online": word == b"online"})


def _value(text: str, unit: str | None, said: dict[str, object]) -> Weighed | WeightFault:
    if not _NUMBER.fullmatch(text):
        return WeightFault("not_a_number", text[:40])
    value = Decimal(text)
    return Weighed(value, unit, None, said | ({"clipped": True} if unit and not value else {}))
