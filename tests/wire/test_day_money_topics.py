from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.base import UtcMs
from wire.day import business_day, day_start_ms, local_time, utc_ms
from wire.money import format_yuan
from wire.topics import FACTS, ROSTER_PAGE, SCREEN, node_of


@given(st.datetimes(min_value=datetime(1992, 1, 1), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001
def test_the_day_is_the_one_the_zone_tables_give(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert business_day(utc_ms(moment)) == moment.astimezone(ZoneInfo("Asia/Shanghai")).date()


@given(st.dates(min_value=date(1970, 1, 2), max_value=date(9998, 1, 1)))
def test_a_day_is_half_open(day: date) -> None:
    start = day_start_ms(day)
    assert business_day(start) == day
    assert business_day(start - 1) == day - timedelta(days=1)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        utc_ms(datetime(2026, 5, 3))  # noqa: DTZ001


def test_every_wire_time_can_be_shown() -> None:
    bounds = UtcMs.__metadata__[0].metadata  # type: ignore[attr-defined]
    for bound in bounds:
        local_time(getattr(bound, "ge", None) or bound.le)


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (30, "0.30"), (-870, "-8.70"), (5, "0.05")])
def test_yuan_is_exact(fen: int, text: str) -> None:
    assert format_yuan(fen) == text


def test_topics_are_built_and_read() -> None:
    assert FACTS.of("lhyy", "p03") == "lianxin/v1/lhyy/p03/facts"
    assert ROSTER_PAGE.any == "lianxin/v1/+/+/roster/+"
    assert node_of(ROSTER_PAGE.of("lhyy", "p03", "12")) == ("lhyy", "p03", "roster")
    assert node_of(SCREEN.of("p03")) is None
    assert node_of("lianxin/v1/a b/p03/facts") is None


@pytest.mark.parametrize("part", ["", "P03", "p/3", "p 3", "p.3", "+", "x" * 33])
def test_a_part_a_broker_would_misread_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="topic part"):
        FACTS.of("lhyy", part)
