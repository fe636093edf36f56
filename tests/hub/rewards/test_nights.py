"""Nights over the real store: what came late, without a clock or by decision ends up settled."""

import itertools
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlmodel import Session

from hub.db import table, write_session
from hub.ledger.accounts import balance
from hub.registry.tables import Household
from hub.rewards.days import household_days
from hub.rewards.held import Which, held_page
from hub.rewards.nightly import settle_due
from hub.rewards.staff import Decided, Decision, assign_day, decide
from hub.rewards.tables import SettlementRun
from hub.visits.tables import Visit
from hub.web.deps import Hub
from tests.hub.rewards.case_world import STAFF, CaseWorld
from tests.hub.rewards.point_node import encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms
from wire.facts import Verdict, VerdictUndone

DAY = date(2026, 5, 3)
CASE: dict[str, Any] = {
    "households": [{"id": f"H{n}", "building": "1"} for n in (1, 2)],
    "people": [],
    "bindings": [
        {"card": f"K{n}", "household": f"H{n}", "from": "2026-01-01T00:00:00+08:00"} for n in (1, 2)
    ],
    "policies": [{"id": "p1", "from_day": "2026-01-01", "amount_fen": 30}],
}
_number = itertools.count()


@dataclass
class Nights(CaseWorld):
    """A case's world whose nights are told by their date."""

    store: Engine
    community: str = field(default_factory=lambda: f"nights-{next(_number)}")

    def __post_init__(self) -> None:
        CaseWorld.__init__(self, self.store, self.community, CASE)

    def tap(self, name: str, home: int, at: str, received: str, **more: object) -> None:
        step = {"op": "event", "id": name, "card": f"K{home}", "point": f"P0{home}"}
        self.run(step | {"occurred_at": f"{at}+08:00", "received_at": f"{received}+08:00"} | more)

    def accept(self, name: str, at: str) -> None:
        said = {"op": "verdict", "event": name, "value": "approved", "role": "volunteer"}
        self.run(said | {"by": "V1", "at": f"{at}+08:00"})

    def night(self, day: str) -> None:
        now_ms = at_ms(f"{day}T03:01:00+08:00")
        settle_due(Hub(self.engine, self.community, lambda: now_ms, b"x" * 32), None)

    def decide(self, name: str, at: str, **more: Any) -> Decided:
        with write_session(self.engine) as session:
            visit = self._visit(session, name)
            now_ms = at_ms(f"{at}+08:00")
            return decide(session, visit, STAFF, now_ms, Decision("accepted", "ok", **more))

    def reason(self, home: int, day: date = DAY) -> tuple[str, int | None]:
        with Session(self.engine) as session:
            known = session.get(Household, (self.community, f"H{home}"))
            assert known is not None
            (shown,) = household_days(session, known, day, day)
        assert shown.why
        return shown.reason, shown.run

    def held(self) -> list[tuple[str, str]]:
        with Session(self.engine) as session:
            page = held_page(session, self.community, Which(), 0, after=None, limit=100)
        return [(item.visit, item.reason) for item in page.items]

    def paid_fen(self, home: int) -> int:
        with Session(self.engine) as session:
            return balance(session, self.community, f"H{home}").balance_fen

    def runs(self) -> int:
        run = table(SettlementRun).c
        with Session(self.engine) as session:
            return int(
                session.scalar(select(func.count()).where(run.community == self.community)) or 0
            )


@pytest.fixture
def world(store: Engine) -> Nights:
    return Nights(store)


def test_a_visit_that_comes_after_the_late_limit_is_held_and_explained(world: Nights) -> None:
    world.tap("e1", 1, "2026-05-03T07:00:00", "2026-05-03T07:00:01")
    world.accept("e1", "2026-05-03T07:01:00")
    world.night("2026-05-04")
    assert (world.reason(1), world.reason(2)) == (("paid", 1), ("no_event", 1))
    world.tap("e2", 2, "2026-05-03T08:00:00", "2026-06-05T09:00:00")
    world.night("2026-06-06")
    assert world.reason(2)[0] == "late_beyond_limit"
    assert world.held() == [(hex_id("e2"), "late_beyond_limit")]
    runs = world.runs()
    world.night("2026-06-07")
    assert world.runs() == runs + 1, "2026-06-06 itself, and nothing again"
    world.decide("e2", "2026-06-08T09:00:00")
    assert (world.reason(2)[0], world.paid_fen(2), world.held()) == ("paid", 30, [])


def test_a_community_without_any_dated_visit_is_settled(world: Nights) -> None:
    when = "2026-05-03T07:00:00", "2026-05-03T07:00:01"
    world.tap("u1", 1, *when, clock="untrusted")
    world.accept("u1", "2026-05-03T07:01:00")
    world.night("2026-05-03")
    assert world.runs() == 0
    world.night("2026-05-04")
    assert world.reason(1) == ("clock_untrusted", 1)
    assert world.held() == [(hex_id("u1"), "clock_untrusted")]


def test_a_decision_for_a_day_without_a_run_pays_at_once(world: Nights) -> None:
    world.tap("u1", 1, "2026-05-03T07:00:00", "2026-05-03T07:00:01", clock="untrusted")
    given = date(2026, 4, 20)
    done = world.decide("u1", "2026-05-04T01:00:00", day=given)
    assert [run.day for run in done.settled] == [given, DAY]
    assert (world.paid_fen(1), world.reason(1, given)[0]) == (30, "paid")
    assert world.reason(1) == ("no_event", 2)


def test_a_decision_for_a_day_that_is_not_over_is_paid_by_the_next_night(world: Nights) -> None:
    world.tap("u1", 1, "2026-05-02T07:00:00", "2026-05-02T07:00:01", clock="untrusted")
    world.night("2026-05-03")
    done = world.decide("u1", "2026-05-03T09:00:00", day=DAY)
    assert [run.day for run in done.settled] == [date(2026, 5, 2)]
    assert world.paid_fen(1) == 0
    world.night("2026-05-04")
    assert (world.paid_fen(1), world.reason(1)[0]) == (30, "paid")


def test_an_assigned_day_long_ago_that_no_run_has_counted_is_settled(world: Nights) -> None:
    world.tap("u1", 1, "2026-05-03T07:00:00", "2026-05-03T07:00:01", clock="untrusted")
    world.accept("u1", "2026-05-03T07:01:00")
    given = date(2026, 2, 1)
    with write_session(world.engine) as session:
        visit = session.get(Visit, (world.community, hex_id("u1")))
        assert visit is not None
        assign_day(session, visit, STAFF, 1, day=date(2026, 1, 31), reason="first thought")
        assign_day(session, visit, STAFF, 2, day=given, reason="camera")
    world.night("2026-05-04")
    assert (world.paid_fen(1), world.reason(1, given)[0]) == (30, "paid")
    runs = world.runs()
    assert runs == 2, "the day that staff took back is not settled"
    world.night("2026-05-05")
    assert world.runs() == runs + 1, "2026-05-04 itself, and nothing again"


def test_a_verdict_that_comes_after_staff_gave_the_day_is_settled_there(world: Nights) -> None:
    world.tap("u2", 1, "2026-05-03T07:00:00", "2026-05-03T07:00:01", clock="untrusted")
    given = date(2026, 2, 1)
    with write_session(world.engine) as session:
        visit = session.get(Visit, (world.community, hex_id("u2")))
        assert visit is not None
        assign_day(session, visit, STAFF, 1, day=given, reason="camera")
    world.night("2026-05-04")
    assert (world.paid_fen(1), world.reason(1, given)[0]) == (0, "verdict_pending")
    world.accept("u2", "2026-05-04T12:00:00")
    world.night("2026-05-05")
    assert (world.paid_fen(1), world.reason(1, given)[0]) == (30, "paid")


def test_undoing_a_second_verdict_leaves_the_visit_unjudged(world: Nights) -> None:
    world.tap("x1", 1, "2026-05-03T07:00:00", "2026-05-03T07:00:01")
    visit, shift, at = hex_id("x1"), "5" * 32, at_ms("2026-05-03T07:01:00+08:00")
    base: dict[str, Any] = {"visit": visit, "by": "v1", "command_id": "0" * 32}
    first = Verdict(value="accepted", shift=shift, **base)
    second = Verdict(value="rejected", reason="mixed", shift=shift, replaces=hex_id("v1"), **base)
    undone = VerdictUndone(verdict=hex_id("v2"), **base)
    for n, (name, body) in enumerate((("v1", first), ("v2", second), ("u2", undone))):
        world.send("p01", encode_fact(hex_id(name), stamp(at + n), body), at + n + 1)
    world.night("2026-05-04")
    assert (world.reason(1)[0], world.paid_fen(1)) == ("verdict_pending", 0)
    assert world.held() == [(visit, "verdict_pending")]


def test_a_night_that_is_done_asks_the_store_nothing(world: Nights) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(world.engine, "before_cursor_execute", note)
    try:
        hub = Hub(world.engine, world.community, lambda: at_ms("2026-04-20T04:00:00+08:00"), b"x")
        settle_due(hub, date(2026, 4, 19))
        assert 0 < len(asked) <= 8
        asked.clear()
        settle_due(hub, date(2026, 4, 20))
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
    assert asked == []
