"""Readers and scales on the point bus: heard beside the running daemon, which notices nothing."""

import queue
import secrets
import time
from collections.abc import Iterator

from edge.cards.token import KEY_BYTES, Tokenizer
from edge.config import EdgeConfig
from edge.doctor.finding import Finding
from edge.events import Event, LinkChanged, MqttMessage
from edge.link.mqtt import BrokerLink
from edge.ports.listen import Heard, count
from edge.wireless import Wireless, names_of, topics_of

CONNECT_S = 3.0
MORE_OFTEN = "check its power and Wi-Fi; ESPHome: update_interval 0.5s; Tasmota: Sensor34 8 1"


def devices(config: EdgeConfig, seconds: float) -> Iterator[Finding]:
    """One line a device; nothing at a point without them. The point bus is known to answer."""
    names = names_of(config)
    if not names or not seconds:
        return
    heard = _listen(config, seconds)
    readers = {reader.name for reader in config.mqtt_readers}
    patient = {f"scale-{bin_.no}" for bin_ in config.bins if bin_.holds_s is not None}
    for name, kind in names:
        yield judged(f"{name}: {kind}", heard[name], may_be_quiet=name in readers | patient)


def judged(label: str, heard: Heard, *, may_be_quiet: bool) -> Finding:
    """A reader speaks when a card comes, a scale with holds_s when it changes."""
    if heard.down:
        return Finding("warn", f"{label}: offline", "check its power and Wi-Fi")
    if heard.errors:
        last = f"{heard.errors} of {heard.errors + heard.frames} unusable, the last: {heard.bad}"
        return Finding("warn", f"{label}: {last}", "check the device's set-up, topic and kind")
    if heard.frames:
        return Finding("ok", f"{label}: {heard.frames} messages")
    if may_be_quiet:
        return Finding("ok", f"{label}: silent, as it may be")
    return Finding("warn", f"{label}: nothing heard", MORE_OFTEN)


def _listen(config: EdgeConfig, seconds: float) -> dict[str, Heard]:
    events: queue.Queue[Event] = queue.Queue()
    # Nobody sees the tokens, so any key will do.
    wireless = Wireless(config, Tokenizer({1: secrets.token_bytes(KEY_BYTES)}, config.uid_bits))
    heard = {name: Heard() for name, _ in names_of(config)}
    link = BrokerLink(
        "bus", config.point_bus, subscriptions=topics_of(config), events=events, up_ms=_up_ms
    )
    link.start()
    until_ms = _up_ms() + round(CONNECT_S * 1000)
    try:
        while (left_ms := until_ms - _up_ms()) > 0:
            try:
                event = events.get(timeout=left_ms / 1000)
            except queue.Empty:
                break
            if isinstance(event, LinkChanged) and event.up:
                until_ms = _up_ms() + round(seconds * 1000)
            elif isinstance(event, MqttMessage):
                for meant in wireless.read(event):
                    count(meant, heard, {})
    finally:
        link.stop()
    return heard


def _up_ms() -> int:
    return time.monotonic_ns() // 1_000_000
