"""Broadcasts: each at its minute, none twice, none late, none by a clock that is not believed."""

from datetime import datetime, time

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.signals.config import WEEKDAYS, BroadcastConfig
from edge.signals.schedule import LATE_MS, Schedule
from wire.day import SHANGHAI, day_start_ms, local_time, utc_ms

MINUTE_MS = 60_000
MONDAY_MS = utc_ms(datetime(2026, 5, 4, tzinfo=SHANGHAI))
MORNING = BroadcastConfig(at=time(7, 30), text="请破袋投放")
EVENING = BroadcastConfig(at=time(19, 0), text="请分类投放", days=("sat", "sun"))
MIDNIGHT = BroadcastConfig(at=time(0, 0), text="晚安")
ALL = (MORNING, EVENING, MIDNIGHT)


def at(hours: int, minutes: int, seconds: float = 0, day: int = 0) -> int:
    return MONDAY_MS + round((((day * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)


def said(*moments_ms: int, trusted: bool = True) -> list[BroadcastConfig | None]:
    schedule = Schedule(ALL)
    return [schedule.turn(moment, trusted=trusted) for moment in moments_ms]


def test_at_its_minute_and_not_again() -> None:
    assert said(at(7, 29, 59), at(7, 30), at(7, 30, 1)) == [None, MORNING, None]


def test_a_day_of_the_week_is_the_one_in_shanghai() -> None:
    assert said(at(18, 59, 59), at(19, 0)) == [None, None]
    assert said(at(18, 59, 59, day=5), at(19, 0, day=5)) == [None, EVENING]


def test_midnight_belongs_to_the_new_day() -> None:
    assert said(at(23, 59, 58), at(0, 0, 2, day=1)) == [None, MIDNIGHT]


def test_after_a_start_or_a_long_stop_nothing_is_made_up_for() -> None:
    assert said(at(7, 30, 5)) == [None]
    assert said(at(7, 0), at(20, 0)) == [None, None]
    assert said(at(7, 0), at(12, 0, day=30), at(12, 0, 1, day=30)) == [None] * 3


def test_a_clock_put_back_says_nothing_twice() -> None:
    assert said(at(7, 29, 59), at(7, 30), at(7, 25), at(7, 29, 59), at(7, 30), at(7, 31)) == [
        None, MORNING, None, None, None, None,
    ]  # fmt: skip


def test_a_clock_that_was_years_ahead_silences_no_later_day() -> None:
    far = at(7, 30, day=20_000)
    moments = (far - 1000, far, at(7, 29, 59), at(7, 30))
    assert said(*moments) == [None, MORNING, None, MORNING]


def test_nothing_by_a_clock_that_is_not_believed() -> None:
    assert said(at(7, 29, 59), at(7, 30), trusted=False) == [None, None]
    schedule = Schedule(ALL)
    schedule.turn(at(7, 29, 59), trusted=False)
    assert schedule.turn(at(7, 30), trusted=True) is None, "the moment before was not believed"


slots = st.lists(
    st.tuples(st.integers(0, 1439), st.sets(st.sampled_from(WEEKDAYS), min_size=1)),
    min_size=1, max_size=8, unique_by=lambda slot: slot[0],
)  # fmt: skip
Slot = tuple[int, set[str]]


def schedule_of(chosen: list[Slot]) -> tuple[BroadcastConfig, ...]:
    return tuple(
        BroadcastConfig.model_validate(
            {"at": f"{minute // 60:02}:{minute % 60:02}", "days": sorted(days), "text": str(n)}
        )
        for n, (minute, days) in enumerate(chosen)
    )


@settings(max_examples=40)
@given(
    slots,
    st.lists(
        st.tuples(st.integers(-3 * 86_400_000, 3 * 86_400_000) | st.integers(0, 90_000),
                  st.booleans()),
        max_size=60,
    ),
)  # fmt: skip
def test_whatever_the_clock_does(chosen: list[Slot], steps: list[tuple[int, bool]]) -> None:
    schedule, now_ms, seen = Schedule(schedule_of(chosen)), MONDAY_MS, set()
    for step_ms, trusted in steps:
        now_ms += step_ms
        due = schedule.turn(now_ms, trusted=trusted)
        if due is None:
            continue
        assert trusted
        clock = local_time(now_ms - LATE_MS)
        moment_ms = utc_ms(datetime.combine(local_time(now_ms).date(), due.at, SHANGHAI))
        if moment_ms > now_ms:
            moment_ms = utc_ms(datetime.combine(clock.date(), due.at, SHANGHAI))
        assert now_ms - LATE_MS < moment_ms <= now_ms
        assert WEEKDAYS[local_time(moment_ms).weekday()] in due.days
        assert (due, moment_ms) not in seen
        seen.add((due, moment_ms))


@settings(max_examples=40)
@given(slots, st.integers(1000, 50_000))
def test_a_clock_that_only_runs_misses_nothing(chosen: list[Slot], every_ms: int) -> None:
    broadcasts = schedule_of(chosen)
    schedule = Schedule(broadcasts)
    day = local_time(MONDAY_MS).date()
    expected = [b for b in sorted(broadcasts, key=lambda b: b.at) if "mon" in b.days]
    heard = []
    moments = {day_start_ms(day) - every_ms}
    for broadcast in broadcasts:  # the seconds in between are empty: walk around each moment only
        middle_ms = utc_ms(datetime.combine(day, broadcast.at, SHANGHAI))
        first = (middle_ms - MONDAY_MS) // every_ms - 1
        moments |= {MONDAY_MS + (first + n) * every_ms for n in range(4)}
    for moment_ms in sorted(moments):
        due = schedule.turn(moment_ms, trusted=True)
        if due is not None and local_time(moment_ms).date() == day:
            heard.append(due)
    assert heard == expected
