"""A case told in other orders, with lines sent again: the end must be the same."""

import random
from bisect import bisect_right
from typing import Any

from tests.hub.rewards.registry_rows import at_ms

WEEK_MS = 6 * 86_400_000
Step = dict[str, Any]


def shuffled(steps: list[Step], chance: random.Random) -> list[Step]:
    """Permute events and verdicts between two settles; everything else keeps its place.

    What the case says about one event's deliveries depends on their order, and staff can only
    judge what the hub has: those stay in order. Of verdicts given at one moment, arrival decides.
    """
    window: list[int] = []
    result = list(steps)
    for place, step in enumerate([*steps, {"op": "settle"}]):
        if step["op"] in ("event", "verdict"):
            window.append(place)
        elif step["op"] == "settle":
            mixed = [steps[index] for index in window]
            chance.shuffle(mixed)
            mixed = _ties_in_order(_deliveries_in_order(mixed, steps), steps)
            mixed = _receipts_forward(mixed)
            mixed.sort(key=lambda item: item.get("role") == "staff")
            for index, item in zip(window, mixed, strict=True):
                result[index] = item
            window = []
    return result


def _receipts_forward(mixed: list[Step]) -> list[Step]:
    """Weeks stay in order: a hub's receipts go back by a week only if its clock was wrong."""
    received = {id(step): at_ms(_received(step)) for step in mixed}
    begins: list[int] = []
    for moment_ms in sorted(received.values()):
        if not begins or moment_ms - begins[-1] > WEEK_MS:
            begins.append(moment_ms)
    return sorted(mixed, key=lambda step: bisect_right(begins, received[id(step)]))


def _received(step: Step) -> str:
    return str(step.get("received_at") or step["at"])


def _deliveries_in_order(mixed: list[Step], steps: list[Step]) -> list[Step]:
    return _in_order(mixed, steps, lambda step: step["id"] if step["op"] == "event" else None)


def _ties_in_order(mixed: list[Step], steps: list[Step]) -> list[Step]:
    def tie(step: Step) -> object:
        return (step["event"], step["role"], step["at"]) if step["op"] == "verdict" else None

    return _in_order(mixed, steps, tie)


def _in_order(mixed: list[Step], steps: list[Step], key: Any) -> list[Step]:
    """Steps of one key take the places that they have in ``mixed``, in the order of ``steps``."""
    here = {id(step) for step in mixed}
    waiting: dict[object, list[Step]] = {}
    for step in steps:
        if id(step) in here and key(step) is not None:
            waiting.setdefault(key(step), []).append(step)
    return [step if key(step) is None else waiting[key(step)].pop(0) for step in mixed]
