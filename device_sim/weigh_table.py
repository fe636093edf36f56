"""``lianxin-sim weigh-table``: how well a point weighs, by division and noise of its scales.

The stream is a model, not a real bin: 5 readings a second, an impact that rings and dies out,
normal noise, the display's division, a drift of 0.2 kg an hour. The point's own program weighs it.
"""

import json
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import fmean, quantiles

HZ = 5
DRIFT_G_PER_S = 200 / 3600
DEPOSIT_G = (300, 3000)
APART_S = (6.0, 40.0)
RING_HZ, DAMPING_S, RINGS_S = 4.0, 0.25, 2.0
FOUND_WITHIN_MS = 3000
ROWS = ((10, 3.0), (50, 15.0), (50, 50.0), (100, 30.0), (200, 60.0))
"""Division and noise in grams, as in the table that this reproduces."""


@dataclass(frozen=True)
class Drop:
    """What lands, and when."""

    at_s: float
    grams: int


@dataclass
class Outcome:
    """One row of the table."""

    division_g: int
    noise_g: float
    deposits: int
    missed: int = 0
    false: int = 0
    errors_g: list[float] = field(default_factory=list)

    @property
    def mean_g(self) -> float:
        """Mean absolute error of what was found."""
        return fmean(self.errors_g) if self.errors_g else 0.0

    @property
    def p99_g(self) -> float:
        """One deposit in a hundred is weighed worse than this."""
        return quantiles(self.errors_g, n=100)[98] if len(self.errors_g) > 1 else 0.0

    def line(self) -> str:
        """As the table prints it."""
        return (
            f"{self.division_g:>6} g {self.noise_g:>6.0f} g {self.deposits:>9} {self.missed:>7}"
            f" {self.false:>6} {self.mean_g:>9.0f} g {self.p99_g:>7.0f} g"
        )


HEADING = (
    f"{'e':>8} {'noise σ':>8} {'deposits':>9} {'missed':>7} {'false':>6} {'mean':>11} {'p99':>9}"
)


def table(deposits: int, seed: int) -> Iterator[Outcome]:
    """The rows, one run of the point's program each."""
    for division_g, noise_g in ROWS:
        yield run(division_g, noise_g, deposits, seed)


def run(division_g: int, noise_g: float, deposits: int, seed: int) -> Outcome:
    """One scale, weighed by the point's program in a process of its own."""
    luck = random.Random(f"{seed} {division_g} {noise_g}")  # noqa: S311 - a scale's noise
    drops = _drops(deposits, luck)
    words = [sys.executable, "-m", "edge", "weigh", "--division-g", str(division_g)]
    done = subprocess.run(
        [*words, "--noise-g", str(noise_g)],
        input="".join(_stream(drops, division_g, noise_g, luck)),
        capture_output=True,
        text=True,
        check=True,
    )
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    return compare(drops, steps, Outcome(division_g, noise_g, deposits))


def compare(drops: list[Drop], steps: list[dict[str, object]], outcome: Outcome) -> Outcome:
    """Each deposit belongs to the step that began with it; every other step is false."""
    left = {number: step for number, step in enumerate(steps) if step["kind"] == "deposit"}
    outcome.false = len(steps) - len(left)
    for drop in drops:
        at_ms = drop.at_s * 1000
        near = (
            number
            for number, step in left.items()
            if -1000 <= float(str(step["moved_up_ms"])) - at_ms <= FOUND_WITHIN_MS
        )
        number = next(near, None)
        if number is None:
            outcome.missed += 1
        else:
            grams = float(str(left.pop(number)["grams"]))
            outcome.errors_g.append(abs(grams - drop.grams))
    outcome.false += len(left)
    return outcome


def _drops(count: int, luck: random.Random) -> list[Drop]:
    drops, at_s = [], 10.0
    for _ in range(count):
        drops.append(Drop(at_s, luck.randint(*DEPOSIT_G)))
        at_s += luck.uniform(*APART_S)
    return drops


def _stream(
    drops: list[Drop], division_g: int, noise_g: float, luck: random.Random
) -> Iterator[str]:
    """Milliseconds and grams, a line each."""
    waiting, ringing, level_g = list(reversed(drops)), list[Drop](), 5000.0
    for tick in range(round((drops[-1].at_s + 10) * HZ)):
        now_s = tick / HZ
        while waiting and waiting[-1].at_s <= now_s:
            ringing.append(waiting.pop())
        level_g += sum(drop.grams for drop in ringing if now_s - drop.at_s > RINGS_S)
        ringing = [drop for drop in ringing if now_s - drop.at_s <= RINGS_S]
        felt_g = level_g + DRIFT_G_PER_S * now_s + sum(_felt_g(drop, now_s) for drop in ringing)
        shown = round(luck.gauss(felt_g, noise_g) / division_g) * division_g
        yield f"{round(now_s * 1000)} {shown}\n"


def _felt_g(drop: Drop, now_s: float) -> float:
    age_s = now_s - drop.at_s
    ring = math.exp(-age_s / DAMPING_S) * math.cos(2 * math.pi * RING_HZ * age_s)
    return drop.grams * (1 - ring)
