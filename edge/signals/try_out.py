"""``lianxin-edge signal``: let the technician hear and see one signal."""

import queue
import time
from collections.abc import Iterator

from edge.clock import system_time
from edge.config import EdgeConfig
from edge.events import Event, PortDown, PortHeard, PortUp, ThreadDied
from edge.signals import lamps, loudspeaker
from edge.signals.signals import Signals
from edge.signals.sounds import LONGEST_S, SPEAKING_S
from edge.signals.tones import Tried

Report = PortUp | PortDown | PortHeard | ThreadDied
OPENING_S = 10.0
TONE_S = 5.0


def try_out(config: EdgeConfig, name: Tried, reader: str) -> Iterator[tuple[bool, str]]:
    """One line for each thing that should sound or shine, and whether it did."""
    events: queue.Queue[Event] = queue.Queue()
    signals = Signals(config.signals, events, system_time().up_ms)
    opening = {what for what, _ in signals.names()}
    if not opening:
        yield False, "neither loudspeaker nor lamps: add [signals] to the configuration"
        return
    signals.start()
    working: set[str] = set()
    try:
        for event in _reports(events, OPENING_S):
            if isinstance(event, PortUp):
                working.add(event.name)
            else:
                yield False, f"{event.name}: {_reason(event)}"
            if not isinstance(event, PortHeard):
                opening.discard(event.name)
            if not opening:
                break
        yield from _said(signals, events, name, reader, working)
    finally:
        signals.stop()
        signals.join(1)


def _said(
    signals: Signals, events: "queue.Queue[Event]", name: Tried, reader: str, working: set[str]
) -> Iterator[tuple[bool, str]]:
    if name == "broadcast":
        if loudspeaker.NAME in working and not signals.broadcast_now():
            yield False, "no broadcast: add [[signals.broadcasts]] to the configuration"
            return
    else:
        signals.say(name, reader)
    if loudspeaker.NAME in working:
        patience_s = LONGEST_S + SPEAKING_S if name == "broadcast" else TONE_S
        event = next(_reports(events, patience_s))
        played = isinstance(event, PortHeard) and not event.bad
        yield played, f"{event.name}: " + (f"{name} was played" if played else _reason(event))
    blink = None if name == "broadcast" else lamps.BLINKS.get(name)
    if lamps.NAME in working and blink is not None:
        time.sleep(blink.seconds)
        yield True, f"{lamps.NAME}: {name} was shown"


def _reports(events: "queue.Queue[Event]", patience_s: float) -> Iterator[Report]:
    until_s = time.monotonic() + patience_s
    while True:
        try:
            event = events.get(timeout=max(until_s - time.monotonic(), 0))
        except queue.Empty:
            yield PortDown(loudspeaker.NAME, f"nothing heard within {patience_s:.0f} s")
            return
        if isinstance(event, Report):
            yield event


def _reason(event: Report) -> str:
    if isinstance(event, PortHeard):
        return event.bad[-1].detail
    return "" if isinstance(event, PortUp) else event.reason
