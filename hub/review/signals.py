"""What of a day is worth a look, by point. Pure; a signal is no verdict and moves no money.

The start values are those of the design's notes on fraud; nobody has measured them yet.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from hub.review.shifts import Shift, compared
from wire.day import local_time

GOOD = frozenset({"accepted", "corrected"})
A_DAY = 10
"""Items a point and day: more is read by nobody."""
NAMED = 20
"""Visits that the evidence of one item names."""


class Seen(NamedTuple):
    """One visit of the day as it stands; ``household`` None = nobody's."""

    visit: str
    point: str
    card: str | None
    source: str
    household: str | None
    at_ms: int
    shift: str | None
    weight_g: int | None


class Judgement(NamedTuple):
    """One verdict that stands; ``own``: somebody of the visit's home gave it."""

    visit: str
    value: str
    mode: str
    shift: str
    person: str
    at_ms: int
    own: bool


@dataclass(frozen=True)
class Limits:
    """From where on something is unusual."""

    homes_in_a_row: int = 5
    row_ms: int = 60_000
    fast_ms: int = 3_000
    fast_in_a_row: int = 10
    two_points_ms: int = 60_000
    heavy_g: int = 30_000
    night: tuple[int, int] = (23, 5)
    sample: float = 0.01


@dataclass(frozen=True)
class Day:
    """Everything that the signals of one day read."""

    day: date
    visits: Sequence[Seen]
    verdicts: Sequence[Judgement] = ()
    moved_ms: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """When a scale of a point moved, in order."""
    shifts: Mapping[str, Sequence[Shift]] = field(default_factory=dict)
    """The shifts of a point in the weeks before, this day's included."""
    limits: Limits = field(default_factory=Limits)


class Item(NamedTuple):
    """One thing to look at, with what shows it."""

    point: str
    signal: str
    subject: str
    evidence: dict[str, Any]


def items_of(day: Day) -> dict[str, list[Item]]:
    """By point, the weightier first and at most ten, one of them drawn at random."""
    found: dict[str, list[Item]] = defaultdict(list)
    for signal in SIGNALS:
        for item in signal(day):
            found[item.point].append(item)
    for item in _sample(day):
        found[item.point] = [*found[item.point][: A_DAY - 1], item]
    return {point: items[:A_DAY] for point, items in found.items()}


def _many_cards(day: Day) -> Iterator[Item]:
    """Cards of several homes within a minute while no scale moves: one person with a bunch."""
    limits = day.limits
    for point, visits in _by_point(day.visits, lambda visit: visit.card is not None):
        start = 0
        for end in range(len(visits)):
            while visits[end].at_ms - visits[start].at_ms > limits.row_ms:
                start += 1
            row = visits[start : end + 1]
            homes = {visit.household or visit.card for visit in row}
            if len(homes) < limits.homes_in_a_row:
                continue
            until_ms = row[0].at_ms + 2 * limits.row_ms
            moved = [at for at in day.moved_ms.get(point, ()) if row[0].at_ms <= at <= until_ms]
            if not moved:
                yield Item(point, "many_cards", row[0].visit, {"homes": len(homes), **_named(row)})
                start = end + 1


def _two_points(day: Day) -> Iterator[Item]:
    """One card at two points within a minute: one of them is a copy."""
    cards = sorted((v for v in day.visits if v.card), key=lambda v: (v.card or "", v.at_ms))
    for _, same in groupby(cards, key=lambda visit: visit.card):
        taps = list(same)
        for before, after in pairwise(taps):
            near = after.at_ms - before.at_ms < day.limits.two_points_ms
            if near and before.point != after.point:
                points = [before.point, after.point]
                yield Item(
                    after.point, "two_points", after.visit,
                    {"points": points, **_named([before, after])},
                )  # fmt: skip
                break


def _own_home(day: Day) -> Iterator[Item]:
    at = {visit.visit: visit for visit in day.visits}
    for verdict in day.verdicts:
        if verdict.own and verdict.visit in at:
            visit = at[verdict.visit]
            about = {"person": verdict.person, "value": verdict.value, **_named([visit])}
            yield Item(visit.point, "own_home", visit.visit, about)


def _fast(day: Day) -> Iterator[Item]:
    """Many in a row accepted within moments of their own tap; those in bulk are another key."""
    at = {visit.visit: visit for visit in day.visits}
    said = sorted(
        (v for v in day.verdicts if v.visit in at), key=lambda v: (v.shift, v.at_ms, v.visit)
    )
    for shift, verdicts in groupby(said, key=lambda verdict: verdict.shift):
        mine = list(verdicts)
        bulk = sum(verdict.mode == "bulk" for verdict in mine)
        single = [verdict for verdict in mine if verdict.mode != "bulk"]
        longest: list[Seen] = []
        row: list[Seen] = []
        for verdict in single:
            visit = at[verdict.visit]
            quick = verdict.value == "accepted"
            quick = quick and 0 <= verdict.at_ms - visit.at_ms < day.limits.fast_ms
            row = [*row, visit] if quick else []
            longest = max(longest, row, key=len)
        if len(longest) >= day.limits.fast_in_a_row:
            about = {"in_a_row": len(longest), "bulk": bulk, "verdicts": len(mine)}
            yield Item(longest[0].point, "fast", shift, about | _named(longest))


def _rate(day: Day) -> Iterator[Item]:
    for point, shifts in day.shifts.items():
        for person, about in compared(shifts, day.day):
            yield Item(point, "approval_rate", person, about)


def _by_hand(day: Day) -> Iterator[Item]:
    """Visits without a card are always listed (R28)."""
    for point, visits in _by_point(day.visits, lambda visit: visit.card is None):
        for shift, mine in groupby(
            sorted(visits, key=lambda v: (v.shift or "", v.at_ms)), key=lambda v: v.shift or ""
        ):
            row = list(mine)
            about = {"count": len(row), "sources": sorted({visit.source for visit in row})}
            yield Item(point, "by_hand", shift or row[0].visit, about | _named(row))


def _odd_weight(day: Day) -> Iterator[Item]:
    """Accepted with nothing on the scale, or with more than anybody carries."""
    good = {verdict.visit for verdict in day.verdicts if verdict.value in GOOD}
    for visit in day.visits:
        weight_g = visit.weight_g
        odd = weight_g is not None and (weight_g <= 0 or weight_g > day.limits.heavy_g)
        if odd and visit.visit in good:
            about = {"weight_g": weight_g, **_named([visit])}
            yield Item(visit.point, "odd_weight", visit.visit, about)


def _night(day: Day) -> Iterator[Item]:
    late, early = day.limits.night

    def at_night(visit: Seen) -> bool:
        hour = local_time(visit.at_ms).hour
        return hour >= late or hour < early

    for point, visits in _by_point(day.visits, at_night):
        yield Item(point, "night", str(day.day), {"count": len(visits), **_named(visits)})


SIGNALS: tuple[Callable[[Day], Iterator[Item]], ...] = (
    _many_cards, _two_points, _own_home, _fast, _rate, _by_hand, _odd_weight, _night,
)  # fmt: skip
"""The weightier first: what does not fit into a day's ten is left out from the end."""


def _sample(day: Day) -> Iterator[Item]:
    """A visit of a hundred, at least one a point: it tells how often nothing is found."""
    for point, visits in _by_point(day.visits, lambda _: True):
        chance = random.Random(f"{day.day}/{point}")  # noqa: S311 - the same when looked at again
        count = max(1, round(len(visits) * day.limits.sample))
        row = chance.sample(visits, count)
        yield Item(point, "sample", str(day.day), {"of": len(visits), **_named(row)})


def _by_point(
    visits: Sequence[Seen], wanted: Callable[[Seen], bool]
) -> Iterator[tuple[str, list[Seen]]]:
    ordered = sorted(filter(wanted, visits), key=lambda v: (v.point, v.at_ms, v.visit))
    for point, same in groupby(ordered, key=lambda visit: visit.point):
        yield point, list(same)


def _named(visits: Sequence[Seen]) -> dict[str, Any]:
    """No card stands in it."""
    return {
        "from_ms": min(visit.at_ms for visit in visits),
        "to_ms": max(visit.at_ms for visit in visits),
        "visits": [
            {
                "visit": visit.visit,
                "at": local_time(visit.at_ms).isoformat(timespec="milliseconds"),
                "household": visit.household,
                "weight_g": visit.weight_g,
            }
            for visit in visits[:NAMED]
        ],
    }
