"""What one visit is worth on a day: the first gate that stops it names its reason. Pure.

The gates stand in the order of the reasons' rank, so that a household is shown the reason of the
visit that came furthest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hub.rewards.model import (
    ATTESTED,
    DOOR_UNKNOWN,
    QUALIFIED,
    REJECTED,
    STAFF,
    TEST,
    BindingIn,
    BlockIn,
    DayInput,
    HouseholdIn,
    Policy,
    Reason,
    VerdictIn,
    VisitIn,
)
from wire.day import business_day, day_start_ms

_NOON_MS = 12 * 3_600_000
_PAYS = frozenset({"accepted", "corrected"})


class Placed(NamedTuple):
    """Where a visit counts. ``sure`` is false until staff assigns the day of an untrusted one."""

    day: date
    instant_ms: int
    sure: bool


class Judged(NamedTuple):
    """One visit with its own reason."""

    visit: str
    instant_ms: int
    household: str | None
    reason: str
    verdict: str | None = None
    verdict_reason: str | None = None
    by_role: str | None = None


def place(visit: VisitIn) -> Placed:
    """The business day of a visit, and the instant at which its card is looked up (R5, R20).

    An untrusted visit is shown on the day it came; ``trusted`` is decided where facts are placed.
    """
    if visit.assigned is not None:
        if business_day(visit.occurred_ms) == visit.assigned:
            return Placed(visit.assigned, visit.occurred_ms, sure=True)
        return Placed(visit.assigned, day_start_ms(visit.assigned) + _NOON_MS, sure=True)
    if visit.trusted:
        return Placed(business_day(visit.occurred_ms), visit.occurred_ms, sure=True)
    return Placed(business_day(visit.received_ms), visit.received_ms, sure=False)


def too_late(visit: VisitIn, at: Placed, policy: Policy) -> bool:
    """Received more calendar days after its business day than the policy allows (R17, R18)."""
    return visit.assigned is None and visit.received_ms >= late_from_ms(at.day, policy)


def late_from_ms(day: date, policy: Policy) -> int:
    """The first moment that is too late for a day."""
    return day_start_ms(day + timedelta(days=policy.late_limit_days + 1))


class Cards:
    """Whose card it was at an instant, and whether it was blocked (R11 to R13)."""

    def __init__(self, bindings: Iterable[BindingIn], blocks: Iterable[BlockIn]) -> None:
        self._bindings: dict[str, list[BindingIn]] = defaultdict(list)
        for binding in sorted(bindings, key=lambda item: item.from_ms):
            self._bindings[binding.card].append(binding)
        self._blocks: dict[str, list[BlockIn]] = defaultdict(list)
        for block in blocks:
            self._blocks[block.card].append(block)

    def holder(self, card: str, at_ms: int) -> tuple[str | None, bool]:
        """``(household, bound)``; unbound, the household that later got it or last had it.

        A later binding ends an open one, so only the newest that has begun is asked.
        """
        before: BindingIn | None = None
        for binding in self._bindings.get(card, ()):
            if binding.from_ms > at_ms:
                if before is None or not _within(at_ms, before.from_ms, before.to_ms):
                    return binding.household, False
                break
            before = binding
        if before is None:
            return None, False
        return before.household, _within(at_ms, before.from_ms, before.to_ms)

    def blocked(self, card: str, at_ms: int) -> bool:
        """A block never reaches back and ends when the card was found."""
        blocks = self._blocks.get(card)
        return blocks is not None and any(
            _within(at_ms, block.from_ms, block.until_ms) for block in blocks
        )


def _within(at_ms: int, from_ms: int, until_ms: int | None) -> bool:
    return from_ms <= at_ms and (until_ms is None or at_ms < until_ms)


def _standing(verdicts: Sequence[VerdictIn]) -> list[VerdictIn]:
    """Neither undone nor replaced, even by one that is undone: its visit is unjudged again."""
    replaced = {(v.visit, v.replaces) for v in verdicts if v.replaces not in (None, v.verdict)}
    return [v for v in verdicts if not v.undone and (v.visit, v.verdict) not in replaced]


class DayVisits:
    """The visits of one day against registry, verdicts and policy."""

    def __init__(self, given: DayInput) -> None:
        self._given = given
        self._from_ms = day_start_ms(given.day)
        self._until_ms = day_start_ms(given.day + timedelta(days=1))
        self._cards = Cards(given.bindings, given.blocks)
        self._active = {h.household for h in given.households if h.active(given.day)}
        self._late_ms = late_from_ms(given.day, given.policy) if given.policy else 0
        self._doors: dict[str, list[HouseholdIn]] = defaultdict(list)
        for item in given.households:
            self._doors[item.door].append(item)
        may_judge_own = given.policy is None or given.policy.self_verdict == "allow"
        self._homes: Mapping[str, str] = {} if may_judge_own else given.homes
        self._verdicts: dict[str, list[VerdictIn]] = defaultdict(list)
        for verdict in _standing(given.verdicts):
            self._verdicts[verdict.visit].append(verdict)

    def judge(self) -> list[Judged]:
        """Those that count for the day; others may be among the input."""
        day = self._given.day
        placed = ((visit, self._place(visit)) for visit in self._given.visits)
        return [self._judge(visit, at) for visit, at in placed if at.day == day]

    def _place(self, visit: VisitIn) -> Placed:
        """As ``place``, without calendar work for the many that plainly belong to the day."""
        plain = visit.trusted and visit.assigned is None
        if plain and self._from_ms <= visit.occurred_ms < self._until_ms:
            return Placed(self._given.day, visit.occurred_ms, sure=True)
        return place(visit)

    def _judge(self, visit: VisitIn, at: Placed) -> Judged:
        household, stopped = self._door_gate(visit, at)
        verdict, own = self._verdict(visit, household)
        if visit.test:
            reason: str = TEST
        elif self._given.policy is None:
            reason = Reason.NO_POLICY
        elif stopped is not None:
            rejected = stopped == DOOR_UNKNOWN and verdict and verdict.value == REJECTED
            reason = REJECTED if rejected else stopped
        else:
            reason = self._worth(visit, at, verdict, own, self._given.policy)
        if verdict is None:
            return Judged(visit.visit, at.instant_ms, household, reason)
        said = verdict.value, verdict.reason, verdict.role
        return Judged(visit.visit, at.instant_ms, household, reason, *said)

    def _door_gate(self, visit: VisitIn, at: Placed) -> tuple[str | None, str | None]:
        by_card = visit.card is not None and visit.home is None
        if visit.home is not None:
            household: str | None = visit.home
        elif visit.card is None:
            household = self._at_door(visit.door or "")
            if household is None:
                return None, DOOR_UNKNOWN
        else:
            household, bound = self._cards.holder(visit.card, at.instant_ms)
            if household is None or not bound:
                return household, Reason.CARD_UNKNOWN
        if household not in self._active:
            return household, Reason.HOUSEHOLD_INACTIVE
        if by_card and self._cards.blocked(visit.card or "", at.instant_ms):
            return household, Reason.CARD_BLOCKED
        return household, None

    def _at_door(self, door: str) -> str | None:
        behind = self._doors.get(door, [])
        for item in behind:
            if item.active(self._given.day):
                return item.household
        return behind[-1].household if behind else None

    def _verdict(self, visit: VisitIn, household: str | None) -> tuple[VerdictIn | None, bool]:
        """The verdict that counts (R7), and whether one of the judge's own home was passed over.

        Staff outranks volunteers, and they what is attested; then the latest time, then arrival.
        """
        verdicts = self._verdicts.get(visit.visit)
        if verdicts is None:
            return None, False
        counting = [item for item in verdicts if not self._own(item, household)]
        if len(counting) < 2:
            return (counting[0] if counting else None), len(counting) < len(verdicts)
        best = max(
            counting,
            key=lambda item: (
                item.role == STAFF, item.role != ATTESTED, item.at_ms, item.arrival,
            ),
        )  # fmt: skip
        return best, len(counting) < len(verdicts)

    def _own(self, verdict: VerdictIn, household: str | None) -> bool:
        home = self._homes.get(verdict.by)
        return home is not None and home == household and verdict.role != STAFF

    def _worth(
        self,
        visit: VisitIn,
        at: Placed,
        verdict: VerdictIn | None,
        own: bool,
        policy: Policy,
    ) -> str:
        """The gates behind the door: verdict, weight, day, and who is still asked."""
        said, hold = _said(visit, verdict, own, policy), self._day_hold(visit, at)
        if said == REJECTED:
            # It counts against its day: while that is unsure only staff may say so.
            by_staff = verdict is not None and verdict.role == STAFF
            counts = by_staff or policy.combine == "any"
            return REJECTED if counts or hold is None else hold
        if policy.min_grams and visit.weight_g is not None and visit.weight_g < policy.min_grams:
            return Reason.BELOW_MIN_WEIGHT
        return hold or said

    def _day_hold(self, visit: VisitIn, at: Placed) -> str | None:
        """Why staff must say which day it is (R18, R20)."""
        if visit.received_ms >= self._late_ms and visit.assigned is None:
            return Reason.LATE_BEYOND_LIMIT
        return None if at.sure else Reason.CLOCK_UNTRUSTED


def _said(visit: VisitIn, verdict: VerdictIn | None, own: bool, policy: Policy) -> str:
    """Qualified, rejected, or the hold that waits for a verdict (R6, R9, R10)."""
    if verdict is not None and verdict.value == REJECTED:
        return REJECTED
    if verdict is not None and verdict.value in _PAYS:
        return QUALIFIED
    if verdict is not None:
        return Reason.VERDICT_PENDING
    if own:
        return Reason.SELF_VERDICT_HOLD
    if visit.shift is None:
        by_policy = {"approve": QUALIFIED, "reject": REJECTED, "hold": Reason.UNATTENDED_HOLD}
        return by_policy[policy.unattended]
    return Reason.VERDICT_PENDING
