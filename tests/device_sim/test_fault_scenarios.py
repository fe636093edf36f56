"""Scenarios of `lianxin-sim fault`: what they name exists, and an interrupted run goes on."""

import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from device_sim.cli import app
from device_sim.demo.trouble import DemoError
from device_sim.fault.catalogue import CAMPAIGN_KILLS, CATALOGUE, campaign
from device_sim.fault.kills import nothing_missed
from device_sim.fault.place import Place
from device_sim.fault.report import report
from device_sim.fault.running import Outcome, Record, run
from tests.sabotage.__main__ import faults

VERDICT = "VERIFIED taps=9 visits=9 rewarded=9 held=0 fen=270 lost=0 duplicated=0"


def test_every_scenario_names_a_fault_that_the_suite_notices() -> None:
    known = {fault.name for fault in faults()}
    assert {scenario.red for scenario in CATALOGUE.values()} <= known


def test_a_campaign_has_every_scenario_and_kills_enough() -> None:
    rounds = campaign(1000)
    assert {name for name, _ in rounds} == set(CATALOGUE)
    assert sum(kills for name, kills in rounds if name == "kill-random") >= 1000
    assert len(campaign(1)) == len(CATALOGUE)


def test_an_interrupted_run_goes_on_with_what_is_left(tmp_path: Path) -> None:
    rounds = campaign(2 * CAMPAIGN_KILLS)
    first = Record(tmp_path / "outcomes.jsonl", resume=False)
    done = Outcome(
        "kill-random", 2, 9.5, "", VERDICT, 9, 0, Counter(node=3), Counter(node=4), ("a",)
    )
    first.add(done)
    first.add(Outcome("clone", 3, 9.5, "lost"))
    again = Record(tmp_path / "outcomes.jsonl", resume=True)
    assert again.outcomes == [done]
    left = Counter(name for name, _ in again.left(rounds))
    assert left == Counter(name for name, _ in rounds) - Counter(["kill-random"])
    assert Record(tmp_path / "outcomes.jsonl", resume=False).outcomes == []


def test_the_page_says_what_went_wrong_and_what_was_not_run() -> None:
    well = Outcome("kill-random", 1, 60, "", VERDICT, 9, 0, Counter(node=3), Counter(node=4))
    wrong = Outcome("clone", 2, 60, "p05: 1 | lost", "", 7)
    page = report([well, wrong], 30, 1, date(2026, 11, 22))
    assert "1 of 2 runs well (28 not run), 3 kills, 16 taps" in page
    assert "**not well**: p05: 1 / lost" in page
    assert "| node | 3 | 4 |" in page
    assert page.count("0 of 9 |") == 3, "beside the peers"


@pytest.mark.long
def test_by_command_kills_are_counted_with_what_was_in_flight(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    words = ["fault", "kill-random", "--kills", "12", "--seed", "7"]
    where = ["--folder", str(tmp_path / "site"), "--page", str(page)]
    done = subprocess.run(
        [sys.executable, "-m", "device_sim", *words, *where],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("1 well, 0 not\n")
    text = page.read_text(encoding="utf-8")
    assert "**1 of 1 runs well, 12 kills" in text
    killed = re.findall(r"^\| (node|hub|hub-broker) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert sum(int(times) for _, times, _ in killed) == 12
    assert sum(int(waiting) for _, _, waiting in killed) > 0


@pytest.mark.parametrize("words", [["no-such-scenario"], ["kill-random", "--kills", "0"]])
def test_by_command_what_cannot_be_run_is_refused_before_anything_starts(
    tmp_path: Path, words: list[str]
) -> None:
    argv = ["fault", *words, "--folder", str(tmp_path / "site")]
    assert CliRunner().invoke(app, argv).exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.long
@pytest.mark.parametrize(("name", "kills"), [("clone", 1), ("hub-lost", 1)])
def test_a_scenario_ends_well(tmp_path: Path, name: str, kills: int) -> None:
    outcome = run(name, kills, 7, tmp_path / "site")
    assert not outcome.trouble, outcome.trouble
    assert (outcome.number("lost"), outcome.number("duplicated")) == (0, 0)
    assert outcome.taken > 0


def test_a_kill_with_nothing_in_flight_is_no_proof() -> None:
    place = Place.__new__(Place)
    place.kills, place.in_flight = Counter(node=4, hub=1), Counter(node=2)
    nothing_missed(place, ("node",))
    with pytest.raises(DemoError, match="nothing was in flight at any kill of hub"):
        nothing_missed(place, ("node", "hub"))
