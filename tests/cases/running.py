"""Runs a case against a store: as it is told, or in another order with lines sent again."""

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Engine

from tests.cases.expecting import MismatchError
from tests.cases.orders import Step, shuffled
from tests.cases.reading import Case
from tests.hub.rewards.case_world import CaseWorld

SENT_AGAIN = 0.3
_community = itertools.count()


class Failure(NamedTuple):
    """The first thing of a case that is not as it must be."""

    case: str
    order: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.case} ({self.order}) {self.where}: {self.what}"


def as_told(engine: Engine, case: Case) -> Failure | None:
    """None when everything is as the case says."""
    return _run(engine, case, "as told", None)


def in_orders(engine: Engine, case: Case, orders: int) -> Iterator[Failure]:
    """Failures of ``orders`` shuffles, those that come out alike run once.

    A crowd told in words has no order worth mixing.
    """
    seen: list[list[Step]] = []
    for seed in range(0 if "crowd" in case else orders):
        name, chance = f"order {seed}", random.Random(f"{case['id']}/{seed}")
        mixed = case | {"steps": shuffled(case["steps"], chance)}
        if mixed["steps"] in seen:
            continue
        seen.append(mixed["steps"])
        failure = _run(engine, mixed, name, chance)
        if failure is not None:
            yield failure


def _run(engine: Engine, case: Case, order: str, chance: random.Random | None) -> Failure | None:
    """With a chance, lines are sent again; the second settlement at once is left to the telling."""
    where = "registry"
    try:
        world = CaseWorld(engine, f"case-{next(_community)}", case, quick=chance is not None)
        for number, step in enumerate(case["steps"]):
            where = f"steps[{number}] {step['op']}"
            world.run(step)
            if chance is not None and world.lines and chance.random() < SENT_AGAIN:
                world.send_again(chance.sample(world.lines, 1))
        where = "expect_balances"
        world.finish()
    except MismatchError as mismatch:
        return Failure(case["id"], order, where, str(mismatch))
    except Exception as error:  # noqa: BLE001 - whatever the hub raises is this case's failure
        return Failure(case["id"], order, where, f"{type(error).__name__}: {error}"[:400])
    return None
