"""How many visits without a card count (R28): the others wait for the office. Pure."""

from collections import Counter

from hub.rewards.model import CARD, QUALIFIED, STAFF, DayInput, Policy, Reason, VisitIn
from hub.rewards.visit_rules import Judged


def capped(given: DayInput, judged: list[Judged]) -> list[Judged]:
    """The same visits, those over a cap of the policy held.

    What the office accepted itself is under no cap and uses none. Who counts already is never
    displaced; the others queue by their instant.
    """
    if given.by_hand is None or given.policy is None:
        return judged
    by_hand = {visit.visit: visit for visit in given.visits if visit.source != CARD}
    counted = given.by_hand.counted
    asking = sorted(
        (
            item
            for item in judged
            if item.visit in by_hand and item.reason == QUALIFIED and item.by_role != STAFF
        ),
        key=lambda item: (item.visit not in counted, item.instant_ms, item.visit),
    )
    month, shift = Counter(given.by_hand.month), Counter(given.by_hand.shift)
    over = set()
    for item in asking:
        visit = by_hand[item.visit]
        if _full(given.policy, month[item.household or ""], shift, visit):
            over.add(item.visit)
            continue
        month[item.household or ""] += 1
        shift[visit.shift or ""] += 1
    return [
        item._replace(reason=Reason.MANUAL_OVER_CAP) if item.visit in over else item
        for item in judged
    ]


def _full(policy: Policy, used: int, shift: Counter[str], visit: VisitIn) -> bool:
    """A sheet of paper has no shift, and so only the cap of the month."""
    if policy.manual_per_month is not None and used >= policy.manual_per_month:
        return True
    of_shift = policy.manual_per_shift
    return visit.shift is not None and of_shift is not None and shift[visit.shift] >= of_shift
