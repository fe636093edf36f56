"""Projections: bulk, placed in both orders of arrival, and rebuilt to the same bytes."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select

from hub.db import table
from hub.visits.project import PROJECTIONS, rebuild
from hub.visits.tables import PointDay, PointVerdict, TouchedDay, Visit
from tests.hub.intake.test_unit import empty
from tests.hub.nodes import COMMUNITY, SHIFT, T_MS, Node, line, name, take, tap, verdict
from tests.hub.stores import Stores
from wire import facts
from wire.base import WireModel

DAY = date(2026, 5, 3)
COMMAND = "cc" * 16
HOUR_MS = 3_600_000


def rows(engine: Engine, model: Any) -> list[dict[str, Any]]:
    target = table(model)
    with engine.connect() as connection:
        found = connection.execute(select(target).order_by(*target.primary_key))
        return [dict(row) for row in found.mappings()]


def dump(engine: Engine) -> list[Any]:
    return [(model.__name__, rows(engine, model)) for model in PROJECTIONS]


def fill(engine: Engine, *lines: bytes, portion: int = 50) -> None:
    node = Node(lines=list(lines))
    take(engine, node.hello())
    for first in range(1, len(lines) + 1, portion):
        take(engine, node.batch(first, min(portion, len(lines) - first + 1)))


def visit_of(engine: Engine, visit_id: str) -> dict[str, Any]:
    (found,) = [row for row in rows(engine, Visit) if row["visit_id"] == visit_id]
    return found


def deposit(grams: int) -> facts.Deposit:
    return facts.Deposit(
        bin=4, category="kitchen", grams=grams, level_g=grams, moved_up_ms=1, quality="clean"
    )


def test_a_tap_becomes_a_visit_with_its_verdict_and_weight(engine: Engine) -> None:
    visit, one, two = name("v"), name("d1"), name("d2")
    fill(
        engine,
        line(visit, tap()),
        line(one, deposit(700)),
        line(two, deposit(50)),
        line(name("a1"), facts.Assign(deposit=one, visit=visit, doubt="none")),
        line(name("a2"), facts.Assign(deposit=two, visit=visit, doubt="none")),
        line(name("w"), verdict(visit, "rejected")),
    )
    found = visit_of(engine, visit)
    assert (found["day"], found["trusted"], found["shift"]) == (DAY, True, SHIFT)
    assert (found["weight_g"], found["deposits"], found["weight_doubt"]) == (750, 2, False)
    (said,) = rows(engine, PointVerdict)
    assert (said["visit_id"], said["value"], said["undone"]) == (visit, "rejected", False)


def test_a_doubtful_deposit_leaves_the_weight_of_all_candidates_missing(engine: Engine) -> None:
    mine, other, one, two = name("v"), name("o"), name("d1"), name("d2")
    several = facts.Assign(deposit=two, doubt="several", candidates=(mine, other))
    fill(
        engine,
        line(mine, tap()),
        line(other, tap(2)),
        line(one, deposit(700)),
        line(two, deposit(50)),
        line(name("a1"), facts.Assign(deposit=one, visit=mine, doubt="none")),
        line(name("a2"), several),
    )
    for visit, deposits in ((mine, 1), (other, 0)):
        found = visit_of(engine, visit)
        assert (found["weight_g"], found["weight_doubt"]) == (None, True)
        assert found["deposits"] == deposits


@pytest.mark.parametrize("portion", [1, 50])
def test_a_deposit_assigned_anew_leaves_its_first_visit(engine: Engine, portion: int) -> None:
    first, then, put = name("v"), name("o"), name("d")
    fill(
        engine,
        line(first, tap()),
        line(then, tap(2)),
        line(put, deposit(700)),
        line(name("a1"), facts.Assign(deposit=put, visit=first, doubt="none")),
        line(name("a2"), facts.Assign(deposit=put, visit=then, doubt="none")),
        portion=portion,
    )
    assert [visit_of(engine, visit)["weight_g"] for visit in (first, then)] == [None, 700]
    assert visit_of(engine, first)["deposits"] == 0


def test_a_visit_without_deposits_has_no_weight_rather_than_zero(engine: Engine) -> None:
    fill(engine, line(name("v"), tap()))
    assert visit_of(engine, name("v"))["weight_g"] is None


@pytest.mark.parametrize("clock_first", [False, True])
@pytest.mark.parametrize("trust", ["none", "restored"])
def test_a_clock_fact_places_its_boot_in_both_orders(
    engine: Engine, trust: str, *, clock_first: bool
) -> None:
    clock = line(name("c"), facts.Clock(source="hub", utc_ms=T_MS, uncertainty_ms=20), up_ms=90_000)
    visit = line(name("v"), tap(), up_ms=30_000, wall_ms=5_000, trust=trust)
    judged = line(name("w"), verdict(name("v")), up_ms=31_000, wall_ms=6_000, trust=trust)
    foreign = line(name("x"), tap(), up_ms=30_000, wall_ms=5_000, trust=trust, boot_id="boot-2")
    first, last = ([clock], []) if clock_first else ([], [clock])
    fill(engine, *first, visit, judged, foreign, *last)
    found = visit_of(engine, name("v"))
    assert (found["occurred_ms"], found["trusted"], found["day"]) == (T_MS - 60_000, True, DAY)
    assert rows(engine, PointVerdict)[0]["at_ms"] == T_MS - 59_000
    other = visit_of(engine, name("x"))
    assert (other["occurred_ms"], other["trusted"], other["day"]) == (5_000, False, None)


@pytest.mark.parametrize(("ahead_ms", "trusted"), [(120_000, True), (120_001, False)])
def test_a_fact_dated_after_its_receipt_is_not_believed(
    engine: Engine, ahead_ms: int, *, trusted: bool
) -> None:
    fill(engine, line(name("v"), tap(), wall_ms=T_MS + ahead_ms))
    found = visit_of(engine, name("v"))
    assert (found["trusted"], found["day"]) == (trusted, DAY if trusted else None)


def test_the_less_uncertain_clock_holds(engine: Engine) -> None:
    def clock(no: int, utc_ms: int, uncertainty_ms: int) -> bytes:
        body = facts.Clock(source="hub", utc_ms=utc_ms, uncertainty_ms=uncertainty_ms)
        return line(name("c", no), body, up_ms=1000)

    visit = line(name("v"), tap(), up_ms=1000, wall_ms=1, trust="none")
    fill(engine, visit, clock(1, T_MS - 9, 900), clock(2, T_MS - 5, 20), clock(3, T_MS - 7, 20))
    assert visit_of(engine, name("v"))["occurred_ms"] == T_MS - 5


def test_a_verdict_may_come_before_its_visit_and_its_undoing_before_both(engine: Engine) -> None:
    undone = facts.VerdictUndone(verdict=name("w"), visit=name("v"), by="v01", command_id=COMMAND)
    early = Node(
        epoch="e5" * 16, lines=[line(name("u"), undone), line(name("w2"), verdict(name("v")))]
    )
    take(engine, early.hello(), early.batch(1, 2))
    fill(engine, line(name("w"), verdict(name("v"), "rejected")), line(name("v"), tap()))
    said = {row["verdict_id"]: row["undone"] for row in rows(engine, PointVerdict)}
    assert said == {name("w"): True, name("w2"): False}


def test_what_changes_a_day_marks_it(engine: Engine) -> None:
    def marked() -> dict[date, int]:
        return {row["day"]: row["arrival"] for row in rows(engine, TouchedDay)}

    yesterday = line(name("v"), tap(), up_ms=1000, wall_ms=1, trust="none")
    clock = facts.Clock(source="hub", utc_ms=T_MS, uncertainty_ms=20)
    fill(engine, yesterday)
    assert marked() == {DAY: 1}, "shown on the day it came until a clock places it"
    later = Node(
        epoch="e5" * 16,
        lines=[
            line(name("c"), clock, up_ms=1000 + 24 * HOUR_MS),
            line(name("w"), verdict(name("v")), up_ms=2000, wall_ms=2, trust="none"),
        ],
    )
    take(engine, later.hello(), later.batch(1, 1))
    assert marked() == {DAY: 2, date(2026, 5, 2): 2}
    take(engine, later.batch(2, 1))
    assert marked() == {DAY: 2, date(2026, 5, 2): 3}


def test_a_point_has_reported_a_day(engine: Engine) -> None:
    ended = facts.DayEnd(day=DAY, taps=3, deposits=2, verdicts=1, unjudged=2)
    fill(engine, line(name("e"), ended))
    (found,) = rows(engine, PointDay)
    assert (found["point"], found["day"], found["unjudged"]) == ("p01", DAY, 2)


def test_fifty_facts_cost_a_handful_of_statements(engine: Engine) -> None:
    lines = []
    for no in range(17):
        visit, put = name("v", no), name("d", no)
        lines += [line(visit, tap(no)), line(put, deposit(5 + no))]
        lines.append(line(name("a", no), facts.Assign(deposit=put, visit=visit, doubt="none")))
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    fill(engine, *lines[:50])
    assert len(statements) < 40, statements


ids = st.integers(0, 5)


def bodies() -> st.SearchStrategy[WireModel]:
    visit, put = ids.map(lambda no: name("t", no)), ids.map(lambda no: name("d", no))
    none = st.builds(facts.Assign, deposit=put, visit=visit, doubt=st.just("none"))
    some = st.builds(
        facts.Assign, deposit=put, doubt=st.just("several"), candidates=st.tuples(visit, visit)
    )
    said = st.builds(verdict, visit, st.sampled_from(["accepted", "rejected", "unclear"]))
    undone = st.builds(
        facts.VerdictUndone, verdict=ids.map(lambda no: name("w", no)), visit=visit,
        by=st.just("v01"), command_id=st.just(COMMAND),
    )  # fmt: skip
    clock = st.builds(
        facts.Clock, source=st.just("hub"), uncertainty_ms=st.integers(0, 3),
        utc_ms=st.integers(T_MS - 40 * HOUR_MS, T_MS),
    )  # fmt: skip
    ended = st.builds(
        facts.DayEnd, day=st.sampled_from([DAY, date(2026, 5, 2)]), taps=ids, deposits=ids,
        verdicts=ids, unjudged=ids,
    )  # fmt: skip
    shift = st.just(facts.Shift(action="opened", person="v01", by="card"))
    grams = st.integers(1, 9).map(deposit)
    return st.one_of(st.builds(tap, ids), grams, none, some, said, undone, clock, ended, shift)


stamps = st.fixed_dictionaries(
    {
        "up_ms": st.integers(0, 40 * HOUR_MS),
        "wall_ms": st.integers(T_MS - 40 * HOUR_MS, T_MS + HOUR_MS),
        "trust": st.sampled_from(["kernel", "none", "restored"]),
        "boot_id": st.sampled_from(["boot-1", "boot-2"]),
    }
)
_PREFIX = {facts.Tap: "t", facts.Deposit: "d", facts.Verdict: "w"}


def test_rebuilding_gives_the_same_bytes_however_the_facts_came(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stores.fresh(hasty=True) as engine:

        @settings(max_examples=40, deadline=None)
        @given(
            history=st.lists(st.tuples(bodies(), stamps), min_size=1, max_size=25),
            portion=st.integers(1, 9),
            again=st.integers(1, 9),
        )
        def check(
            history: list[tuple[WireModel, dict[str, Any]]], portion: int, again: int
        ) -> None:
            empty(engine)
            seen: dict[str, int] = {}
            lines = []
            for body, stamp in history:
                prefix = _PREFIX.get(type(body), "o")
                seen[prefix] = seen.get(prefix, -1) + 1
                lines.append(line(name(prefix, seen[prefix]), body, **stamp))
            fill(engine, *lines, portion=portion)
            before = dump(engine)
            monkeypatch.setattr("hub.visits.project.REBUILD_PORTION", again)
            with engine.execution_options(writes=True).begin() as connection:
                assert rebuild(connection, COMMUNITY) == len(lines)
            assert dump(engine) == before

        check()
