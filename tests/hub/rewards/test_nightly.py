"""When which days are due, and the thread that settles them."""

import threading
import time
from datetime import date, timedelta

from fastapi.testclient import TestClient
from sqlmodel import Session

from hub.rewards.nightly import due_days, start_nightly
from hub.rewards.settlement import latest_run
from hub.web.deps import Hub
from tests.hub.rewards.test_api import world
from tests.programs import PATIENCE_S
from wire.day import day_start_ms

DAY = date(2026, 5, 3)
THREE = day_start_ms(DAY + timedelta(days=1)) + 3 * 3_600_000


def test_yesterday_is_due_at_three_and_not_before() -> None:
    assert due_days(THREE - 1, None, {DAY: 1}, {}) == []
    assert due_days(THREE, None, {DAY: 1}, {}) == [DAY]


def test_a_night_is_done_once() -> None:
    assert due_days(THREE, DAY + timedelta(days=1), {DAY: 1}, {}) == []
    assert due_days(THREE, DAY, {DAY: 1}, {}) == [DAY]


def test_a_new_store_has_nothing_to_settle() -> None:
    assert due_days(THREE, None, {}, {}) == []


def test_missed_days_and_those_within_the_late_limit_are_due_oldest_first() -> None:
    first = DAY - timedelta(days=40)
    touched = {first + timedelta(days=n): n for n in range(41)}
    missed = first + timedelta(days=2)
    due = due_days(
        THREE, None, touched, {d: n for d, n in touched.items() if d not in (missed, DAY)}
    )
    assert due[0] == missed
    assert due[1:] == [DAY - timedelta(days=n) for n in range(31, -1, -1)]


def test_one_wrong_date_long_ago_does_not_make_every_day_since_due() -> None:
    old = date(1990, 1, 1)
    assert due_days(THREE, None, {old: 1}, {})[:2] == [old, DAY - timedelta(days=31)]
    assert due_days(THREE, None, {old: 1}, {old: 1})[0] == DAY - timedelta(days=31)


def test_what_changed_since_the_newest_run_is_due_however_old() -> None:
    old, given = date(2026, 1, 5), date(2026, 1, 7)
    assert due_days(THREE, None, {old: 8}, {old: 7})[0] == old
    assert due_days(THREE, None, {old: 8}, {old: 8})[0] == DAY - timedelta(days=31)
    today = DAY + timedelta(days=1)
    assert due_days(THREE, None, {today: 1}, {}, assigned={given, today}) == [given]


def test_the_thread_settles_what_is_due_and_ends(hub: Hub, client: TestClient) -> None:
    world(hub)
    hub.now_ms.ms = THREE  # type: ignore[attr-defined]
    stop = start_nightly(hub)
    try:
        deadline = time.monotonic() + PATIENCE_S
        run = None
        while run is None and time.monotonic() < deadline:
            with Session(hub.engine) as session:
                run = latest_run(session, hub.community, DAY)
    finally:
        stop()
    assert run is not None
    assert run["kind"] == "first"
    assert "nightly" not in {thread.name for thread in threading.enumerate()}
