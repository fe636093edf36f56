"""Every case of settlement_cases.json, as given and with its facts shuffled and sent again."""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.hub.rewards.case_world import CaseWorld
from tests.hub.rewards.registry_rows import card_token

FILE = Path(__file__).parents[2] / "data" / "settlement_cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
OPS = {"event", "verdict", "settle", "bind", "block", "close_household", "policy", "assign_day",
       "payout_open", "payout_confirm", "payout_fail", "redeem"}  # fmt: skip
NOT_YET: frozenset[str] = frozenset()
"""Cases that the hub does not cover yet; empty since payouts and redemptions are there."""
ORDERS = 10
_community = itertools.count()


def _name() -> str:
    return f"case-{next(_community)}"


def _generated(case: dict[str, Any]) -> dict[str, Any]:
    """Only C12 describes its data in words: one approved visit for each of n households."""
    count = case["generate"]["households"]
    names = [f"{number:05d}" for number in range(count)]
    since = "2026-01-01T00:00:00+08:00"
    return case | {
        "households": [{"id": f"G{name}", "building": "1"} for name in names],
        "bindings": [
            {"card": f"GK{name}", "household": f"G{name}", "from": since} for name in names
        ],
    }


def test_no_case_is_skipped_in_silence() -> None:
    assert {step["op"] for case in CASES for step in case["steps"]} <= OPS
    assert {case["id"] for case in CASES} >= NOT_YET
    assert len(CASES) == 48
    assert [case["id"] for case in CASES if "generate" in case] == ["C12"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_as_it_is_told(store: Engine, case: dict[str, Any]) -> None:
    if case["id"] in NOT_YET:
        pytest.fail(f"{case['id']} is not covered yet")
    if "generate" in case:
        case = _generated(case)
    world = CaseWorld(store, _name(), case)
    if "generate" in case:
        world.many([card_token(item["card"]) for item in case["bindings"]])
    for step in case["steps"]:
        world.run(step)
    world.finish()


def _shuffled(steps: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Permute events and verdicts between two settles; everything else keeps its place.

    What the case says about one event's deliveries depends on their order, and staff can only
    judge what the hub has: those stay in order.
    """
    window: list[int] = []
    result = list(steps)
    for place, step in enumerate([*steps, {"op": "settle"}]):
        if step["op"] in ("event", "verdict"):
            window.append(place)
        elif step["op"] == "settle":
            mixed = [steps[index] for index in window]
            chance.shuffle(mixed)
            mixed = _deliveries_in_order(mixed, steps)
            mixed.sort(key=lambda item: item.get("role") == "staff")
            for index, item in zip(window, mixed, strict=True):
                result[index] = item
            window = []
    return result


def _deliveries_in_order(
    mixed: list[dict[str, Any]], steps: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    waiting = {
        name: [s for s in steps if s in mixed and s["op"] == "event" and s["id"] == name]
        for name in {s["id"] for s in mixed if s["op"] == "event"}
    }
    return [waiting[s["id"]].pop(0) if s["op"] == "event" else s for s in mixed]


@pytest.mark.parametrize("case", [case for case in CASES if "generate" not in case],
                         ids=lambda case: case["id"])  # fmt: skip
def test_a_case_in_any_order_and_sent_again(store: Engine, case: dict[str, Any]) -> None:
    seen: list[list[dict[str, Any]]] = []
    for seed in range(ORDERS):
        chance = random.Random(f"{case['id']}/{seed}")
        steps = _shuffled(case["steps"], chance)
        if steps in seen:
            continue
        seen.append(steps)
        world = CaseWorld(store, _name(), case, quick=bool(seed))
        for step in steps:
            world.run(step)
            if world.lines and chance.random() < 0.3:
                world.send_again(chance.sample(world.lines, 1))
        world.finish()
