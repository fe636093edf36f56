import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from edge.clock import PointClock, SystemTime, _OnceASecond
from edge.days import LONGEST_SHIFT_MS, clock_due, day_ends_due, shift_end_due
from edge.point.state import PointState, ShiftState
from edge.store.file import OutboxError, StoreFullError
from edge.store.outbox import KEEP_MS, Outbox
from tests.edge.test_sender import new_fact
from wire import codec
from wire.day import day_start_ms
from wire.facts import DayEnd

DAY = date(2026, 5, 3)


def test_an_epoch_is_born_with_the_outbox_and_a_boot_is_counted_before_use(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "o.db", "lhyy", "p03")
    first.append([new_fact()])
    first.close()
    second = Outbox(tmp_path / "o.db", "lhyy", "p03")
    assert (second.boot, second.epoch, second.next_seq) == (first.boot + 1, first.epoch, 2)
    assert second.waiting == 1
    second.close()


def test_another_points_outbox_is_refused(tmp_path: Path) -> None:
    Outbox(tmp_path / "o.db", "lhyy", "p03").close()
    with pytest.raises(OutboxError, match="belongs to lhyy/p03, expected lhyy/p04"):
        Outbox(tmp_path / "o.db", "lhyy", "p04")


def test_no_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxError, match="check space and permissions"):
        Outbox(tmp_path / "file" / "o.db", "lhyy", "p03")


def test_a_full_store_records_none_of_the_facts_and_goes_on_later(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.db", "lhyy", "p03")
    outbox.append([new_fact()])
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreFullError, match="nothing written"):
        outbox.append([new_fact() for _ in range(200)])
    assert (outbox.next_seq, outbox.waiting) == (2, 1)
    outbox._db.execute("PRAGMA max_page_count=100000")
    outbox.append([new_fact()])
    assert [row.seq for row in outbox.pending(1, 9)] == [1, 2]
    outbox.close()


def test_a_disk_that_refuses_a_receipt_stops_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.db", "lhyy", "p03")
    outbox.append([new_fact()])
    outbox._db.execute("PRAGMA query_only=ON")  # as a remount to read-only would
    for write in (
        lambda: outbox.acknowledge(1, 1),
        outbox.new_epoch,
        lambda: outbox.remember_hub("00" * 16),
        lambda: outbox.forget_after(0),
        lambda: outbox.append([new_fact()]),
    ):
        with pytest.raises(StoreFullError):
            write()
    outbox._db.execute("PRAGMA query_only=OFF")
    outbox.acknowledge(1, 1)
    assert (outbox.acked, outbox.waiting, outbox.next_seq) == (1, 0, 2)
    outbox.close()


def test_two_daemons_do_not_share_a_folder(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "o.db", "lhyy", "p03")
    with pytest.raises(OutboxError, match="another lianxin-edge works in this folder"):
        Outbox(tmp_path / "o.db", "lhyy", "p03")
    first.close()
    Outbox(tmp_path / "o.db", "lhyy", "p03").close()


def test_a_forgotten_shift_ends_and_leaves_its_visits_to_the_office() -> None:
    state = PointState(shift=ShiftState("5f" * 16, "v03", since_ms=0))
    assert shift_end_due(state, LONGEST_SHIFT_MS) == []
    (end,) = shift_end_due(state, LONGEST_SHIFT_MS + 1)
    assert (end.action, end.by, end.unjudged, end.shift) == ("closed", "plan", "left", "5f" * 16)
    assert shift_end_due(PointState(), 10**15) == []


def test_acknowledged_rows_are_kept_ninety_days_and_the_newest_for_ever(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.db", "lhyy", "p03")
    for _ in range(5):
        outbox.append([new_fact()])
    outbox.acknowledge(3, now_ms=1000)
    outbox.prune(KEEP_MS + 1000)
    assert len(outbox.pending(1, 9)) == 5
    outbox.prune(KEEP_MS + 1001)
    assert [row.seq for row in outbox.pending(1, 9)] == [4, 5]
    outbox.acknowledge(5, now_ms=1000)
    outbox.prune(KEEP_MS * 9)
    assert [row.seq for row in outbox.pending(1, 9)] == [5]
    outbox.close()


def test_commits_are_full(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.db", "lhyy", "p03")
    assert outbox._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert outbox._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    outbox.close()
    with sqlite3.connect(tmp_path / "o.db") as db:
        assert db.execute("SELECT count(*) FROM fact").fetchone() == (0,)
    db.close()


class _Machine:
    def __init__(self) -> None:
        self.up, self.wall, self.synced = 5000, day_start_ms(DAY), False
        self.time = SystemTime(lambda: self.up, lambda: self.wall, lambda: self.synced, "b")


def test_nothing_means_assume() -> None:
    machine = _Machine()
    fresh = PointClock(machine.time, "hub", 1, floor_ms=None)
    assert (fresh.trust, fresh.stamp().wall_ms) == ("none", machine.wall)
    kernel = PointClock(machine.time, "kernel", 1, floor_ms=None)
    assert kernel.trust == "none"
    machine.synced = True
    assert kernel.stamp().trust == "kernel"
    assert PointClock(machine.time, "none", 1, floor_ms=None).trust == "none"
    assert fresh.trust == "none", "a synchronised kernel is not the configured source"


def test_time_never_runs_behind_the_newest_fact() -> None:
    machine = _Machine()
    clock = PointClock(machine.time, "hub", 1, floor_ms=machine.wall + 900)
    assert (clock.trust, clock.stamp().wall_ms) == ("restored", machine.wall + 900)


def test_the_hubs_time_is_carried_by_the_boot_clock_through_a_step_of_the_system_clock() -> None:
    machine = _Machine()
    clock = PointClock(machine.time, "hub", 1, floor_ms=None)
    assert clock.learn_from_hub(1_777_766_400_000, sent_up_ms=4000, now_up_ms=5000)
    assert clock.uncertainty_ms >= 500
    machine.wall -= 10 * 365 * 86_400_000
    machine.up += 60_000
    assert clock.stamp().wall_ms == 1_777_766_400_000 + 500 + 60_000
    assert clock.trust == "hub"


def test_a_slow_or_impossible_round_trip_teaches_nothing() -> None:
    clock = PointClock(_Machine().time, "hub", 1, floor_ms=None)
    assert not clock.learn_from_hub(1, sent_up_ms=0, now_up_ms=10_001)
    assert not clock.learn_from_hub(1, sent_up_ms=9, now_up_ms=8)
    assert clock.trust == "none"


def test_a_day_is_closed_once_when_it_is_over_and_idle_days_too() -> None:
    state = PointState(first_day=DAY)
    assert day_ends_due(state, day_start_ms(DAY + timedelta(days=1)) - 1) == []
    (first,) = day_ends_due(state, day_start_ms(DAY + timedelta(days=1)))
    assert first.day == DAY
    state.last_day_end = first
    assert day_ends_due(state, day_start_ms(DAY + timedelta(days=1))) == []
    later = day_ends_due(state, day_start_ms(DAY + timedelta(days=4)))
    assert [end.day for end in later] == [DAY + timedelta(days=n) for n in (1, 2, 3)]
    assert isinstance(later[0], DayEnd)
    assert day_ends_due(PointState(), day_start_ms(DAY)) == []


def test_the_kernel_is_asked_about_its_clock_once_a_second() -> None:
    now = [0]
    asked: list[int] = []

    def ask() -> bool:
        asked.append(now[0])
        return len(asked) > 1

    synced = _OnceASecond(ask, lambda: now[0])
    answers = []
    for up_ms in (0, 400, 999, 1000, 1999):
        now[0] = up_ms
        answers.append(synced())
    assert (asked, answers) == ([0, 1000], [False, False, False, True, True])


def test_after_a_clock_that_was_years_ahead_days_are_closed_again() -> None:
    wrong = DayEnd(day=DAY + timedelta(days=3653), taps=0, deposits=0, verdicts=0, unjudged=0)
    state = PointState(first_day=DAY, last_day_end=wrong)
    (end,) = day_ends_due(state, day_start_ms(DAY + timedelta(days=1)))
    assert end.day == DAY


def test_a_clock_set_back_over_midnight_closes_no_day_again() -> None:
    closed = DayEnd(day=DAY, taps=3, deposits=0, verdicts=3, unjudged=0)
    state = PointState(first_day=DAY, last_day_end=closed)
    assert day_ends_due(state, day_start_ms(DAY + timedelta(days=1)) - 60_000) == []


def test_a_step_in_the_middle_of_a_boot_is_said_once_and_small_corrections_are_not() -> None:
    machine, state = _Machine(), PointState()
    clock = PointClock(machine.time, "kernel", 1, floor_ms=None)

    def said() -> int:
        due = clock_due(state, clock.stamp(), clock.uncertainty_ms)
        for body in due:
            state.apply(1, codec.new_fact("a" * 32, clock.stamp(), body)[0])
        return len(due)

    assert said() == 0, "an unsynchronised clock dates nothing"
    machine.synced = True
    assert [said(), said()] == [1, 0]
    for step_ms, facts in ((2000, 0), (-4001, 1), (-10 * 365 * 86_400_000, 1), (86_400_000, 1)):
        machine.wall += step_ms
        machine.up += 60_000
        machine.wall += 60_000
        assert [said(), said()] == [facts, 0], step_ms
