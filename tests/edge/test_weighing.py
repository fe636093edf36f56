import random

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.readings import WeightFault, WeightRead
from edge.scales.weighing import BinWeighing, Step

PERIOD_MS = 250


class _Scale:
    """A bin fed at 4 Hz with a little noise; ``steps`` collects what the weighing says."""

    def __init__(self, seed: int = 1, noise_g: float = 5, division_g: int = 20) -> None:
        self.random = random.Random(seed)
        self.noise_g = noise_g
        self.weighing = BinWeighing(division_g, noise_g)
        self.up_ms = 0
        self.steps: list[Step] = []

    def hold(self, grams: float, seconds: float, *, stable: bool | None = None) -> None:
        for _ in range(round(seconds * 1000 / PERIOD_MS)):
            self.up_ms += PERIOD_MS
            shown = round(self.random.gauss(grams, self.noise_g))
            self._feed(WeightRead(shown, stable))

    def fault(self, seconds: float) -> None:
        for _ in range(round(seconds * 1000 / PERIOD_MS)):
            self.up_ms += PERIOD_MS
            self._feed(WeightFault("overload"))

    def _feed(self, reading: WeightRead | WeightFault) -> None:
        step = self.weighing.feed(self.up_ms, reading)
        if step is not None:
            self.steps.append(step)


@settings(max_examples=60)
@given(
    st.lists(st.integers(300, 6000), min_size=1, max_size=6), st.integers(0, 10_000), st.booleans()
)
def test_every_deposit_is_found_once_with_its_weight(
    bags: list[int], seed: int, impact: bool
) -> None:
    scale, level = _Scale(seed), 4000.0
    scale.hold(level, 3)
    for bag in bags:
        if impact:
            scale.hold(level + bag * 2, 0.5)
        level += bag
        scale.hold(level, 4)
    assert [step.kind for step in scale.steps] == ["deposit"] * len(bags)
    assert all(abs(step.grams - bag) <= 40 for step, bag in zip(scale.steps, bags, strict=True))
    assert {step.quality for step in scale.steps} == {"clean"}


def test_movement_begins_when_it_began_not_when_it_was_understood() -> None:
    scale = _Scale()
    scale.hold(1000, 3)
    before = scale.up_ms
    scale.hold(2500, 4)
    assert before < scale.steps[0].moved_up_ms <= before + 2 * PERIOD_MS


def test_emptied_and_removed_are_told_apart() -> None:
    scale = _Scale()
    for level in (20_000, 0, 1500, 600):
        scale.hold(level, 4)
    assert [(step.kind, round(step.grams, -2)) for step in scale.steps] == [
        ("emptied", 20_000),
        ("deposit", 1500),
        ("removed", 900),
    ]


def test_drift_and_noise_invent_nothing_for_four_hours() -> None:
    scale = _Scale(noise_g=6)
    for second in range(3600):
        scale.hold(5000 + second * 4 * 900 / 3600, 4)
    assert scale.steps == []


def test_a_step_across_a_gap_is_marked() -> None:
    scale = _Scale()
    scale.hold(1000, 3)
    scale.up_ms += 6000
    scale.hold(2500, 4)
    scale.hold(4000, 4)
    assert [step.quality for step in scale.steps] == ["gap", "clean"]


def test_a_fault_is_not_a_weight_and_marks_what_follows() -> None:
    scale = _Scale()
    scale.hold(1000, 3)
    scale.fault(6)
    assert scale.weighing.state == "faulty"
    scale.hold(2500, 4)
    assert [(step.kind, step.quality) for step in scale.steps] == [("deposit", "gap")]


def test_an_unstable_flag_is_believed() -> None:
    scale = _Scale()
    scale.hold(1000, 3)
    scale.hold(2500, 5, stable=False)
    assert scale.steps == []
    scale.hold(2500, 3, stable=True)
    assert len(scale.steps) == 1


def test_after_a_restart_the_first_level_is_no_deposit() -> None:
    scale = _Scale()
    scale.hold(30_000, 5)
    assert scale.steps == []
    assert scale.weighing.state == "ok"


def test_a_scale_that_stops_speaking_is_silent() -> None:
    scale = _Scale()
    scale.hold(1000, 3)
    scale.weighing.silence(scale.up_ms + 5001)
    assert scale.weighing.state == "silent"
