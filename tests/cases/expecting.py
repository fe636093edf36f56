"""What a case expects against what was found, in words."""

from collections import Counter
from datetime import date
from typing import Any

from tests.hub.rewards.registry_rows import day_or_none
from wire.day import business_day


class MismatchError(AssertionError):
    """Something is not as the case says."""


def expect(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise MismatchError(f"{what}: expected {_told(expected)}, got {_told(found)}")


def _told(value: object) -> str:
    if isinstance(value, Counter):
        return str(sorted(map(str, value.elements()))) if value else "nothing"
    return str(value)


def entry_row(row: Any) -> tuple[object, ...]:
    return row.household_id, row.day, row.amount_fen, row.kind, row.booked_on


def expected_row(item: dict[str, Any], now: int) -> tuple[object, ...]:
    booked = day_or_none(item.get("booked_on")) or business_day(now)
    day = date.fromisoformat(item["day"])
    return item["household"], day, item["fen"], item["kind"], booked
