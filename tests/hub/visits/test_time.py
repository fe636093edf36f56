"""Clocks that were wrong: what is dated by them is in review, between bounds, and rebuilt alike."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from hub.intake.inbound import Inbound
from hub.visits.bounds import Bounds, Dated, Undated, bounds
from hub.visits.placing import MAX_AHEAD_MS, STEP_MS, BootTime, Stamped, merged, place
from hub.visits.project import rebuild
from hub.visits.tables import BootClock, Visit
from hub.web.deps import Hub
from tests.hub.conftest import bearer
from tests.hub.intake.test_unit import empty
from tests.hub.nodes import COMMUNITY, T_MS, Node, line, name, take, tap
from tests.hub.stores import Stores
from tests.hub.visits.test_projections import DAY, dump, fill, rows, visit_of
from wire import facts
from wire.day import day_start_ms

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TEN_YEARS_MS = 3653 * DAY_MS
MINUTE_MS = 60_000


def clock(utc_ms: int, up_ms: int, no: int = 0, boot_id: str = "boot-1") -> bytes:
    body = facts.Clock(source="kernel", utc_ms=utc_ms, uncertainty_ms=20)
    return line(name("clock", no), body, up_ms=up_ms, wall_ms=utc_ms, boot_id=boot_id)


def visit(no: int, wall_ms: int, up_ms: int, **more: Any) -> bytes:
    return line(name("v", no), tap(no), up_ms=up_ms, wall_ms=wall_ms, **more)


def days(engine: Engine) -> dict[str, date | None]:
    return {row["visit_id"]: row["day"] for row in rows(engine, Visit)}


def rebuilt_alike(engine: Engine) -> None:
    before = dump(engine)
    with engine.execution_options(writes=True).begin() as connection:
        rebuild(connection, COMMUNITY)
    assert dump(engine) == before


@pytest.mark.parametrize("step_ms", [-TEN_YEARS_MS, TEN_YEARS_MS, -DAY_MS, 2 * STEP_MS])
def test_a_step_in_the_middle_of_a_boot_leaves_all_of_it_to_review(
    engine: Engine, step_ms: int
) -> None:
    was_ms = T_MS - 2 * HOUR_MS - max(step_ms, 0)
    fill(
        engine,
        clock(was_ms, 1000),
        visit(1, was_ms + HOUR_MS, HOUR_MS + 1000),
        visit(2, was_ms + HOUR_MS + step_ms, HOUR_MS + 2000),
        portion=9,
    )
    assert visit_of(engine, name("v", 1))["trusted"]
    assert not visit_of(engine, name("v", 2))["trusted"], "it contradicts the clock of its boot"
    then = Node(epoch="e5" * 16, lines=[clock(was_ms + HOUR_MS + step_ms, HOUR_MS + 1000, 2)])
    take(engine, then.hello(), then.batch(1, 1))
    assert set(days(engine).values()) == {None}, "nobody knows since when which clock was wrong"
    (held,) = rows(engine, BootClock)
    assert (held["source"], held["uncertainty_ms"] >= abs(step_ms)) == ("disputed", True)
    rebuilt_alike(engine)


def test_a_clock_set_back_over_midnight_by_less_than_a_doubt_dates_both_days(
    engine: Engine,
) -> None:
    """23:58 once more: both visits keep the day that the boot's one clock gives them."""
    midnight_ms = day_start_ms(DAY)
    fill(
        engine,
        clock(midnight_ms - MINUTE_MS, 0),
        visit(1, midnight_ms + MINUTE_MS, 2 * MINUTE_MS),
        clock(midnight_ms - 2 * MINUTE_MS, 2 * MINUTE_MS, 2),
        visit(2, midnight_ms - MINUTE_MS, 3 * MINUTE_MS),
    )
    assert days(engine) == {name("v", 1): DAY, name("v", 2): DAY - timedelta(days=1)}
    rebuilt_alike(engine)


def test_a_small_correction_is_no_dispute() -> None:
    held = BootTime(0, T_MS, 0)
    for apart_ms in (1, 5000, STEP_MS):
        assert not merged(BootTime(0, T_MS + apart_ms, 9), held).disputed
    doubted = merged(BootTime(0, T_MS + STEP_MS + 1, 9), held)
    assert doubted.disputed
    assert merged(BootTime(0, T_MS, 1), doubted).disputed, "a third clock settles nothing"


@pytest.mark.parametrize("boot_first", [False, True])
def test_a_hub_whose_clock_was_ten_years_ahead(engine: Engine, *, boot_first: bool) -> None:
    """Its node learned the hub's time and started anew before the clock was set right."""
    wrong_ms = T_MS + TEN_YEARS_MS
    said = [visit(1, wrong_ms, 5000, trust="hub", boot_id="old")]
    clocks = [clock(wrong_ms, 4000, 1, "old")]
    node = Node(lines=[*(clocks if boot_first else []), *said])
    take(engine, late(node.hello(), wrong_ms), late(node.batch(1, 2), wrong_ms))
    assert days(engine) == {name("v", 1): DAY + timedelta(days=3653)}
    node.lines.append(visit(2, T_MS, 1000, trust="hub", boot_id="new"))
    take(engine, late(node.batch(len(node.lines), 1), T_MS))
    assert days(engine) == {name("v", 1): None, name("v", 2): DAY}
    rebuilt_alike(engine)


def test_a_hub_whose_clock_was_ten_years_behind_believes_nobody_and_loses_nothing(
    engine: Engine,
) -> None:
    behind_ms = T_MS - TEN_YEARS_MS
    node = Node(lines=[visit(1, T_MS, 1000)])
    take(engine, late(node.hello(), behind_ms), late(node.batch(1, 1), behind_ms))
    assert days(engine) == {name("v", 1): None}
    rebuilt_alike(engine)


def late(message: Inbound, received_ms: int) -> Inbound:
    return Inbound(message.topic, message.payload, received_ms)


stamps = st.tuples(
    st.integers(-3, 3), st.integers(0, 5), st.sampled_from(["kernel", "none"]),
    st.sampled_from(["boot-1", "boot-2"]), st.integers(-3, 3), st.booleans(),
)  # fmt: skip


def test_any_clocks_at_both_ends_are_rebuilt_alike(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stores.fresh(hasty=True) as engine:

        @settings(max_examples=40, deadline=None)
        @given(st.lists(stamps, min_size=1, max_size=20), st.integers(1, 7), st.integers(1, 7))
        def check(history: list[tuple[Any, ...]], portion: int, again: int) -> None:
            empty(engine)
            node = Node()
            take(engine, node.hello())
            group: list[Inbound] = []
            for no, (wall, up, trust, boot, received, is_clock) in enumerate(history):
                wall_ms, up_ms = T_MS + wall * 5 * DAY_MS, up * 5 * DAY_MS
                made = (
                    clock(wall_ms, up_ms, no, boot)
                    if is_clock
                    else visit(no, wall_ms, up_ms, trust=trust, boot_id=boot)
                )
                node.lines.append(made)
                group.append(late(node.batch(no + 1, 1), T_MS + received * 5 * DAY_MS))
                if len(group) == portion:
                    take(engine, *group)
                    group = []
            take(engine, *group)
            monkeypatch.setattr("hub.visits.project.REBUILD_PORTION", again)
            rebuilt_alike(engine)

        check()


def test_bounds_come_from_the_outbox_the_receipt_and_the_boot() -> None:
    dated = {"e": Dated([1, 9], [T_MS, T_MS + 10 * HOUR_MS])}
    first = Undated("e", 3, up_ms=1 * HOUR_MS, received_ms=T_MS + 90 * HOUR_MS)
    last = Undated("e", 5, up_ms=4 * HOUR_MS, received_ms=T_MS + 90 * HOUR_MS)
    found = bounds(4 * HOUR_MS, [first, last], dated)
    assert found == Bounds(T_MS + 3 * HOUR_MS, T_MS + 10 * HOUR_MS)
    assert bounds(HOUR_MS, [first, last], dated) == Bounds(T_MS, T_MS + 7 * HOUR_MS)
    alone = bounds(HOUR_MS, [Undated("x", 3, HOUR_MS, T_MS)], dated)
    assert alone == Bounds(None, T_MS + MAX_AHEAD_MS)


def test_review_shows_bounds_and_not_a_guess(engine: Engine, client: TestClient, hub: Hub) -> None:
    fill(
        engine,
        visit(1, T_MS - 30 * HOUR_MS, 1000),
        visit(2, 5, HOUR_MS, trust="none", boot_id="unsynced"),
        visit(3, 6, 3 * HOUR_MS, trust="restored", boot_id="unsynced"),
        visit(4, T_MS - 20 * HOUR_MS, 1000, boot_id="boot-3"),
    )

    def when(no: int) -> Any:
        answer = client.get(f"/visits/{name('v', no)}/when", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    headers = bearer(hub, "office")
    known = when(1)
    assert (known["trusted"], known["day"]) == (True, str(DAY - timedelta(days=1)))
    shown = when(2)
    assert (shown["at"], shown["day"], shown["same_boot"]) == (None, None, 2)
    assert shown["earliest"] < shown["latest"]
    assert shown["latest"].startswith("2026-05-02T10:00"), "two hours before the next one's latest"
    assert when(3)["earliest"].startswith("2026-05-02T04:00")
    assert when(3)["days"] == ["2026-05-02"]
    assert client.get("/visits/nobody/when", headers=headers).status_code == 404


def test_a_stamp_that_its_boot_contradicts_is_not_placed() -> None:
    boot = BootTime(0, T_MS, 0)
    for trust in ("kernel", "hub"):
        near = Stamped(1000, T_MS + 1000 + STEP_MS, trust, T_MS + DAY_MS)
        far = Stamped(1000, T_MS + 1001 + STEP_MS, trust, T_MS + DAY_MS)
        assert (place(near, boot).trusted, place(far, boot).trusted) == (True, False)
