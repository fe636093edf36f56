"""Weights as Tasmota and ESPHome publish them, in kilograms.

Sources: Tasmota's HX711 driver (``{"HX711":{"Weight":12.345}}`` on ``tele/…/SENSOR``, LWT
``Online``/``Offline``) and ESPHome's MQTT sensor component (bare decimal text, ``nan`` when it has
none; ``online``/``offline``). Neither sends a stable flag; both may send a retained reading.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Literal

from edge.readings import WeightFault, WeightRead
from edge.scales.modbus import whole_grams

TextFormat = Literal["tasmota", "esphome"]


def read_payload(text_format: TextFormat, payload: bytes) -> WeightRead | WeightFault | None:
    """The reading of a state message; None when it is about something else."""
    text = payload.decode("utf-8", errors="replace").strip()
    if text_format == "esphome":
        return _kilograms(text)
    try:
        message = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal)
    except ValueError:
        return WeightFault("not_json", text[:40])
    sensor = message.get("HX711") if isinstance(message, dict) else None
    if not isinstance(sensor, dict) or "Weight" not in sensor:
        return None
    return _kilograms(str(sensor["Weight"]))


def is_online(payload: bytes) -> bool:
    """What an availability or last-will message says."""
    return payload.strip().lower() == b"online"


def _kilograms(text: str) -> WeightRead | WeightFault:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return WeightFault("not_a_number", text[:40])
    if not value.is_finite():
        return WeightFault("not_a_number", text[:40])
    return whole_grams(value * 1000, None)
