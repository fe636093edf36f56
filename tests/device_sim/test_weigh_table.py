"""The accuracy table, by the point's own program in a process of its own."""

import pytest

from device_sim.weigh_table import Drop, Outcome, compare, run


@pytest.mark.parametrize(
    ("division_g", "noise_g", "mean_g", "p99_g"), [(10, 3.0, 6, 20), (50, 15.0, 30, 90)]
)
def test_with_a_fine_division_nothing_is_missed_or_invented(
    division_g: int, noise_g: float, mean_g: float, p99_g: float
) -> None:
    outcome = run(division_g, noise_g, deposits=120, seed=2)
    assert (outcome.missed, outcome.false) == (0, 0)
    assert outcome.mean_g <= mean_g
    assert outcome.p99_g <= p99_g


def test_a_coarse_division_misses_some() -> None:
    outcome = run(200, 60.0, deposits=200, seed=1)
    assert 0 < outcome.missed < 40


def test_what_nobody_threw_is_false_and_what_was_not_found_is_missed() -> None:
    drops = [Drop(10.0, 500), Drop(20.0, 700)]
    steps: list[dict[str, object]] = [
        {"kind": "deposit", "moved_up_ms": 10_200, "grams": 520},
        {"kind": "deposit", "moved_up_ms": 15_000, "grams": 300},
        {"kind": "removed", "moved_up_ms": 20_100, "grams": 300},
    ]
    outcome = compare(drops, steps, Outcome(10, 3, 2))
    assert (outcome.missed, outcome.false, outcome.errors_g) == (1, 2, [20])
