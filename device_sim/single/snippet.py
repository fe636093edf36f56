"""What a point's configuration has to say of a simulated device, ready to be copied."""

import json
from collections.abc import Mapping

from device_sim.devices import registry
from device_sim.devices.mqtt_readers import WIFI_READERS, topic_of
from device_sim.devices.mqtt_scales import INTERVAL_S, Firmware, dialect

HOLDS_S = round(INTERVAL_S["tasmota"]) + 30
TEXT_KINDS = ("ascii-line-uid", "ascii-line-decimal", "qr-line")


def snippet(kind: str, variant: str, *, place: str, card: str, baudrate: int, count: int) -> str:
    """TOML; ``place`` is the link of a serial device, the name of a Wi-Fi device."""
    if kind in registry.READERS:
        said = _reader(kind, variant, card)
        return _table("readers", {"name": "reader-1", "kind": kind, "port": place} | said)
    told = dict(registry.told(kind, variant))
    if kind in registry.BUSES:
        section = "buses" if kind == registry.MODBUS else "command_lines"
        line = {"name": "line-1", "kind": kind, "port": place, "baudrate": baudrate} | told
        bins = [_bin({"bus": "line-1", "slave": no}, no) for no in range(1, count + 1)]
        return "\n".join([_table(section, line), *bins])
    if kind in registry.WIFI_SCALES:
        firmware = registry.WIFI_SCALES[kind]
        said = {"format": firmware} | _topics(dialect(firmware, place).state, firmware, place)
        holds = {"holds_s": HOLDS_S} if variant == registry.ON_CHANGE else {}
        return _bin(said | holds)
    if kind in WIFI_READERS:
        firmware = WIFI_READERS[kind].firmware
        # What ESPHome's owner publishes is the bare tag, whatever reader has read it.
        named = "esphome-tag" if firmware == "esphome" else kind
        topics = _topics(topic_of(kind, place), firmware, place)
        return _table("readers", {"name": "reader-1", "kind": named} | topics)
    return _bin({"kind": kind, "port": place, "baudrate": baudrate} | told)


def _topics(state: str, firmware: Firmware, name: str) -> dict[str, object]:
    return {"topic": state, "availability": dialect(firmware, name).presence.topic}


def _reader(kind: str, variant: str, card: str) -> dict[str, object]:
    said: dict[str, object] = {}
    if kind in TEXT_KINDS:
        said["length"] = 10 if kind == "ascii-line-decimal" else len(card)
        if variant == "none":
            said["terminator"] = "none"
    if kind == "ascii-line-uid":
        said["technology"] = "iso14443a" if len(card) > 8 else "em4100"
    return said


def _bin(said: Mapping[str, object], no: int = 1) -> str:
    return _table("bins", {"no": no, "category": "other"} | dict(said))


def _table(section: str, said: Mapping[str, object]) -> str:
    rows = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    return "\n".join([f"[[{section}]]", *rows, ""])
