"""The rules of a commissioning without any port: verdicts, trials, the edited file."""

import tomllib
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.commission.limits import Measured, Neighbour, reasons, shown_step_g
from edge.commission.sheet import Sheet, table, text
from edge.commission.trial import Sample, Scale, Trial
from edge.commission.wiring import Channel, edited, exchange
from edge.config import BinConfig
from edge.readings import WeightFault, WeightRead

GOOD = Measured(
    bin_no=7, source="bus-1 address 7", at_ms=1_795_276_800_000, weight_g=5000, division_g=20,
    idle_ms=10_000, idle_readings=50, sigma_g=8.0, shown_step_g=20, error_g=12.0, drift_g=-3.0,
    rate_hz=2.2,
)  # fmt: skip


@pytest.mark.parametrize(
    ("good", "bad", "word"),
    [
        ({"division_g": 50}, {"division_g": 51}, "e is"),
        ({"shown_step_g": None}, {"shown_step_g": 50}, "steps of 50 g"),
        ({"sigma_g": 50.0}, {"sigma_g": 50.1}, "smallest deposit 301 g"),
        ({"idle_readings": 5}, {"idle_readings": 4}, "noise is unknown"),
        ({"rate_hz": 1.5}, {"rate_hz": 1.49}, "at least 1.5"),
        ({"error_g": -100.0}, {"error_g": -100.1}, "error"),
        ({"drift_g": 48.0}, {"drift_g": 48.1}, "from zero"),
        ({}, {"neighbours": (Neighbour(label="x", grams=300),)}, "x moved with it"),
    ],
)  # fmt: skip
def test_each_bound_holds_exactly(
    good: dict[str, object], bad: dict[str, object], word: str
) -> None:
    assert reasons(GOOD.model_copy(update=good)) == []
    (reason,) = reasons(GOOD.model_copy(update=bad))
    assert word in reason


def test_the_smallest_deposit_is_that_of_the_weighing() -> None:
    steps = [(20, 8.0, 200), (50, 20.0, 200), (50, 45.0, 270), (100, 10.0, 300)]
    for division_g, sigma_g, expected in steps:
        found = GOOD.model_copy(update={"division_g": division_g, "sigma_g": sigma_g})
        assert found.step_g == expected


def test_a_resting_scale_shows_its_division() -> None:
    assert shown_step_g([9000, 9050, 8950, 9000]) == 50
    assert shown_step_g([9000, 9020]) is None


def rested(grams: int = 9000) -> Scale:
    return Scale(20, [Sample(100 * n, grams + 20 * (n % 2)) for n in range(50)])


def play(trial: Trial, *acts: tuple[float, dict[int, int]]) -> list[str]:
    """Readings of 10 a second; each act is seconds and the weight on each scale."""
    stages: list[str] = []
    clock = count(6000, 100)
    for seconds, weights in acts:
        for _ in range(round(seconds * 10)):
            up_ms = next(clock)
            for channel, grams in weights.items():
                trial.feed(channel, up_ms, WeightRead(grams))
                if trial.stage not in stages[-1:]:
                    stages.append(trial.stage)
    return stages


def test_a_trial_measures_error_drift_and_rate_on_the_scale_that_felt_it() -> None:
    trial = Trial({1: rested(), 2: rested()}, 5000, 3000)
    stages = play(
        trial,
        (2, {1: 9010, 2: 9010}),
        (6, {1: 9010, 2: 14_040}),
        (5, {1: 9010, 2: 9015}),
    )
    assert stages == ["waiting", "holding", "loaded", "emptying", "done"]
    result = trial.result()
    assert result.channel == 2
    assert result.loaded_g - result.before_g == pytest.approx(5030, abs=1)
    assert result.after_g - result.before_g == pytest.approx(5, abs=1)
    assert result.rate_hz == pytest.approx(10)
    assert result.neighbours == ()


def test_a_weight_that_is_lifted_at_once_is_no_trial_and_a_fault_is_kept_apart() -> None:
    scale = rested()
    trial = Trial({1: scale}, 5000, 3000)
    play(trial, (1, {1: 9000}), (2, {1: 14_000}), (2, {1: 9000}))
    assert (trial.stage, trial.cut_short) == ("waiting", True)
    trial.feed(1, 60_000, WeightFault("overload"))
    assert scale.fault == WeightFault("overload")
    with pytest.raises(ValueError, match="expected done"):
        trial.result()


def test_a_bin_that_moves_along_is_named() -> None:
    trial = Trial({1: rested(), 2: rested()}, 5000, 3000)
    play(
        trial,
        (1, {1: 9000, 2: 9000}),
        (6, {1: 14_000, 2: 9600}),
        (5, {1: 9000, 2: 9000}),
    )
    assert trial.result().neighbours == ((2, 600),)


def test_half_of_another_weight_is_no_test_weight() -> None:
    trial = Trial({1: rested()}, 5000, 3000)
    assert play(trial, (1, {1: 9000}), (6, {1: 11_400})) == ["waiting"]


KEYS = {
    1: 'bus = "b"\nslave = 1 # first',
    2: 'kind = "xk3190-a9"\nport = { vid = 0x1a86, pid = 0x7523, location = "1-1.2" }\nunit = "kg"',
    3: 'format = "esphome"\ntopic = "t"\ndivision_g = 50 # coarse',
    4: 'bus = "b"\nslave = 4',
}
ROWS = "".join(
    f'# of bin {no}\n[[bins]]\nno = {no}\ncategory = "c{no}" # colour {no}\n{keys}\n\n'
    for no, keys in KEYS.items()
)
TOML = f'# point 3\npoint = "p03"\n\n{ROWS}# the hub\n[hub_broker]\nhost = "h" # far\n'
COMMENTS = {line.partition("#")[2] for line in TOML.splitlines() if line.startswith("#")}
COMMENTS |= {f" colour {no}" for no in KEYS} | {" far"}


@given(st.permutations([1, 2, 3, 4]))
def test_exchanged_scales_take_every_key_along_and_nothing_else_moves(order: list[int]) -> None:
    wiring = {no: no for no in KEYS}
    for no, has in zip(KEYS, order, strict=True):
        wiring = exchange(wiring, no, has)
        assert sorted(wiring.values()) == [1, 2, 3, 4], "never two bins on one scale"
    assert list(wiring.values()) == order
    before = {row["no"]: row for row in tomllib.loads(TOML)["bins"]}
    done = edited(TOML, {no: channel(has) for no, has in wiring.items()}, {1: 3.14})
    told = tomllib.loads(done)
    assert told["hub_broker"] == {"host": "h"}
    for row in told["bins"]:
        expected = before[wiring[row["no"]]] | {"no": row["no"], "category": f"c{row['no']}"}
        assert row == expected | ({"noise_g": 3.1} if row["no"] == 1 else {})
    assert all(f"#{words}" in done for words in COMMENTS)
    for no in KEYS:
        assert f"# of bin {no}\n[[bins]]\nno = {no}\n" in done


def channel(no: int, **more: object) -> Channel:
    bin_ = BinConfig.model_construct(no=no, **more)  # type: ignore[arg-type]
    return Channel(no, f"scale {no}", bin_)


def test_a_found_address_replaces_the_way_the_bin_had() -> None:
    wiring = {no: channel(no) for no in KEYS} | {2: channel(1000, bus="b", slave=9)}
    row = tomllib.loads(edited(TOML, wiring, {}))["bins"][1]
    assert row == {"no": 2, "category": "c2", "bus": "b", "slave": 9}
    assert edited(TOML, {no: channel(no) for no in KEYS}, {}) == TOML


def test_the_sheet_stands_in_columns_and_says_why() -> None:
    bad = GOOD.model_copy(update={"bin_no": 8, "sigma_g": 80.0})
    sheet = Sheet(
        "lhyy", "p03", "n03", GOOD.at_ms,
        ((7, "bus-1 address 7", GOOD), (8, "bus-1 address 8", bad), (9, "t", None)),
        (("reader-1", True), ("reader-2", False)),
    )  # fmt: skip
    page = text(sheet)
    for words in ("验收单", "node       n03", "2026-11-22", "reader-2  未测", "8  noise 80.0 g"):
        assert words in page
    rows = [line for line in page.splitlines() if line.startswith(("7 ", "8 ", "9 "))]
    assert [row.split()[-1] for row in rows] == ["PASS", "FAIL", "MEASURED"]
    assert not sheet.accepted
    assert table(sheet).count("\r\n") == 4
    good = Sheet("c", "p", "n", 0, ((7, "x", GOOD),), (("reader-1", True),))
    assert good.accepted
