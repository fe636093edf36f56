"""What lies in one bin, as its scale feels it: damped impacts, noise, the scale's division."""

import math
import random
import time
from dataclasses import dataclass

from device_sim.devices.modbus import Reading

SETTLED_S = 1.2
"""After this long an impact no longer shows at a division of 20 g."""
RING_HZ = 4.0
DAMPING_S = 0.25
CAPACITY_G = 150_000


@dataclass(frozen=True)
class Drop:
    """Something lands at a moment; negative grams leave."""

    at_s: float
    grams: int


class BinLoad:
    """The weight of one bin over time. Drops may be announced ahead of their moment."""

    def __init__(self, *, empty_g: int, division_g: int, noise_g: float, seed: int) -> None:
        self._drops: tuple[Drop, ...] = (Drop(-math.inf, empty_g),)
        self._division_g = division_g
        self._noise_g = noise_g
        self._noise = random.Random(seed)  # noqa: S311 - a scale's noise, no secret

    def drop(self, at_s: float, grams: int) -> None:
        self._drops = (*self._drops, Drop(at_s, grams))

    def moving(self, now_s: float) -> bool:
        """An impact is still ringing."""
        return any(0 <= now_s - drop.at_s < SETTLED_S for drop in self._drops)

    def level_g(self, now_s: float) -> int:
        """The true weight, without ringing or noise."""
        return sum(drop.grams for drop in self._drops if drop.at_s <= now_s)

    def read(self, now_s: float) -> Reading:
        """What the scale shows now; it never shows a finer step than its division."""
        felt = sum(_felt_g(drop, now_s - drop.at_s) for drop in self._drops)
        shown = round((felt + self._noise.gauss(0, self._noise_g)) / self._division_g)
        grams = shown * self._division_g
        return Reading(grams, stable=not self.moving(now_s), overload=felt > CAPACITY_G)


def _felt_g(drop: Drop, age_s: float) -> float:
    if age_s < 0:
        return 0.0
    if age_s > 4 * SETTLED_S:
        return drop.grams
    ring = math.exp(-age_s / DAMPING_S) * math.cos(2 * math.pi * RING_HZ * age_s)
    return drop.grams * (1 - ring)


class Scale:
    """A scale's electronics over one load: its zero, and its silence while it starts."""

    def __init__(self, load: BinLoad) -> None:
        self.load = load
        self.tare_g = 0
        self._quiet_until_s = -math.inf

    @property
    def booting(self) -> bool:
        return time.monotonic() < self._quiet_until_s

    def restart(self, tare_g: int, boot_s: float = 0.3) -> None:
        """As after a power cut: silent at first, then every weight is less by the new tare."""
        self._quiet_until_s = time.monotonic() + boot_s
        self.tare_g = tare_g

    def read(self) -> Reading:
        """What the display shows."""
        felt = self.load.read(time.monotonic())
        return Reading(felt.grams - self.tare_g, felt.stable, felt.overload)
