"""Running scenarios, one after the other, each in a site of its own."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from device_sim.demo.folder import claim
from device_sim.demo.trouble import DemoError
from device_sim.fault.catalogue import CATALOGUE, Scenario, Wish
from device_sim.fault.judging import judge
from device_sim.fault.place import Place
from device_sim.hub_client import HubRefusedError
from wire.day import SHANGHAI


@dataclass(frozen=True)
class Outcome:
    """What one run was and what became of it; ``trouble`` is empty when it is well."""

    name: str
    seed: int
    seconds: float
    trouble: str = ""
    verdict: str = ""
    taken: int = 0
    refused: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    done: tuple[str, ...] = ()

    def number(self, word: str) -> int:
        """A figure of the judge's line, as ``lost=0``."""
        words = dict(part.split("=") for part in self.verdict.split() if "=" in part)
        return int(words.get(word, -1))

    def line(self) -> str:
        well = "well" if not self.trouble else f"NOT WELL: {self.trouble}"
        killed = f"{sum(self.kills.values())} kills, " if self.kills else ""
        return f"{self.name} (seed {self.seed}): {well}; {killed}{self.taken} taps recorded; " + (
            "; ".join(self.done) or self.verdict
        )


def run_all(
    rounds: list[tuple[str, int]], seed: int, folder: Path, say: Callable[[str], None]
) -> Iterator[Outcome]:
    """Every round with a seed of its own; one that fails does not stop the others."""
    for number, (name, kills) in enumerate(rounds):
        outcome = run(name, kills, seed + number, folder)
        say(f"{outcome.seconds:5.0f} s  {outcome.line()}")
        yield outcome


class Record:
    """Outcomes in a file, a line each: an interrupted run goes on, what went wrong is run again."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        text = path.read_text(encoding="utf-8") if resume and path.exists() else ""
        known = [_of_line(line) for line in text.splitlines()]
        self.outcomes: list[Outcome] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
        for outcome in known:
            if not outcome.trouble:
                self.add(outcome)

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(outcome)) + "\n")

    def left(self, rounds: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """The rounds that have no outcome yet."""
        done = Counter(outcome.name for outcome in self.outcomes)
        left = []
        for name, kills in rounds:
            if done[name]:
                done[name] -= 1
            else:
                left.append((name, kills))
        return left


def _of_line(line: str) -> Outcome:
    said = json.loads(line)
    counts = {name: Counter(said[name]) for name in ("kills", "in_flight")}
    return Outcome(**said | counts | {"done": tuple(said["done"])})


def run(name: str, kills: int, seed: int, folder: Path) -> Outcome:
    """One scenario from nothing to its judgement."""
    scenario, began_s = CATALOGUE[name], time.monotonic()
    wish = Wish(kills, random.Random(f"{name} {seed}"))  # noqa: S311 - a rehearsal, no secret
    with claim(folder):
        place = Place(folder, seed, scenario.points, offset_s=_offset_s(scenario))
        trouble = verdict = ""
        try:
            place.start(hub=scenario.hub, small_disk=scenario.small_disk)
            scenario.act(place, wish)
            verdict = judge(place)
        except (DemoError, HubRefusedError) as error:
            trouble = str(error)
        finally:
            place.close()
    crowds = place.crowds.values()
    return Outcome(
        name, seed, time.monotonic() - began_s, trouble, verdict,
        sum(crowd.taken for crowd in crowds), sum(crowd.refused for crowd in crowds),
        place.kills, place.in_flight, tuple(place.done),
    )  # fmt: skip


def _offset_s(scenario: Scenario) -> int:
    if scenario.to_midnight_s is None:
        return 0
    now = datetime.now(SHANGHAI)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return round((midnight - now).total_seconds()) - scenario.to_midnight_s
