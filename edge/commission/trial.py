"""One bin's trial: a known weight goes in and comes out, and every scale is watched; pure."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from edge.readings import WeightFault, WeightRead
from edge.scales.weighing import WINDOW_SAMPLES, BinWeighing

Stage = Literal["waiting", "holding", "loaded", "emptying", "done"]
KEPT_SAMPLES = 400
LOOK_BACK_MS = 10_000
APPROACH_MS = 300
"""A hand is felt before the weight is."""
TOGETHER_MS = 2000


@dataclass(frozen=True)
class Sample:
    """One reading of one scale."""

    up_ms: int
    grams: int


@dataclass(frozen=True)
class Moved:
    """A scale came to rest on another level; ``grams`` is signed."""

    grams: int
    moved_up_ms: int
    before_g: float


class Scale:
    """One scale after its rest was measured; it knows its own noise."""

    def __init__(self, division_g: int, idle: Iterable[Sample]) -> None:
        self.idle = tuple(idle)
        self.sigma_g = stdev([s.grams for s in self.idle]) if len(self.idle) > 1 else 0.0
        self.fault: WeightFault | None = None
        self.samples: deque[Sample] = deque(maxlen=KEPT_SAMPLES)
        self._weighing = BinWeighing(division_g, self.sigma_g)
        for sample in self.idle:
            self.feed(sample.up_ms, WeightRead(sample.grams))

    def feed(self, up_ms: int, reading: WeightRead | WeightFault) -> Moved | None:
        """What this reading completes. Samples begin again at every new level."""
        step = self._weighing.feed(up_ms, reading)
        self.fault = reading if isinstance(reading, WeightFault) else None
        moved = None
        if step is not None:
            signed_g = step.grams if step.kind == "deposit" else -step.grams
            moved = Moved(signed_g, step.moved_up_ms, self._before_g(step.moved_up_ms))
            self.samples.clear()
        if isinstance(reading, WeightRead):
            self.samples.append(Sample(up_ms, reading.grams))
        return moved

    def _before_g(self, moved_up_ms: int) -> float:
        first_ms, last_ms = moved_up_ms - LOOK_BACK_MS, moved_up_ms - APPROACH_MS
        near = [s.grams for s in self.samples if first_ms <= s.up_ms < last_ms]
        return fmean(near or [s.grams for s in self.idle] or [0])


@dataclass(frozen=True)
class Result:
    """Levels in grams, means of a plateau each; ``neighbours`` moved at the same time."""

    channel: int
    before_g: float
    loaded_g: float
    after_g: float
    rate_hz: float
    neighbours: tuple[tuple[int, int], ...]


class Trial:
    """Feed every reading of every scale; the weight tells by itself which scale it is on."""

    def __init__(self, scales: Mapping[int, Scale], weight_g: int, hold_ms: int) -> None:
        self.stage: Stage = "waiting"
        self.channel: int | None = None
        self.cut_short = False
        self._scales = scales
        self._enough_g = weight_g / 2
        self._hold_ms = hold_ms
        self._steps: list[tuple[int, Moved]] = []
        self._put_in = Moved(0, 0, 0)
        self._since_ms = 0
        self._loaded_g = self._rate_hz = 0.0

    def feed(self, channel: int, up_ms: int, reading: WeightRead | WeightFault) -> None:
        """One reading; ``stage`` may be another afterwards."""
        moved = self._scales[channel].feed(up_ms, reading)
        if moved is not None:
            self._steps.append((channel, moved))
            self._react(channel, up_ms, moved)
        elif channel == self.channel:
            self._hold(up_ms, self._scales[channel].samples)

    def _react(self, channel: int, up_ms: int, moved: Moved) -> None:
        if self.stage == "waiting" and moved.grams >= self._enough_g:
            self.stage, self.channel, self.cut_short = "holding", channel, False
            self._put_in, self._since_ms = moved, up_ms
        elif channel == self.channel and moved.grams <= -self._enough_g:
            self._since_ms = up_ms
            if self.stage == "loaded":
                self.stage = "emptying"
            elif self.stage == "holding":
                self.stage, self.channel, self.cut_short = "waiting", None, True

    def _hold(self, up_ms: int, samples: "deque[Sample]") -> None:
        if up_ms - self._since_ms < self._hold_ms or len(samples) < WINDOW_SAMPLES:
            return
        if self.stage == "holding":
            self._loaded_g = fmean(s.grams for s in samples)
            self._rate_hz = (len(samples) - 1) * 1000 / (samples[-1].up_ms - samples[0].up_ms)
            self.stage = "loaded"
        elif self.stage == "emptying":
            self.stage = "done"

    def result(self) -> Result:
        """Of a trial that is done."""
        if self.stage != "done" or self.channel is None:
            msg = f"trial is {self.stage}, expected done"
            raise ValueError(msg)
        return Result(
            channel=self.channel,
            before_g=self._put_in.before_g,
            loaded_g=self._loaded_g,
            after_g=fmean(s.grams for s in self._scales[self.channel].samples),
            rate_hz=self._rate_hz,
            neighbours=self.neighbours(),
        )

    def neighbours(self) -> tuple[tuple[int, int], ...]:
        """Scales that moved when the weight was put in, and by how much."""
        began_ms = self._put_in.moved_up_ms
        return tuple(
            (channel, moved.grams)
            for channel, moved in self._steps
            if channel != self.channel and abs(moved.moved_up_ms - began_ms) <= TOGETHER_MS
        )
