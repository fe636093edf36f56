"""Working time, against the published days of 2026 and against a walk minute by minute."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.matters.calendar import CalendarRules, HolidayYear, Span, WeekHours, WorkingCalendar
from hub.matters.holidays import default_rules
from wire.day import SHANGHAI, business_day, local_time, utc_ms

MINUTE_MS = 60_000
DESK = WorkingCalendar(default_rules())
ODD = WorkingCalendar(
    CalendarRules(
        week=WeekHours(
            monday=(), wednesday=(Span(opens=time(0), closes=time(0, 7)),),
            sunday=(Span(opens=time(23), closes=time(23, 59)),),
            swapped=(Span(opens=time(9), closes=time(9, 30)),),
        ),
        years=default_rules().years,
    )
)  # fmt: skip
MOMENTS = st.integers(
    utc_ms(datetime(2025, 12, 20, tzinfo=SHANGHAI)), utc_ms(datetime(2027, 1, 20, tzinfo=SHANGHAI))
)
MINUTES = st.integers(0, 9000)
Spans = tuple[tuple[time, time], ...]
Days = dict[int, Spans]
CALENDARS = st.sampled_from([DESK, ODD])


def at(text: str) -> int:
    return utc_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def shown(utc: int) -> str:
    return local_time(utc).strftime("%Y-%m-%d %H:%M")


def open_by_the_clock(calendar: WorkingCalendar, at_ms: int) -> bool:
    day, now = business_day(at_ms), local_time(at_ms).time()
    office: Spans = ((time(8, 30), time(12)), (time(14), time(17, 30)))
    odd: Days = {0: (), 2: ((time(0), time(0, 7)),), 5: (), 6: ((time(23), time(23, 59)),)}
    listed = [one for one in default_rules().years if one.year == day.year]
    if any(day in one.working for one in listed):
        spans = office if calendar is DESK else ((time(9), time(9, 30)),)
    elif any(day in set(one.closed) for one in listed):
        spans = ()
    else:
        closed: Days = {5: (), 6: ()} if calendar is DESK else odd
        spans = closed.get(day.weekday(), office)
    return any(opens <= now < closes for opens, closes in spans)


def is_open(calendar: WorkingCalendar, at_ms: int) -> bool:
    return calendar.working_minutes(at_ms // MINUTE_MS * MINUTE_MS, at_ms + MINUTE_MS) > 0


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-04-20 09:00", 60, "2026-04-20 10:00"),
        ("2026-04-20 11:30", 60, "2026-04-20 14:30"),
        ("2026-04-20 11:30", 30, "2026-04-20 12:00"),
        ("2026-04-20 12:30", 0, "2026-04-20 14:00"),
        ("2026-04-20 12:00", 0, "2026-04-20 14:00"),
        ("2026-04-24 17:00", 60, "2026-04-27 09:00"),
        ("2026-04-30 17:00", 60, "2026-05-06 09:00"),
        ("2026-05-08 17:00", 60, "2026-05-09 09:00"),
        ("2026-02-13 17:00", 60, "2026-02-14 09:00"),
        ("2026-02-14 17:00", 60, "2026-02-24 09:00"),
        ("2026-12-31 17:00", 60, "2027-01-01 09:00"),
    ],
)
def test_deadlines_of_2026(start: str, minutes: int, due: str) -> None:
    assert shown(DESK.add_working(at(start), minutes)) == due


@pytest.mark.parametrize(
    ("moment", "closing"),
    [
        ("2026-04-20 09:00", "2026-04-20 17:30"),
        ("2026-04-20 12:30", "2026-04-20 17:30"),
        ("2026-04-20 17:30", "2026-04-21 17:30"),
        ("2026-05-01 10:00", "2026-05-06 17:30"),
        ("2026-05-08 18:00", "2026-05-09 17:30"),
    ],
)
def test_the_desk_closes_on_that_day_or_on_the_next_one(moment: str, closing: str) -> None:
    assert shown(DESK.closing_ms(at(moment))) == closing


def test_the_year_2026_has_the_working_days_that_were_published() -> None:
    days = [date(2026, 1, 1) + timedelta(days=more) for more in range(365)]
    worked = {day for day in days if is_open(DESK, at(f"{day} 10:00"))}
    assert len(worked) == 248
    assert sum(day.weekday() >= 5 for day in worked) == 6


def test_a_year_that_nobody_entered_has_its_weekends_and_says_so() -> None:
    assert DESK.unlisted_years(at("2025-12-31 23:59"), at("2027-01-01 00:00")) == [2025, 2027]
    assert is_open(DESK, at("2027-10-01 10:00"))
    assert not is_open(DESK, at("2027-10-02 10:00"))


@given(CALENDARS, MOMENTS, MINUTES)
def test_adding_and_counting_are_inverse(
    calendar: WorkingCalendar, start_ms: int, minutes: int
) -> None:
    due_ms = calendar.add_working(start_ms, minutes)
    assert due_ms >= start_ms
    assert calendar.working_minutes(start_ms, due_ms) == minutes
    assert calendar.working_minutes(due_ms, start_ms) == -minutes


@given(CALENDARS, MOMENTS, MINUTES)
def test_a_deadline_never_lies_in_a_closed_span(
    calendar: WorkingCalendar, start_ms: int, minutes: int
) -> None:
    due_ms = calendar.add_working(start_ms, minutes)
    assert open_by_the_clock(calendar, due_ms - 1 if minutes else due_ms)


@given(CALENDARS, st.lists(MOMENTS, min_size=2, max_size=2), MINUTES, MINUTES)
def test_later_and_longer_is_never_earlier(
    calendar: WorkingCalendar, starts: list[int], minutes: int, more: int
) -> None:
    early, late = sorted(starts)
    assert calendar.add_working(early, minutes) <= calendar.add_working(late, minutes)
    assert calendar.add_working(early, minutes) <= calendar.add_working(early, minutes + more)
    assert calendar.working_minutes(early, late) >= 0


@given(CALENDARS, MOMENTS, MINUTES, MINUTES)
def test_two_steps_lead_as_far_as_one(
    calendar: WorkingCalendar, start_ms: int, first: int, then: int
) -> None:
    step_ms = calendar.add_working(calendar.add_working(start_ms, first), then)
    assert calendar.working_minutes(start_ms, step_ms) == first + then


@settings(max_examples=40)
@given(CALENDARS, st.integers(0, 390), st.integers(1, 1440))
def test_counting_is_what_a_walk_minute_by_minute_counts(
    calendar: WorkingCalendar, day: int, minutes: int
) -> None:
    start_ms = at("2025-12-20 00:00") + day * 1440 * MINUTE_MS
    walked = sum(open_by_the_clock(calendar, start_ms + n * MINUTE_MS) for n in range(minutes))
    assert calendar.working_minutes(start_ms, start_ms + minutes * MINUTE_MS) == walked


@given(CALENDARS, MOMENTS)
def test_a_closing_is_the_end_of_a_day_that_was_open(calendar: WorkingCalendar, at_ms: int) -> None:
    closing_ms = calendar.closing_ms(at_ms)
    assert closing_ms > at_ms
    assert calendar.add_working(closing_ms - MINUTE_MS, 1) == closing_ms
    next_ms = calendar.add_working(closing_ms, 0)
    assert business_day(next_ms) > business_day(closing_ms)
    assert calendar.add_working(at_ms, 0) < closing_ms


@pytest.mark.parametrize(
    "wrong",
    [
        {"week": {f"{name}day": [] for name in ("mon", "tues", "wednes", "thurs", "fri")}},
        {"week": {"monday": [{"opens": "12:00", "closes": "08:30"}]}},
        {"week": {"monday": [{"opens": "08:00", "closes": "12:00:30"}]}},
        {
            "week": {
                "monday": [
                    {"opens": a, "closes": b} for a, b in pairwise(("08:00", "10:00", "12:00"))
                ]
            }
        },
        {"years": [{"year": 2027, "source": "x", "working": ["2026-01-04"]}]},
        {"years": [{"year": 2027, "source": "x"}] * 2},
        {
            "years": [
                {
                    "year": 2027, "source": "x", "working": ["2027-01-03"],
                    "holidays": [{"name": "x", "first": "2027-01-01", "last": "2027-01-03"}],
                }
            ]
        },
        {"years": [{"year": 2027, "holidays": []}]},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CalendarRules.model_validate(wrong)


def test_rules_survive_json() -> None:
    rules = default_rules()
    assert CalendarRules.model_validate_json(rules.model_dump_json()) == rules
    assert isinstance(rules.years[0], HolidayYear)
    assert "2025年11月4日" in rules.years[0].source
