"""Lamps on GPIO pins. Each signal has its own rhythm, so that colour is not all there is."""

import logging
import queue
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.events import Event, PortDown, PortUp
from edge.signals.config import LampName, LampPins, LampsConfig
from edge.signals.tones import ToneName

if TYPE_CHECKING:
    from gpiozero import LED  # type: ignore[import-untyped]

NAME = "lights"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Blink:
    """So many flashes of one lamp."""

    lamp: LampName
    on_s: float
    off_s: float
    times: int

    @property
    def seconds(self) -> float:
        """From the first light to the last dark."""
        return (self.on_s + self.off_s) * self.times


BLINKS: dict[ToneName, Blink] = {
    "recorded": Blink("recorded", 0.6, 0.1, 1),
    "accepted": Blink("accepted", 0.4, 0.2, 2),
    "see_supervisor": Blink("see_supervisor", 0.25, 0.25, 6),
    "refused": Blink("see_supervisor", 0.1, 0.1, 10),
}
"""A rejection (``soft``) is words on the supervisor's screen; no lamp tells the queue."""


class Lamps:
    """gpiozero flashes in threads of its own; nothing here waits."""

    def __init__(
        self, config: LampsConfig, events: "queue.Queue[Event]", factory: Any = None
    ) -> None:
        self._config = config
        self._events = events
        self._factory = factory
        self._leds: dict[str, dict[LampName, LED]] = {}

    def start(self) -> None:
        """Take the pins; without gpiozero or without pins the lamps are down, and that is all."""
        try:
            import gpiozero  # noqa: PLC0415 - an optional extra
        except ImportError:
            reason = "gpiozero is not installed; pip install 'lianxin[gpio]'"
            self._events.put(PortDown(NAME, reason))
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", gpiozero.PinFactoryFallback)
                for name, pins in {"": self._config, **self._config.readers}.items():
                    self._leds[name] = self._opened(pins)
        except _pin_errors() as error:
            self.stop()
            self._events.put(PortDown(NAME, f"{type(error).__name__}: {error}; see [signals.leds]"))
        else:
            self._events.put(PortUp(NAME))

    def _opened(self, pins: LampPins) -> "dict[LampName, LED]":
        from gpiozero import LED  # noqa: PLC0415 - an optional extra

        return {
            name: LED(pin, active_high=self._config.active_high, pin_factory=self._factory)
            for name, pin in pins.pins().items()
        }

    def say(self, signal: ToneName, reader: str) -> None:
        """Flash the reader's own lamp, or the point's."""
        blink = BLINKS.get(signal)
        if blink is None:
            return
        own, common = self._leds.get(reader, {}), self._leds.get("", {})
        led = own.get(blink.lamp) or common.get(blink.lamp)
        if led is None:
            return
        for other in own.values() if blink.lamp in own else common.values():
            other.off()  # the last signal is the one that counts
        led.blink(blink.on_s, blink.off_s, blink.times)

    def stop(self) -> None:
        """Dark, and the pins free again."""
        for leds in self._leds.values():
            for led in leds.values():
                led.close()
        self._leds = {}


def _pin_errors() -> tuple[type[Exception], ...]:
    """What a pin can raise; lgpio's class is neither an OSError nor one of gpiozero's."""
    from gpiozero import GPIOZeroError  # noqa: PLC0415 - an optional extra

    own = getattr(sys.modules.get("lgpio"), "error", OSError)
    return (GPIOZeroError, OSError, RuntimeError, own)
