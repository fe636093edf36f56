"""Wi-Fi scales on the point bus, as Tasmota and ESPHome publish an HX711.

Sources: Tasmota 14 `xsns_34_hx711.ino` and its LWT; ESPHome `mqtt_component.cpp` and `hx711`.
Tasmota clips the weight at zero, leaves the untared grams and the converter's counts beside it, and
writes a local time without zone; ESPHome retains its state, sends a bare number and `nan` when the
sensor has none.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from device_sim.devices.load import BinLoad, Scale
from device_sim.devices.mqtt_station import Access, Presence, Station
from wire.day import SHANGHAI

__all__ = ["Access", "Firmware", "MqttScales", "WifiScale", "device_name", "dialect", "payload"]

Firmware = Literal["tasmota", "esphome"]
INTERVAL_S: Mapping[Firmware, float] = {"tasmota": 300.0, "esphome": 60.0}
"""What nobody configured: Tasmota's TelePeriod, the update interval of ESPHome's hx711."""
COUNTS_PER_G = 120
PLATE_G = 2_500
"""What Tasmota's untared weight is under an empty bin."""
SAMPLE_S = 1.0
"""Tasmota weighs ten samples at 10 Hz at once."""
DELTA_G = 4
TICK_S = 0.5
QUIET_TICKS = 4
"""While nothing moves, one reading in so many ticks."""
RESTLESS_S = 5.0


@dataclass(frozen=True)
class Dialect:
    """The topics and words of one firmware for one device name."""

    state: str
    presence: Presence
    retain_state: bool


def dialect(firmware: Firmware, name: str) -> Dialect:
    if firmware == "tasmota":
        presence = Presence(f"tele/{name}/LWT", b"Online", b"Offline")
        return Dialect(f"tele/{name}/SENSOR", presence, retain_state=False)
    presence = Presence(f"{name}/status", b"online", b"offline")
    return Dialect(f"{name}/sensor/weight/state", presence, retain_state=True)


def payload(firmware: Firmware, grams: int | None, moment: datetime, *, tare_g: int = 0) -> bytes:
    """One reading in kilograms with three decimals; ``grams`` None: the sensor has none.

    ``tare_g`` is what has been taken off ``grams``; Tasmota's WeightRaw and AbsRaw know it not.
    """
    if firmware == "esphome":
        return b"nan" if grams is None else f"{grams / 1000:.3f}".encode()
    said: dict[str, object] = {"Time": tasmota_time(moment)}
    if grams is not None:
        raw_g = PLATE_G + grams + tare_g
        shown = max(grams, 0) / 1000
        counts = raw_g * COUNTS_PER_G
        said["HX711"] = {"Weight": shown, "WeightRaw": raw_g, "AbsRaw": counts}
    return json.dumps(said, separators=(",", ":")).encode()


def tasmota_time(moment: datetime) -> str:
    """Local and without a zone."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")


class OnChange:
    """Tasmota's ``Sensor34 8 1``: one message a change, when the weight has come to rest."""

    def __init__(self) -> None:
        self._told_g = 0
        self._changed = False

    def rests(self, grams: int) -> bool:
        """Whether this sample is to be published."""
        if abs(grams - self._told_g) > DELTA_G:
            self._told_g, self._changed = grams, True
            return False
        rested, self._changed = self._changed, False
        return rested


class WifiScale:
    """One scale at the pace of its firmware, ``interval_s`` None being what it does by itself.

    ``on_change``: Tasmota also speaks when the weight has changed. ``sample_s`` is for haste.
    """

    def __init__(
        self,
        firmware: Firmware,
        name: str,
        load: BinLoad,
        access: Access,
        *,
        interval_s: float | None = None,
        on_change: bool = False,
        sample_s: float = SAMPLE_S,
    ) -> None:
        self._change = OnChange() if on_change else None
        self._sample_s = sample_s
        self.scale = Scale(load)
        self.has_sensor = True
        self._firmware: Firmware = firmware
        self._words = dialect(firmware, name)
        self.interval_s = INTERVAL_S[firmware] if interval_s is None else interval_s
        self.station = Station(name, self._words.presence, access)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set() and not self.station.wait_online(TICK_S):
            pass
        due_s = time.monotonic()
        while not self._stop.is_set():
            if not self.scale.booting and (self._rests() or time.monotonic() >= due_s):
                self._publish()
                due_s = time.monotonic() + self.interval_s
            wait_s = max(due_s - time.monotonic(), 0)
            self._stop.wait(wait_s if self._change is None else min(wait_s, self._sample_s))

    def _rests(self) -> bool:
        return self._change is not None and self._change.rests(self.scale.read().grams)

    def _publish(self) -> None:
        grams = self.scale.read().grams if self.has_sensor else None
        moment = datetime.now(SHANGHAI)
        data = payload(self._firmware, grams, moment, tare_g=self.scale.tare_g)
        self.station.publish(self._words.state, data, retain=self._words.retain_state)

    def vanish(self) -> None:
        """The power fails."""
        self._end()
        self.station.vanish()

    def close(self) -> None:
        self._end()
        self.station.say_goodbye()
        self.station.close()

    def _end(self) -> None:
        self._stop.set()
        self._thread.join()


class MqttScales:
    """All Wi-Fi scales of one point, set up to publish at once what moves; one thread."""

    def __init__(
        self, point: str, firmware: Firmware, loads: Mapping[int, BinLoad], access: Access
    ) -> None:
        self._firmware: Firmware = firmware
        self._loads = dict(loads)
        self._words = {no: dialect(firmware, device_name(point, no)) for no in self._loads}
        self._stations = {
            no: Station(device_name(point, no), words.presence, access)
            for no, words in self._words.items()
        }
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
                    self._publish(no, load.read(now_s).grams)

    def _publish(self, no: int, grams: int) -> None:
        words = self._words[no]
        data = payload(self._firmware, grams, datetime.now(SHANGHAI))
        self._stations[no].publish(words.state, data, retain=words.retain_state)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for station in self._stations.values():
            station.say_goodbye()
        for station in self._stations.values():
            station.close()


def device_name(point: str, bin_no: int) -> str:
    return f"{point}-bin{bin_no:02d}"
