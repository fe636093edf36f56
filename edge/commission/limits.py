"""What the scale of a bin must do to be accepted; pure.

The bounds are those of the plateau method: a division of at most 50 g, five readings a plateau at
1.5 a second, a smallest deposit of max(3e, 6σ, 0.2 kg). Noise may lift that to 0.3 kg and no
further: the method was tried with deposits of 0.3 kg and more. A deposit earns by happening and
not by its kilograms, so the error may be 2 %: more than that is a wrong register profile or a bin
that touches something.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

from edge.scales.weighing import WINDOW_SAMPLES, BinWeighing

LARGEST_DIVISION_G = 50
LARGEST_STEP_G = 300
SLOWEST_SWEEP_HZ = 1.5
ERROR_SHARE = 0.02
DISTINCT_VALUES = 3
"""So many values of one resting scale show its division."""


class Neighbour(BaseModel):
    """Another scale that moved with the weight."""

    model_config = ConfigDict(frozen=True)

    label: str
    grams: int


class Measured(BaseModel):
    """What was found under one bin; kept between sessions and printed on the sheet."""

    model_config = ConfigDict(frozen=True)

    bin_no: int
    source: str
    at_ms: int
    weight_g: int
    division_g: int
    idle_ms: int
    idle_readings: int
    sigma_g: float
    shown_step_g: int | None
    error_g: float
    drift_g: float
    rate_hz: float
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def step_g(self) -> float:
        """The smallest deposit that will be seen."""
        return self._weighing.step_g

    @property
    def error_limit_g(self) -> float:
        """Either way."""
        return max(2 * self.division_g, ERROR_SHARE * self.weight_g)

    @property
    def drift_limit_g(self) -> float:
        """An empty bin must come back to what the weighing takes for the same level."""
        return self._weighing.tolerance_g

    @property
    def _weighing(self) -> BinWeighing:
        return BinWeighing(self.division_g, self.sigma_g)


def shown_step_g(grams: Sequence[int]) -> int | None:
    """The division a resting scale shows; None when it rests too well to tell."""
    values = sorted(set(grams))
    if len(values) < DISTINCT_VALUES:
        return None
    return math.gcd(*(second - first for first, second in pairwise(values)))


def reasons(found: Measured) -> list[str]:
    """Why the bin cannot be accepted, each with what to do; empty = pass."""
    return [*_scale_reasons(found), *_weight_reasons(found)]


def _scale_reasons(found: Measured) -> list[str]:
    out = []
    if found.division_g > LARGEST_DIVISION_G:
        out.append(
            f"e is {found.division_g} g, at most {LARGEST_DIVISION_G}: set a finer division"
            " at the scale and in division_g"
        )
    if found.shown_step_g is not None and found.shown_step_g > found.division_g:
        out.append(
            f"shows steps of {found.shown_step_g} g, but division_g is {found.division_g}:"
            " correct the scale or division_g"
        )
    if found.idle_readings < WINDOW_SAMPLES:
        out.append(
            f"{found.idle_readings} readings in {found.idle_ms / 1000:.0f} s at rest, at least"
            f" {WINDOW_SAMPLES}: noise is unknown; let the scale speak oftener, or give more --idle"
        )
    elif found.step_g > LARGEST_STEP_G:
        out.append(
            f"noise {found.sigma_g:.1f} g makes the smallest deposit {found.step_g:.0f} g, at most"
            f" {LARGEST_STEP_G}: look for wind, a loose cable, a bin that touches something"
        )
    if found.rate_hz < SLOWEST_SWEEP_HZ:
        out.append(
            f"{found.rate_hz:.1f} readings a second, at least {SLOWEST_SWEEP_HZ}: raise baudrate,"
            " lower sweep_ms, split the bus, or shorten the scale's interval"
        )
    return out


def _weight_reasons(found: Measured) -> list[str]:
    out = []
    if abs(found.error_g) > found.error_limit_g:
        out.append(
            f"error {found.error_g:+.0f} g, at most {found.error_limit_g:.0f}: calibrate the scale,"
            " check unit or grams_per_count, free the bin"
        )
    if abs(found.drift_g) > found.drift_limit_g:
        out.append(
            f"{found.drift_g:+.0f} g from zero after removal, at most {found.drift_limit_g:.0f}:"
            " the bin jams or the cell creeps"
        )
    out += [
        f"{other.label} moved with it by {other.grams:+d} g: the bins touch or share a platform"
        for other in found.neighbours
    ]
    return out
