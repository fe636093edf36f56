"""From readings to deposits: the plateau difference of one bin, pure.

A plateau is a window whose spread is within the tolerance and none of whose readings says
"unstable"; its level is the median. The step between two plateaus is what happened to the bin.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median_low
from typing import Literal

from edge.readings import WeightFault, WeightRead

WINDOW_MS = 1000
WINDOW_SAMPLES = 5
GAP_MS = 5000
EMPTIED_G = 3000
DRIFT_G_PER_S = 5000 / 3600
"""Slower than a slow pour, of which the baseline must not swallow much; a scale that drifts 5 kg
an hour in sun or rain makes a false step every three minutes under 1 kg/h, and none under this."""
BACK_MS = 15_000
TOGETHER_MS = 1000
TOGETHER_BINS = 4
"""So many bins within a second are moved by wind or a lorry, not by hands."""


@dataclass(frozen=True)
class Step:
    """A change of a bin's level; ``grams`` is positive, ``kind`` says which way.

    ``undoes_up_ms`` names the movement that this one takes back: who leaned on a bin and went, or
    lifted it and set it down, left nothing in it.
    """

    kind: Literal["deposit", "emptied", "removed"]
    grams: int
    level_g: int
    moved_up_ms: int
    quality: Literal["clean", "gap"]
    undoes_up_ms: int | None = None


@dataclass
class BinWeighing:
    """One bin's scale: its division, its idle noise, and what it has seen so far."""

    division_g: int
    noise_g: float
    level_g: int | None = None
    state: Literal["ok", "moving", "faulty", "silent"] = "silent"
    _baseline_g: float | None = None
    _window: deque[tuple[int, int, bool]] = field(default_factory=deque)
    _last_good_ms: int | None = None
    _settled_ms: int | None = None
    _moved_ms: int | None = None
    _gap: bool = False
    _last_step: Step | None = None
    _moves_ms: deque[int] = field(default_factory=lambda: deque(maxlen=8))

    @property
    def tolerance_g(self) -> float:
        """Largest spread of a plateau."""
        return max(2 * self.division_g, 6 * self.noise_g)

    @property
    def step_g(self) -> float:
        """Smallest change that is more than noise."""
        return max(3 * self.division_g, 6 * self.noise_g, 200)

    def feed(self, up_ms: int, reading: WeightRead | WeightFault) -> Step | None:
        """The step that this reading completes, if any. ``up_ms`` must not run backwards."""
        if isinstance(reading, WeightFault):
            self.state = "faulty"
            self._gap = True
            self._window.clear()
            return None
        if self._last_good_ms is not None and up_ms - self._last_good_ms > GAP_MS:
            self._gap = True
            self._window.clear()
        self._last_good_ms = up_ms
        self.level_g = reading.grams
        self._window.append((up_ms, reading.grams, reading.stable is False))
        while len(self._window) > WINDOW_SAMPLES and up_ms - self._window[0][0] > WINDOW_MS:
            self._window.popleft()
        level_g = self._plateau()
        if level_g is None:
            self._note_movement(up_ms, reading)
            return None
        self.state = "ok"
        self.level_g = level_g
        return self._settle(up_ms, level_g)

    def interrupted(self) -> None:
        """Its line was away, however shortly: what comes back may have another tare."""
        self._gap = True
        self._window.clear()

    def silence(self, up_ms: int) -> None:
        """Call now and then: a scale that says nothing for 5 s is silent, not steady."""
        if self._last_good_ms is None or up_ms - self._last_good_ms > GAP_MS:
            self.state = "silent" if self.state != "faulty" else "faulty"

    def moved_near(self, up_ms: int) -> bool:
        """Whether a movement began within a second of this moment."""
        return any(abs(moved_ms - up_ms) <= TOGETHER_MS for moved_ms in self._moves_ms)

    def _plateau(self) -> int | None:
        if len(self._window) < WINDOW_SAMPLES or any(moving for _, _, moving in self._window):
            return None
        grams = [value for _, value, _ in self._window]
        return median_low(grams) if max(grams) - min(grams) <= self.tolerance_g else None

    def _note_movement(self, up_ms: int, reading: WeightRead) -> None:
        away = self._baseline_g is not None and (
            abs(reading.grams - self._baseline_g) > self.tolerance_g or reading.stable is False
        )
        if away:
            self.state = "moving"
            if self._moved_ms is None:
                self._moved_ms = up_ms
                self._moves_ms.append(up_ms)

    def _settle(self, up_ms: int, level_g: int) -> Step | None:
        moved_ms, gap = self._moved_ms, self._gap
        since_ms = up_ms - (self._settled_ms if self._settled_ms is not None else up_ms)
        self._settled_ms, self._moved_ms, self._gap = up_ms, None, False
        if self._baseline_g is None:
            self._baseline_g = level_g
            return None
        change_g = level_g - self._baseline_g
        if abs(change_g) < self.step_g:
            most = DRIFT_G_PER_S * since_ms / 1000
            self._baseline_g += max(-most, min(most, change_g))
            return None
        self._baseline_g = level_g
        kind: Literal["deposit", "emptied", "removed"] = "deposit"
        if change_g < 0:
            kind = "emptied" if change_g <= -EMPTIED_G else "removed"
        step = Step(
            kind=kind,
            grams=round(abs(change_g)),
            level_g=level_g,
            moved_up_ms=moved_ms if moved_ms is not None else self._window[0][0],
            quality="gap" if gap else "clean",
        )
        return self._paired(step)

    def _paired(self, step: Step) -> Step:
        """A step that takes back the last one is named so, and neither pairs again."""
        last, self._last_step = self._last_step, step
        if last is None or not _opposite(last, step, self.tolerance_g):
            return step
        self._last_step = None
        if step.kind == "deposit":
            return replace(step, quality="gap", undoes_up_ms=last.moved_up_ms)
        return replace(step, kind="removed", undoes_up_ms=last.moved_up_ms)


def moved_together(step: Step, others: Iterable[BinWeighing]) -> bool:
    """Whether so many other bins began to move with this one that no hand did it."""
    near = sum(other.moved_near(step.moved_up_ms) for other in others)
    return near >= TOGETHER_BINS - 1


def _opposite(first: Step, second: Step, tolerance_g: float) -> bool:
    return (
        (first.kind == "deposit") != (second.kind == "deposit")
        and second.moved_up_ms - first.moved_up_ms <= BACK_MS
        and abs(first.grams - second.grams) <= tolerance_g
    )
