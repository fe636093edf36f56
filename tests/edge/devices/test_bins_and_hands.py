"""Hands, wind and lorries at the bins: what is a deposit and what only looks like one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.bins import Bins
from edge.config import BinConfig
from edge.events import Weights
from edge.readings import WeightFault, WeightRead
from edge.scales.weighing import BinWeighing, Step
from tests.edge.points import Point
from wire.base import WireModel
from wire.facts import Deposit, Removed

PERIOD_MS = 250


class Yard:
    """Fourteen bins at 4 Hz; ``levels`` is what lies in them."""

    def __init__(self, seed: int = 1, bins: int = 14) -> None:
        self.luck = random.Random(seed)
        self.levels = dict.fromkeys(range(1, bins + 1), 5000.0)
        self.bins = Bins(
            BinConfig(no=no, category="other", bus="b", slave=no, noise_g=5) for no in self.levels
        )
        self.up_ms = 0
        self.facts: list[WireModel] = []

    def hold(self, seconds: float, shake_g: float = 0) -> list[WireModel]:
        """Time passes; returns what was recorded meanwhile."""
        before = len(self.facts)
        for _ in range(round(seconds * 1000 / PERIOD_MS)):
            self.up_ms += PERIOD_MS
            readings = tuple(
                (no, WeightRead(round(self.luck.gauss(grams, 5 + shake_g))))
                for no, grams in self.levels.items()
            )
            self.facts += self.bins.feed(Weights(readings, self.up_ms))
        return self.facts[before:]


def one_bin(levels: list[tuple[float, float]], seed: int = 1) -> list[Step]:
    """Seconds and grams, one after the other, on one bin."""
    luck, weighing, steps, up_ms = random.Random(seed), BinWeighing(20, 5), [], 0
    for seconds, grams in levels:
        for _ in range(round(seconds * 1000 / PERIOD_MS)):
            up_ms += PERIOD_MS
            step = weighing.feed(up_ms, WeightRead(round(luck.gauss(grams, 5))))
            steps += [step] if step is not None else []
    return steps


@settings(max_examples=40)
@given(st.integers(300, 60_000), st.floats(3, 12), st.integers(0, 999))
def test_who_leans_on_a_bin_and_goes_has_taken_it_back(
    grams: int, seconds: float, seed: int
) -> None:
    first, second = one_bin([(4, 5000), (seconds, 5000 + grams), (4, 5000)], seed)
    assert (first.kind, second.kind) == ("deposit", "removed")
    assert second.undoes_up_ms == first.moved_up_ms


@settings(max_examples=40)
@given(st.integers(1000, 60_000), st.floats(3, 12), st.integers(0, 999))
def test_a_bin_lifted_and_set_down_is_no_clean_deposit(
    grams: int, seconds: float, seed: int
) -> None:
    first, second = one_bin([(4, 70_000), (seconds, 70_000 - grams), (4, 70_000)], seed)
    assert first.kind in ("emptied", "removed")
    assert (second.kind, second.quality) == ("deposit", "gap")


def test_a_bag_put_in_stays_one_when_something_else_goes_out_or_later() -> None:
    other = one_bin([(4, 5000), (5, 6000), (4, 5400)])
    assert [(step.kind, step.undoes_up_ms) for step in other] == [
        ("deposit", None),
        ("removed", None),
    ]
    late = one_bin([(4, 5000), (20, 6000), (4, 5000)])
    assert [step.undoes_up_ms for step in late] == [None, None]


def test_who_leans_twice_has_taken_both_back() -> None:
    steps = one_bin([(4, 5000), (4, 6000), (4, 5000), (4, 6000), (4, 5000)])
    assert [step.kind for step in steps] == ["deposit", "removed"] * 2
    assert [step.quality for step in steps] == ["clean"] * 4
    assert [step.undoes_up_ms is not None for step in steps] == [False, True] * 2


def test_what_was_taken_back_leaves_its_visit() -> None:
    yard, point = Yard(), Point()
    yard.hold(4)
    point.up_ms = yard.up_ms
    visit = point.tap(1)
    yard.levels[3] += 800
    (deposit,) = yard.hold(4)
    point.up_ms = yard.up_ms
    facts = point.record(deposit)
    assign = yard.bins.assignment(facts, point.state, point.settings)
    assert assign is not None
    assert assign.visit == visit
    point.record(assign)
    yard.levels[3] -= 800
    (removed,) = yard.hold(4)
    assert isinstance(removed, Removed)
    assign = yard.bins.assignment(point.record(removed), point.state, point.settings)
    assert assign is not None
    assert (assign.deposit, assign.visit, assign.doubt) == (facts[0].id, None, "no_visit")
    yard.levels[3] -= 600
    (later,) = yard.hold(4)
    assert yard.bins.assignment(point.record(later), point.state, point.settings) is None


@pytest.mark.parametrize("seed", range(5))
def test_a_gust_that_presses_on_the_lids_puts_nothing_in(seed: int) -> None:
    yard = Yard(seed)
    yard.hold(4)
    for no in yard.levels:
        yard.levels[no] += yard.luck.randint(300, 900)
    assert yard.hold(6) == []
    for no in yard.levels:
        yard.levels[no] = 5000
    assert yard.hold(6) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_lorry_shakes_the_bins_and_a_bag_after_it_is_found(seed: int) -> None:
    yard = Yard(seed)
    yard.hold(4)
    assert yard.hold(8, shake_g=400) == []
    assert yard.hold(4) == []
    yard.levels[9] += 900
    (fact,) = yard.hold(4)
    assert isinstance(fact, Deposit)
    assert (fact.bin, fact.quality) == (9, "clean")


@pytest.mark.parametrize("seed", range(5))
def test_three_hands_at_three_bins_are_three_deposits(seed: int) -> None:
    yard = Yard(seed)
    yard.hold(4)
    for no in (2, 7, 11):
        yard.levels[no] += 1000
    facts = yard.hold(4)
    assert sorted(fact.bin for fact in facts if isinstance(fact, Deposit)) == [2, 7, 11]


def test_bags_six_seconds_apart_are_told_apart() -> None:
    levels = [(4.0, 5000.0)] + [(6.0, 5000.0 + 700 * bag) for bag in range(1, 30)]
    steps = one_bin(levels)
    assert [step.kind for step in steps] == ["deposit"] * 29


def test_a_slow_pour_is_found_and_a_fast_drift_is_not() -> None:
    pour = [(4.0, 5000.0)] + [(0.25, 5000 + 2.5 * part) for part in range(400)] + [(4.0, 6000.0)]
    assert sum(step.grams for step in one_bin(pour)) >= 800
    drift = [(0.25, 5000 + part * 5000 / 3600 / 4) for part in range(4 * 3600)]
    assert one_bin(drift) == [], "5 kg an hour, as in sun or rain"


def test_a_short_fault_marks_the_step_across_it_and_no_other() -> None:
    weighing, up_ms, steps = BinWeighing(20, 5), 0, []
    stream: list[tuple[int, WeightRead | WeightFault]] = [(8, WeightRead(1000))]
    stream += [(2, WeightFault("offline")), (8, WeightRead(2000)), (8, WeightRead(3000))]
    for count, reading in stream:
        for _ in range(count):
            up_ms += PERIOD_MS
            step = weighing.feed(up_ms, reading)
            steps += [step] if step is not None else []
    assert [step.quality for step in steps] == ["gap", "clean"]
