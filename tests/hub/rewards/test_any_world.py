"""Random worlds: settle when and as often as you like, the end is the same."""

import itertools
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import Session

from hub.db import table, write_session
from hub.ledger.tables import LedgerEntry
from hub.ledger.verify import verify
from hub.rewards.settlement import settle_day
from tests.hub.rewards.case_world import CaseWorld, Step
from tests.hub.rewards.registry_rows import at_ms

DAYS = ("2026-05-02", "2026-05-03", "2026-05-04")
NOW = at_ms("2026-05-06T03:00:00+08:00")
CASE = {
    "households": [{"id": f"H{n}", "building": "1"} for n in range(3)],
    "bindings": [
        {"card": f"K{n}", "household": f"H{n}", "from": "2026-01-01T00:00:00+08:00"}
        for n in range(3)
    ],
    "policies": [{"id": "P1", "from_day": "2026-05-01", "combine": "none_rejected"}],
    "people": [{"id": "V1", "role": "volunteer", "household": "H0"}],
}
_community = itertools.count()

events = st.builds(
    lambda n, home, day, hour, clock, attended: {
        "op": "event",
        "id": f"E{n}",
        "card": f"K{home}",
        "point": f"P0{n % 3}",
        "occurred_at": f"{day}T{hour:02d}:10:00+08:00",
        "received_at": f"{day}T{hour:02d}:10:01+08:00",
        "clock": clock,
        "attended": attended,
    },
    n=st.integers(0, 8),
    home=st.integers(0, 3),
    day=st.sampled_from(DAYS),
    hour=st.integers(0, 23),
    clock=st.sampled_from(["trusted", "trusted", "untrusted"]),
    attended=st.booleans(),
)


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """Events, then what is said about them; times are distinct, so that order decides nothing."""
    told = draw(st.lists(events, min_size=1, max_size=6, unique_by=lambda step: step["id"]))
    said: list[Step] = []
    for number in range(draw(st.integers(0, 8))):
        about = draw(st.sampled_from(told))["id"]
        base = {"event": about, "at": f"2026-05-05T08:{number:02d}:00+08:00"}
        kind = draw(st.sampled_from(["verdict", "verdict", "verdict", "assign_day"]))
        if kind == "assign_day":
            said.append(base | {"op": kind, "day": draw(st.sampled_from(DAYS)), "by": "S1"})
            continue
        role = draw(st.sampled_from(["volunteer", "staff"]))
        value = draw(st.sampled_from(["approved", "corrected", "rejected", "unclear"]))
        if role == "staff" and value in ("unclear", "corrected"):
            value = "rejected"
        by = draw(st.sampled_from(["V1", "V2"]))
        said.append(base | {"op": "verdict", "value": value, "by": by, "role": role})
    return told + said


def _settle(world: CaseWorld, day: str) -> int:
    with write_session(world.engine) as session:
        done = settle_day(session, world.community, date.fromisoformat(day), NOW)
    return done.entries


def _net(world: CaseWorld) -> dict[tuple[str, date], int]:
    entry = table(LedgerEntry).c
    net: Counter[tuple[str, date]] = Counter()
    with Session(world.engine) as session:
        for household, day, fen in session.execute(
            select(entry.household_id, entry.day, entry.amount_fen).where(
                entry.community == world.community
            )
        ):
            net[household, day] += fen
    assert set(net.values()) <= {0, 30}
    return {key: fen for key, fen in net.items() if fen}


def _world(store: Engine, story: list[Step], settles: list[list[str]]) -> CaseWorld:
    world = CaseWorld(store, f"any-{next(_community)}", CASE)
    for step, days in itertools.zip_longest(story, settles, fillvalue=None):
        if isinstance(step, dict):
            world.run(step)
        for day in days or []:
            _settle(world, day)
    for day in DAYS:
        _settle(world, day)
    return world


@pytest.mark.long
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stories(), st.data())
def test_the_end_does_not_depend_on_when_days_were_settled(
    store: Engine, story: list[Step], data: Any
) -> None:
    once = _world(store, story, [])
    settles = data.draw(st.lists(st.lists(st.sampled_from(DAYS), max_size=2), max_size=len(story)))
    often = _world(store, story, settles)
    assert _net(often) == _net(once)
    with Session(store) as session:
        assert verify(session, often.community) == []
    for day in DAYS:
        assert _settle(often, day) == 0
