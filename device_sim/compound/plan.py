"""What everybody will do, decided before anything runs: taps, throws, verdicts."""

import random
from dataclasses import dataclass
from typing import Literal

from device_sim.compound.town import BINS, POINTS, Card, Town

Value = Literal["accepted", "corrected", "rejected", "unclear"]
Reason = Literal["mixed", "unbroken_bag", "wrong_bin", "other"]
REASONS: tuple[Reason, ...] = ("mixed", "unbroken_bag", "wrong_bin", "other")
DECK: tuple[Value | None, ...] = (
    "accepted", "accepted", "accepted", "accepted", "accepted", "accepted", "accepted",
    "corrected", "corrected", "rejected", "rejected", "unclear", None, None,
)  # fmt: skip
"""Verdicts of one point's visits, dealt in shuffled order; None is left unjudged."""
SECONDS_A_TAP = 2.7
FIRST_TAP_S = 0.1
LATE_POINT = "p08"
"""Its volunteer comes late: the first residents find nobody on duty."""
LATE_S = 10.0


@dataclass(frozen=True)
class Throw:
    """Something thrown into a bin, so long after the tap."""

    bin_no: int
    grams: int
    after_s: float


@dataclass(frozen=True)
class PlannedVisit:
    """One resident's visit; ``value`` None means the supervisor never gets to it."""

    at_s: float
    uid: str
    door: str | None
    hold_s: float
    throws: tuple[Throw, ...]
    value: Value | None
    reason: Reason | None
    judge_after_s: float
    attended: bool = True


@dataclass(frozen=True)
class PointPlan:
    """A point's volunteer and visits, in order of their moment."""

    point: str
    check_in_s: float
    visits: tuple[PlannedVisit, ...]


def make_plan(town: Town, *, traffic_s: float) -> dict[str, PointPlan]:
    """The whole morning for each point, about ``traffic_s`` long."""
    helpers = {volunteer.home.door for volunteer in town.volunteers.values()}
    cards: dict[str, list[Card]] = {}
    for card in town.cards:
        if card.home.door not in helpers:
            cards.setdefault(card.home.door, []).append(card)
    return {point: _point(town, point, cards, traffic_s) for point in POINTS}


def _point(town: Town, point: str, cards: dict[str, list[Card]], traffic_s: float) -> PointPlan:
    luck = random.Random(f"plan {town.seed} {point}")  # noqa: S311 - a rehearsal, no secret
    count = max(6, round(traffic_s / SECONDS_A_TAP) + luck.choice((-1, 0, 0, 1)))
    doors = [home.door for home in town.near(point) if home.door in cards]
    guests = _guests(luck, [cards[door] for door in luck.sample(doors, count)])
    stranger = POINTS.index(point) % 2 == town.seed % 2
    if stranger:
        guests[luck.randrange(2, count)] = (luck.choice(town.unknown_uids), None)
    deck = _deal(luck, count)
    late_s = LATE_S if point == LATE_POINT and traffic_s >= 2 * LATE_S else 0.0
    moments = _moments(luck, count, late_s)
    visits = tuple(
        _visit(luck, at_s, *guest, value, attended=at_s > late_s)
        for at_s, guest, value in zip(moments, guests, deck, strict=True)
    )
    return PointPlan(point, late_s, visits)


def _guests(luck: random.Random, homes: list[list[Card]]) -> list[tuple[str, str | None]]:
    """Who comes; one or two of the later ones are somebody who was here before.

    Three others come in between, so that the reader cannot take both for one long tap.
    """
    chosen = [luck.choice(cards) for cards in homes]
    for _ in range(luck.choice((1, 2))):
        again = luck.randrange(len(chosen) // 2, len(chosen))
        home = homes[luck.randrange(max(1, len(chosen) // 2 - 2))]
        chosen[again] = luck.choice(home)
    return [(card.uid, card.home.door) for card in chosen]


def _deal(luck: random.Random, count: int) -> list[Value | None]:
    dealt: list[Value | None] = []
    while len(dealt) < count:
        dealt += luck.sample(DECK, len(DECK))
    return dealt[:count]


def _moments(luck: random.Random, count: int, late_s: float) -> list[float]:
    """Nobody taps within two seconds before a late volunteer: attended or not must be certain."""
    at_s, moments = FIRST_TAP_S, []
    for _ in range(count):
        if late_s - 3 < at_s <= late_s:
            at_s = late_s + 0.5
        moments.append(at_s)
        at_s += SECONDS_A_TAP * luck.uniform(0.75, 1.2)
    return moments


def _visit(
    luck: random.Random,
    at_s: float,
    uid: str,
    door: str | None,
    value: Value | None,
    *,
    attended: bool,
) -> PlannedVisit:
    bins = luck.sample(tuple(BINS), luck.choice((0, 1, 1, 1, 1, 1, 2, 2, 3)))
    throws = tuple(Throw(no, luck.randrange(300, 3000), luck.uniform(2, 6)) for no in sorted(bins))
    return PlannedVisit(
        at_s=at_s,
        uid=uid,
        door=door,
        hold_s=luck.uniform(0.9, 1.4),
        throws=throws,
        value=value if attended else None,
        reason=luck.choice(REASONS) if value == "rejected" and attended else None,
        judge_after_s=luck.uniform(2, 9),
        attended=attended,
    )
