"""What a household must get for a day, worked out from the truth log alone.

Written from the rules as a resident would tell them, not from the hub: one good visit pays,
once; otherwise what is undecided keeps the day open; otherwise every visit was rejected.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

DayReason = Literal["paid", "verdict_pending", "unattended_hold", "all_rejected", "no_event"]
GOOD = frozenset({"accepted", "corrected"})
OPEN_REASONS = frozenset({"verdict_pending", "unattended_hold"})


@dataclass(frozen=True)
class TrueVisit:
    """One visit as it happened; ``value`` is the last judgement anybody gave it."""

    visit: str
    point: str
    door: str | None
    attended: bool
    value: str | None

    @property
    def open(self) -> bool:
        """Nobody has decided, or the decider could not see."""
        return self.value in {None, "unclear"}


def day_reason(visits: Iterable[TrueVisit]) -> DayReason:
    """The one reason a resident is told."""
    came = list(visits)
    if any(visit.value in GOOD for visit in came):
        return "paid"
    undecided = [visit for visit in came if visit.open]
    if any(visit.attended or visit.value == "unclear" for visit in undecided):
        return "verdict_pending"
    if undecided:
        return "unattended_hold"
    return "all_rejected" if came else "no_event"


def reward_fen(reason: DayReason, full_fen: int) -> int:
    return full_fen if reason == "paid" else 0


def held(visits: Iterable[TrueVisit]) -> set[str]:
    """The visits of one household and day that wait for the office."""
    came = list(visits)
    if day_reason(came) not in OPEN_REASONS:
        return set()
    return {visit.visit for visit in came if visit.open}
