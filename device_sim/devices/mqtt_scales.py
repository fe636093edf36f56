"""Wi-Fi scales on the point bus, as Tasmota and ESPHome publish an HX711.

Sources: Tasmota 14 `xsns_34_hx711.ino` and its LWT; ESPHome `mqtt_component.cpp`. Tasmota clips
at zero and writes a local time without zone; ESPHome retains its state and sends a bare number.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from device_sim.devices.load import BinLoad
from wire.day import SHANGHAI

Firmware = Literal["tasmota", "esphome"]
TICK_S = 0.5
QUIET_TICKS = 4
"""While nothing moves, one reading in so many ticks."""
RESTLESS_S = 5.0


@dataclass(frozen=True)
class Access:
    """Where a device connects and as whom."""

    host: str
    port: int
    username: str
    password: str


@dataclass(frozen=True)
class Dialect:
    """The topics and words of one firmware for one device name."""

    state: str
    availability: str
    online: bytes
    offline: bytes
    retain_state: bool


def dialect(firmware: Firmware, name: str) -> Dialect:
    if firmware == "tasmota":
        return Dialect(f"tele/{name}/SENSOR", f"tele/{name}/LWT", b"Online", b"Offline", False)
    state = f"{name}/sensor/weight/state"
    return Dialect(state, f"{name}/status", b"online", b"offline", True)


def payload(firmware: Firmware, grams: int, moment: datetime) -> bytes:
    """One reading in kilograms with three decimals."""
    if firmware == "esphome":
        return f"{grams / 1000:.3f}".encode()
    shown = max(grams, 0) / 1000
    raw = {"Weight": shown, "WeightRaw": grams * 10, "AbsRaw": 800_000 + grams * 10}
    clock = moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")
    return json.dumps({"Time": clock, "HX711": raw}, separators=(",", ":")).encode()


class _Scale:
    """One device: its own connection, because its own last will."""

    def __init__(self, firmware: Firmware, name: str, access: Access) -> None:
        self._words = dialect(firmware, name)
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv311)
        self._client.username_pw_set(access.username, access.password)
        self._client.will_set(self._words.availability, self._words.offline, qos=0, retain=True)
        self._client.reconnect_delay_set(1, 5)
        self._client.on_connect = self._connected
        self._client.connect_async(access.host, access.port, keepalive=10)
        self._client.loop_start()

    def _connected(
        self,
        client: Client,
        _userdata: Any,
        _flags: ConnectFlags | DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not reason.is_failure:
            client.publish(self._words.availability, self._words.online, qos=0, retain=True)

    def publish(self, data: bytes) -> None:
        if self._client.is_connected():
            self._client.publish(self._words.state, data, qos=0, retain=self._words.retain_state)

    def say_goodbye(self) -> None:
        if self._client.is_connected():
            self._client.publish(self._words.availability, self._words.offline, retain=True)
        self._client.disconnect()

    def close(self) -> None:
        self._client.loop_stop()


class MqttScales:
    """All Wi-Fi scales of one point, published by one thread."""

    def __init__(
        self, point: str, firmware: Firmware, loads: Mapping[int, BinLoad], access: Access
    ) -> None:
        self._firmware: Firmware = firmware
        self._loads = dict(loads)
        self._scales = {no: _Scale(firmware, device_name(point, no), access) for no in self._loads}
        self._restless_until_s = dict.fromkeys(self._loads, 0.0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"scales {point}", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        tick = 0
        while not self._stop.wait(TICK_S):
            tick += 1
            now_s = time.monotonic()
            for no, load in self._loads.items():
                if load.moving(now_s):
                    self._restless_until_s[no] = now_s + RESTLESS_S
                if now_s < self._restless_until_s[no] or (tick + no) % QUIET_TICKS == 0:
                    grams = load.read(now_s).grams
                    self._scales[no].publish(payload(self._firmware, grams, datetime.now(SHANGHAI)))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for scale in self._scales.values():
            scale.say_goodbye()
        for scale in self._scales.values():
            scale.close()


def device_name(point: str, bin_no: int) -> str:
    return f"{point}-bin{bin_no:02d}"
