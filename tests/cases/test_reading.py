"""A case file says what is wrong with it; a wrong expectation is a failure that names itself."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.cases.__main__ import SAMPLE, main
from tests.cases.reading import CaseFileError, read_cases
from tests.cases.running import as_told
from tests.hub.stores import SqliteStores


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with SqliteStores(tmp_path_factory.mktemp("cases")).fresh(hasty=True) as made:
        yield made


def changed(tmp_path: Path, path: str, value: Any) -> Path:
    """The sample with one value of one place set; the place is a path of keys and numbers."""
    found = json.loads(SAMPLE.read_text(encoding="utf-8"))
    place = found
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in way:
        place = place[key]
    place[last] = value
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("cases.0.steps.0.door", "1-1-1", "C01: steps[0] event: unknown field 'door'"),
        ("cases.0.steps.1.op", "praise", "C01: steps[1] praise: unknown op"),
        ("cases.0.steps.1.value", "fine", "C01: steps[1] verdict.value: found 'fine'"),
        ("cases.0.steps.1.role", "boss", "C01: steps[1] verdict.role: found 'boss'"),
        ("cases.0.steps.0.occurred_at", "2026-05-03T07:10:00", "expected a moment with its offset"),
        ("cases.0.steps.0.grams", 1.5, "C01: steps[0] event.grams: found 1.5"),
        ("cases.0.steps.2.day", "3 May", "C01: steps[2] settle.day: found '3 May'"),
        ("cases.0.steps.2.explain", {"H1": "luck"}, "explain.H1: unknown reason 'luck'"),
        ("cases.0.policies.0.tip_fen", 5, "C01: policies[0]: unknown field 'tip_fen'"),
        ("cases.0.id", "C03", "C03: the id stands there more than once"),
        ("cases.0.mood", "good", "C01: case: unknown field 'mood'"),
        ("cases.0.steps", 5, "C01: has another shape than expected"),
        ("cases.5.generate.note", "many people came", "C12: generate: its words"),
        ("timezone", "UTC", "timezone: found 'UTC'"),
        ("defaults.clock_skew_tolerance_s", 60, "clock_skew_tolerance_s: found 60"),
        ("format", "lianxin-settlement-cases/2", "format: found 'lianxin-settlement-cases/2'"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, path: str, value: Any, said: str) -> None:
    with pytest.raises(CaseFileError) as raised:
        read_cases(changed(tmp_path, path, value))
    assert said in str(raised.value)


def test_a_file_that_cannot_be_read_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("case", "change", "said"),
    [
        ("C01", ("steps", 2, "expect", 0, "fen", 31), "new entries: expected"),
        ("C01", ("steps", 2, "explain", "H1", "day_cap"), "reason shown to H1: expected day_cap"),
        ("C01", ("expect_balances", "H1", "available", 0), "balance of H1"),
        ("C58", ("steps", 1, "expect", "accepted"), "delivery of E1: expected accepted"),
        pytest.param(
            "C12",
            ("steps", 0, "expect_count", 3280),
            "count of entries: expected 3280, got 3281",
            marks=pytest.mark.long,
        ),
        ("C83", ("steps", 3, "expect", 0, "fen", 29), "payouts of 2026-05: expected"),
        ("C83", ("steps", 5, "expect", "void"), "payout of H1: expected void, got posted"),
        ("C92", ("steps", 8, "expect", "duplicate"), "redemption r1: expected duplicate"),
        ("C34", ("steps", 2, "unknown_events", []), "events of unknown cards"),
    ],
)
def test_a_wrong_expectation_fails_with_both_values(
    engine: Engine, case: str, change: tuple[Any, ...], said: str
) -> None:
    told = copy.deepcopy(next(item for item in read_cases(SAMPLE) if item["id"] == case))
    place: Any = told
    *way, last, value = change
    for key in way:
        place = place[key]
    place[last] = value
    failure = as_told(engine, told)
    assert failure is not None
    assert said in str(failure)
    assert failure.case == case


def test_no_part_of_the_hub_reads_an_expected_value() -> None:
    for path in (Path(__file__).parents[2] / "hub").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "settlement_cases" not in text
        assert "expect_balances" not in text
