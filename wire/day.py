"""The business day: the date in Asia/Shanghai, whatever the machine's own zone."""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Fixed: China keeps one offset since 1991, and a bare machine may lack the zone tables."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_time(utc_ms: int) -> datetime:
    """The moment as Shanghai shows it; raises OverflowError outside years 1 to 9999."""
    return (_EPOCH + timedelta(milliseconds=utc_ms)).astimezone(SHANGHAI)


def business_day(utc_ms: int) -> date:
    """The day a moment counts for."""
    return local_time(utc_ms).date()


def utc_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, rounded down."""
    if moment.tzinfo is None:
        msg = f"{moment!r} has no zone; expected an aware datetime"
        raise ValueError(msg)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def day_start_ms(day: date) -> int:
    """The first millisecond of a business day; the next day's is its exclusive end."""
    return utc_ms(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))
