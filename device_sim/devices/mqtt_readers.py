"""Wi-Fi card readers, as Tasmota and ESPHome publish what they read.

Sources: Tasmota `xsns_51_rdm6300.ino` (then deaf for 2 s), `xsns_40_pn532.ino` (the same),
`xsns_82_wiegand.ino` (once a card; the number without its parity bits, and the size with them), all
on `tele/…/SENSOR`. ESPHome's `rdm6300` calls its `on_tag` for every valid frame, about 15 a second;
`pn532` when the card changes, hex with dashes; `wiegand` once a card, decimal text. What ESPHome
publishes and where is its owner's: here the bare tag on `<name>/tag`, not retained.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from device_sim.devices import rdm6300
from device_sim.devices.card_number import card_number
from device_sim.devices.mqtt_scales import Firmware, dialect, tasmota_time
from device_sim.devices.mqtt_station import Access, Station
from wire.day import SHANGHAI

DEAF_S = 2.0
WAIT_S = 0.5
WIEGAND_BITS = {3: 26, 4: 34}


@dataclass(frozen=True)
class WifiReaderKind:
    """``repeat_s`` infinite: once a card."""

    firmware: Firmware
    payload: Callable[[bytes], bytes]
    sizes: tuple[int, ...]
    repeat_s: float = math.inf


def _decimal(uid: bytes) -> bytes:
    return b"%d" % int.from_bytes(uid)


def _dashed(uid: bytes) -> bytes:
    return uid.hex("-").upper().encode()


def _tasmota(driver: str, said: Mapping[str, object]) -> bytes:
    message = {"Time": tasmota_time(datetime.now(SHANGHAI)), driver: said}
    return json.dumps(message, separators=(",", ":")).encode()


def _tasmota_wiegand(uid: bytes) -> bytes:
    said = {"UID": int.from_bytes(uid), "Size": WIEGAND_BITS[len(uid)]}
    return _tasmota("Wiegand", said)


ISO_SIZES, EM_SIZES, WIEGAND_SIZES = (4, 7, 10), (4,), tuple(WIEGAND_BITS)
WIFI_READERS: Mapping[str, WifiReaderKind] = {
    "esphome-rdm6300": WifiReaderKind("esphome", _decimal, EM_SIZES, rdm6300.REPEAT_S),
    "esphome-pn532": WifiReaderKind("esphome", _dashed, ISO_SIZES),
    "esphome-wiegand": WifiReaderKind("esphome", _decimal, WIEGAND_SIZES),
    "tasmota-rdm6300": WifiReaderKind(
        "tasmota",
        lambda uid: _tasmota("RDM6300", {"UID": uid.hex().upper()}),
        EM_SIZES,
        DEAF_S,
    ),
    "tasmota-pn532": WifiReaderKind(
        "tasmota",
        lambda uid: _tasmota("PN532", {"UID": uid.hex().upper(), "Data": ""}),
        ISO_SIZES,
        DEAF_S,
    ),
    "tasmota-wiegand": WifiReaderKind("tasmota", _tasmota_wiegand, WIEGAND_SIZES),
}


def topic_of(kind: str, name: str) -> str:
    """Where a reader of this name publishes."""
    firmware = WIFI_READERS[kind].firmware
    return dialect(firmware, name).state if firmware == "tasmota" else f"{name}/tag"


class WifiReader:
    """One reader with a connection of its own."""

    def __init__(self, kind: str, name: str, access: Access) -> None:
        self._kind = WIFI_READERS[kind]
        words = dialect(self._kind.firmware, name)
        self.topic = topic_of(kind, name)
        self.station = Station(name, words.presence, access)
        self._uid: bytes | None = None
        self._due_s = math.inf
        self._changed = threading.Condition()
        self._running = True
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def lay(self, card: str) -> None:
        """A card's number in hex; ValueError for one that this reader cannot read."""
        uid = card_number(card, *self._kind.sizes)
        with self._changed:
            self._uid, self._due_s = uid, time.monotonic()
            self._changed.notify()

    def take(self) -> None:
        """The card is taken away."""
        with self._changed:
            self._uid, self._due_s = None, math.inf

    def vanish(self) -> None:
        """The power fails."""
        self._end()
        self.station.vanish()

    def close(self) -> None:
        self._end()
        self.station.say_goodbye()
        self.station.close()

    def _end(self) -> None:
        with self._changed:
            self._running = False
            self._changed.notify()
        self._thread.join()

    def _serve(self) -> None:
        with self._changed:
            while self._running:
                now_s = time.monotonic()
                if self._uid is not None and now_s >= self._due_s:
                    self.station.publish(self.topic, self._kind.payload(self._uid), retain=False)
                    self._due_s = max(self._due_s + self._kind.repeat_s, now_s)
                self._changed.wait(min(max(self._due_s - now_s, 0), WAIT_S))
