"""What a business day is worth to whom: a pure function over everything known about the day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from hub.rewards.caps import capped
from hub.rewards.model import (
    DOOR_UNKNOWN,
    HOLDS,
    QUALIFIED,
    RANK,
    REJECTED,
    TEST,
    DayInput,
    DayResult,
    EntryOut,
    HouseholdIn,
    HouseholdOutcome,
    Policy,
    Reason,
    VisitOutcome,
)
from hub.rewards.visit_rules import DayVisits, Judged

_SHOWN_AS = {QUALIFIED: Reason.PAID, REJECTED: Reason.ALL_REJECTED}


class _Claim(NamedTuple):
    """A household that qualifies; claims queue by the instant of their first qualifying visit."""

    household: str
    instant_ms: int
    visit: str


def judge_day(given: DayInput) -> DayResult:
    """Every visit's and every concerned household's outcome; the order of the input is nothing."""
    judged = capped(given, DayVisits(given).judge())
    if given.policy is None:
        return _without_policy(given, judged)
    by_household: dict[str, list[Judged]] = defaultdict(list)
    for visit in judged:
        if visit.household is not None and visit.reason != TEST:
            by_household[visit.household].append(visit)
    outcomes = {household: _nothing(household) for household in given.booked_fen}
    claims: list[_Claim] = []
    for household, visits in by_household.items():
        claim = _claim(household, visits, given.policy)
        if isinstance(claim, _Claim):
            claims.append(claim)
        else:
            outcomes[household] = claim
    outcomes |= dict(_allot(given, given.policy, claims))
    return _result(outcomes, judged)


def entries_for(
    outcomes: Iterable[HouseholdOutcome], booked_fen: Mapping[str, int], *, first_run: bool
) -> Iterator[EntryOut]:
    """The entries that bring the ledger from what it holds to what the day is worth.

    An amount is never edited: another one (a restatement) is a full reversal and a new entry.
    """
    for household, amount_fen, reason, visit in outcomes:
        booked = booked_fen.get(household, 0)
        if booked == amount_fen:
            continue
        if booked:
            yield EntryOut(household, "reversal", -booked, reason, visit)
        if amount_fen:
            yield EntryOut(
                household, "reward" if first_run else "supplement", amount_fen, reason, visit
            )


def _without_policy(given: DayInput, judged: list[Judged]) -> DayResult:
    concerned = {visit.household for visit in judged if visit.household is not None}
    outcomes = {
        household: HouseholdOutcome(household, 0, Reason.NO_POLICY, None)
        for household in concerned | given.booked_fen.keys()
    }
    return _result(outcomes, judged)


def _nothing(household: str) -> HouseholdOutcome:
    return HouseholdOutcome(household, 0, Reason.NO_EVENT, None)


def _claim(household: str, visits: list[Judged], policy: Policy) -> _Claim | HouseholdOutcome:
    """A claim if the visits together earn the reward, else the reason why they do not."""
    if len(visits) == 1 and visits[0].reason == QUALIFIED:
        return _Claim(household, visits[0].instant_ms, visits[0].visit)
    qualified = [visit for visit in visits if visit.reason == QUALIFIED]
    if qualified:
        first = min(qualified, key=lambda visit: (visit.instant_ms, visit.visit))
        rejected = [visit.visit for visit in visits if visit.reason == REJECTED]
        if policy.combine == "none_rejected" and rejected:
            return HouseholdOutcome(household, 0, Reason.REJECTED_PRESENT, min(rejected))
        return _Claim(household, first.instant_ms, first.visit)
    furthest = min(visits, key=lambda v: (-RANK[_shown(v.reason)], v.instant_ms, v.visit))
    return HouseholdOutcome(household, 0, _shown(furthest.reason), furthest.visit)


def _shown(reason: str) -> str:
    return _SHOWN_AS.get(reason, reason)


def _allot(
    given: DayInput, policy: Policy, claims: list[_Claim]
) -> Iterator[tuple[str, HouseholdOutcome]]:
    """Pay the claims in order until a cap bites; who is already paid is never displaced."""
    amount, day_fen, total_fen = policy.amount_fen, 0, given.policy_fen
    families = _Families(given.households)
    queue = sorted(claims, key=lambda claim: (claim.instant_ms, claim.visit))
    paid = {claim.household for claim in claims if given.booked_fen.get(claim.household)}
    ordered = [claim for claim in queue if claim.household in paid]
    ordered += [claim for claim in queue if claim.household not in paid]
    claimants = {claim.household for claim in claims}
    for claim in ordered:
        why = Reason.PAID
        if families.represented(claim.household, claimants, paid):
            why = Reason.PREDECESSOR_PAID
        elif policy.day_cap_fen is not None and day_fen + amount > policy.day_cap_fen:
            why = Reason.DAY_CAP
        elif policy.total_cap_fen is not None and total_fen + amount > policy.total_cap_fen:
            why = Reason.TOTAL_CAP
        else:
            day_fen, total_fen = day_fen + amount, total_fen + amount
        due = amount if why is Reason.PAID else 0
        yield claim.household, HouseholdOutcome(claim.household, due, why, claim.visit)


class _Families:
    """A family that changes flat has one reward a day along ``successor_of``."""

    def __init__(self, households: Iterable[HouseholdIn]) -> None:
        self._before = {h.household: h.successor_of for h in households if h.successor_of}

    def represented(self, household: str, claimants: set[str], paid: set[str]) -> bool:
        """Another flat of the family has the reward: a paid one first, else the earliest flat."""
        if not self._before:
            return False
        earlier = self._earlier(household)
        if household in paid:
            return any(other in paid for other in earlier)
        if any(other in claimants for other in earlier):
            return True
        return any(household in self._earlier(other) for other in paid)

    def _earlier(self, household: str) -> list[str]:
        chain: list[str] = []
        before = self._before.get(household)
        while before is not None and before not in chain:
            chain.append(before)
            before = self._before.get(before)
        return chain


def _result(outcomes: Mapping[str, HouseholdOutcome], judged: list[Judged]) -> DayResult:
    """Fixed order; a visit is held only while its household's reason is a hold, or nobody's."""
    waiting = {o.household for o in outcomes.values() if o.reason in HOLDS}
    visits = [
        VisitOutcome(
            v.visit,
            v.household,
            v.reason,
            v.verdict,
            v.verdict_reason,
            v.by_role,
            v.reason == DOOR_UNKNOWN or (v.reason in HOLDS and v.household in waiting),
        )
        for v in judged
    ]
    return DayResult(sorted(outcomes.values()), sorted(visits))
