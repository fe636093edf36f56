"""The approvals of one person against the other shifts of the same point. Pure; no score."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

FEWEST = 300
"""Verdicts, of the person and of the others, below which nothing is compared."""
ALL = 0.995
BELOW = 0.05
"""Nearly everything accepted says something only where the others accept less."""
FAR = 0.15


class Shift(NamedTuple):
    """Verdicts given in one shift; ``accepted`` at first sight, not after a correction."""

    shift: str
    person: str
    day: date
    verdicts: int
    accepted: int
    corrected: int
    bulk: int


def compared(shifts: Sequence[Shift], day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """People on duty that day whose rate is far from that of the others."""
    for person in sorted({shift.person for shift in shifts if shift.day == day}):
        mine = [shift for shift in shifts if shift.person == person]
        others = [shift for shift in shifts if shift.person != person]
        if min(_count(mine), _count(others)) < FEWEST:
            continue
        rate, usual = _rate(mine), _rate(others)
        if (rate >= ALL and usual <= rate - BELOW) or abs(rate - usual) >= FAR:
            yield person, {"person": _told(mine), "others": _told(others)}


def _count(shifts: Sequence[Shift]) -> int:
    return sum(shift.verdicts for shift in shifts)


def _rate(shifts: Sequence[Shift]) -> float:
    return sum(shift.accepted for shift in shifts) / _count(shifts)


def _told(shifts: Sequence[Shift]) -> dict[str, Any]:
    return {
        "shifts": len(shifts),
        "verdicts": _count(shifts),
        "accepted": sum(shift.accepted for shift in shifts),
        "corrected": sum(shift.corrected for shift in shifts),
        "bulk": sum(shift.bulk for shift in shifts),
    }
