"""Working time of the desk: weekends, public holidays, worked weekends and desk hours. Pure.

Moments are UTC milliseconds, days and hours those of Asia/Shanghai. A year's open time is added up
once, so that a deadline weeks away costs two searches and no walk.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import accumulate, pairwise
from typing import Annotated, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from wire.day import business_day, day_start_ms

_MINUTE_MS = 60_000
_DAY_MS = 86_400_000
_LAST_YEAR = 9990
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


ClockTime = Annotated[
    time,
    PlainSerializer(lambda at: f"{at:%H:%M}", when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
"""As ``08:30``: a JSON schema's own ``time`` would need seconds and a zone."""


class Span(_Rules):
    """The desk is open from ``opens`` until ``closes``, whole minutes."""

    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _forward(self) -> Self:
        for at in (self.opens, self.closes):
            if at.second or at.microsecond or at.tzinfo is not None:
                msg = f"{at}: expected whole minutes without a zone, as 08:30"
                raise ValueError(msg)
        if self.closes <= self.opens:
            msg = f"closes {self.closes:%H:%M}; expected after it opens {self.opens:%H:%M}"
            raise ValueError(msg)
        return self


def _apart(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for before, after in pairwise(spans):
        if after.opens <= before.closes:
            msg = f"opens {after.opens:%H:%M} before it closes {before.closes:%H:%M}"
            raise ValueError(msg)
    return spans


Hours = Annotated[tuple[Span, ...], Field(max_length=6)]
_OFFICE = (Span(opens=time(8, 30), closes=time(12)), Span(opens=time(14), closes=time(17, 30)))


class WeekHours(_Rules):
    """Desk hours of each weekday; none = closed. ``swapped`` are those of a worked weekend."""

    monday: Hours = _OFFICE
    tuesday: Hours = _OFFICE
    wednesday: Hours = _OFFICE
    thursday: Hours = _OFFICE
    friday: Hours = _OFFICE
    saturday: Hours = ()
    sunday: Hours = ()
    swapped: Hours = _OFFICE

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for hours in (*self.days, self.swapped):
            _apart(hours)
        if not any(self.days):
            msg = "no weekday has desk hours; expected at least one, or nothing is ever due"
            raise ValueError(msg)
        return self

    @property
    def days(self) -> tuple[Hours, ...]:
        """From Monday on."""
        return (
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday,
            self.sunday,
        )  # fmt: skip


class Holiday(_Rules):
    """Closed days, both ends included."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    first: Annotated[date, Field(ge=_FIRST_DAY, le=_LAST_DAY)]
    last: Annotated[date, Field(ge=_FIRST_DAY, le=_LAST_DAY)]

    @model_validator(mode="after")
    def _short(self) -> Self:
        if not timedelta(0) <= self.last - self.first < timedelta(days=60):
            msg = f"from {self.first} to {self.last}; expected first ≤ last and at most 60 days"
            raise ValueError(msg)
        return self


class HolidayYear(_Rules):
    """What was published for one year; ``working`` are weekends worked instead (调休)."""

    year: Annotated[int, Field(ge=2000, le=2099)]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=40)] = ()
    working: Annotated[tuple[date, ...], Field(max_length=60)] = ()

    @model_validator(mode="after")
    def _own_days(self) -> Self:
        strangers = [day for day in self.working if day.year != self.year]
        if strangers:
            msg = f"{strangers[0]} is no day of {self.year}"
            raise ValueError(msg)
        off = set(self.closed)
        if both := sorted(off & set(self.working)):
            msg = f"{both[0]} is a holiday and a working day; expected one of them"
            raise ValueError(msg)
        return self

    @property
    def closed(self) -> Iterator[date]:
        """Every day off."""
        for holiday in self.holidays:
            for more in range((holiday.last - holiday.first).days + 1):
                yield holiday.first + timedelta(days=more)


CALENDAR_EXAMPLE: JsonDict = {
    "week": {"saturday": [{"opens": "09:00", "closes": "11:30"}]},
    "years": [
        {
            "year": 2026,
            "source": "国务院办公厅关于2026年部分节假日安排的通知",
            "holidays": [{"name": "劳动节", "first": "2026-05-01", "last": "2026-05-05"}],
            "working": ["2026-05-09"],
        }
    ],
}


class CalendarRules(_Rules):
    """When the desk works."""

    model_config = ConfigDict(json_schema_extra={"examples": [CALENDAR_EXAMPLE]})

    week: WeekHours = WeekHours()
    years: Annotated[tuple[HolidayYear, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        told = [one.year for one in self.years]
        if again := sorted({year for year in told if told.count(year) > 1}):
            msg = f"year {again[0]} stands twice; expected once"
            raise ValueError(msg)
        return self


class _Open(NamedTuple):
    """The spans of one year in order; ``before_ms`` is the open time before each, then all."""

    opens_ms: list[int]
    closes_ms: list[int]
    before_ms: list[int]


class WorkingCalendar:
    """Arithmetic in the desk's open time."""

    def __init__(self, rules: CalendarRules) -> None:
        self._week = tuple(tuple(map(_offsets, hours)) for hours in rules.week.days)
        self._swapped = tuple(map(_offsets, rules.week.swapped))
        self._listed = frozenset(one.year for one in rules.years)
        self._off = frozenset(day for one in rules.years for day in one.closed)
        self._working = frozenset(day for one in rules.years for day in one.working)
        self._years: dict[int, _Open] = {}

    def add_working(self, start_ms: int, minutes: int) -> int:
        """The moment by which so many open minutes have passed; 0 minutes = open at last.

        It lies in an open span, its closing included.
        """
        if minutes < 0:
            msg = f"{minutes} minutes; expected 0 or more"
            raise ValueError(msg)
        year, passed_ms = self._passed(start_ms)
        wanted_ms = passed_ms + minutes * _MINUTE_MS
        while True:
            here = self._year(year)
            if minutes == 0:
                at = bisect_right(here.closes_ms, start_ms)
            else:
                at = bisect_left(here.before_ms, wanted_ms) - 1
            if at < len(here.opens_ms):
                return here.opens_ms[at] + wanted_ms - here.before_ms[at]
            wanted_ms -= here.before_ms[-1]
            year += 1
            if year > _LAST_YEAR:
                msg = f"{minutes} working minutes after {start_ms} ms lie beyond {_LAST_YEAR}"
                raise OverflowError(msg)

    def working_minutes(self, from_ms: int, to_ms: int) -> int:
        """Whole open minutes from one moment to another; negative if it is an earlier one."""
        if to_ms < from_ms:
            return -self.working_minutes(to_ms, from_ms)
        (first, before_ms), (last, passed_ms) = self._passed(from_ms), self._passed(to_ms)
        whole_ms = sum(self._year(year).before_ms[-1] for year in range(first, last))
        return (whole_ms + passed_ms - before_ms) // _MINUTE_MS

    def closing_ms(self, at_ms: int) -> int:
        """When the desk closes for the day: that day, or the next one that is open then."""
        day = business_day(at_ms)
        while True:
            spans = self._spans(day)
            closes_ms = day_start_ms(day) + spans[-1][1] if spans else 0
            if spans and at_ms < closes_ms:
                return closes_ms
            day += timedelta(days=1)

    def unlisted_years(self, from_ms: int, to_ms: int) -> list[int]:
        """Years between two moments whose holidays nobody has entered: weekends only."""
        years = range(business_day(from_ms).year, business_day(to_ms).year + 1)
        return [year for year in years if year not in self._listed]

    def _spans(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self._working:
            return self._swapped
        return () if day in self._off else self._week[day.weekday()]

    def _passed(self, at_ms: int) -> tuple[int, int]:
        """The year of a moment, and the open time of that year before it."""
        year = business_day(at_ms).year
        here = self._year(year)
        at = bisect_right(here.opens_ms, at_ms) - 1
        if at < 0:
            return year, 0
        return year, here.before_ms[at] + min(at_ms, here.closes_ms[at]) - here.opens_ms[at]

    def _year(self, year: int) -> _Open:
        if year not in self._years:
            first, last = date(year, 1, 1), date(year, 12, 31)
            begins_ms = day_start_ms(first)
            opens_ms, closes_ms = [], []
            for at in range((last - first).days + 1):
                for opens, closes in self._spans(first + timedelta(days=at)):
                    opens_ms.append(begins_ms + at * _DAY_MS + opens)
                    closes_ms.append(begins_ms + at * _DAY_MS + closes)
            lengths = (end - begin for begin, end in zip(opens_ms, closes_ms, strict=True))
            self._years[year] = _Open(opens_ms, closes_ms, list(accumulate(lengths, initial=0)))
        return self._years[year]


def _offsets(span: Span) -> tuple[int, int]:
    """Milliseconds after midnight."""
    opens, closes = ((at.hour * 60 + at.minute) * _MINUTE_MS for at in (span.opens, span.closes))
    return opens, closes
