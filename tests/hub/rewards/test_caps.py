"""How many visits by hand count: pure."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from hub.rewards.model import ByHand, DayInput, Policy, VisitIn
from hub.rewards.rules import judge_day
from tests.hub.rewards.test_rules import CARDS, DAY, HOMES, visit
from tests.hub.rewards.test_rules import verdict as said

CAPS = Policy("p1", manual_per_month=2, manual_per_shift=3)


def entered(name: str, home: int = 0, hour: int = 7, **change: object) -> VisitIn:
    by_hand = {"source": "manual", "card": None, "door": f"1-1-{home}"}
    return visit(name, home, hour, **(by_hand | change))


def counting(
    visits: Iterable[VisitIn], by_hand: ByHand | None = None, staff: Iterable[str] = ()
) -> dict[str, str]:
    """The reason of each visit, all of them accepted."""
    came = list(visits)
    verdicts = [said(v.visit) for v in came] + [said(v, role="staff", by="s1") for v in staff]
    given = DayInput(DAY, CAPS, came, verdicts, households=HOMES, by_hand=by_hand or ByHand())
    return {outcome.visit: str(outcome.reason) for outcome in judge_day(given).visits}


def test_a_household_has_so_many_a_month_and_the_others_are_held() -> None:
    came = [entered("a"), entered("b", hour=9), entered("c", hour=8)]
    assert counting(came) == {"a": "qualified", "b": "manual_over_cap", "c": "qualified"}
    other_days = ByHand(month={"h0": 1})
    assert counting(came, other_days)["c"] == "manual_over_cap"
    assert counting([entered("a", source="paper", shift=None)], ByHand(month={"h0": 2})) == {
        "a": "manual_over_cap"
    }


def test_a_shift_has_so_many() -> None:
    came = [entered(f"v{n}", n, 7 + n) for n in range(4)]
    assert counting(came)["v3"] == "manual_over_cap"
    assert counting(came[1:], ByHand(shift={"s": 1}))["v3"] == "manual_over_cap"
    assert counting(came[1:])["v3"] == "qualified"


def test_who_counts_is_not_displaced_by_who_came_earlier() -> None:
    came = [entered("a"), entered("b", hour=8), entered("c", hour=9)]
    held = counting(came, ByHand(counted=frozenset({"b", "c"})))
    assert held == {"a": "manual_over_cap", "b": "qualified", "c": "qualified"}


def test_what_the_office_accepted_is_under_no_cap_and_uses_none() -> None:
    came = [entered("a"), entered("b", hour=8), entered("c", hour=9)]
    assert set(counting(came, staff=["a"]).values()) == {"qualified"}
    assert set(counting(came, ByHand(month={"h0": 2}), staff="abc").values()) == {"qualified"}


def test_a_household_is_held_and_told_why() -> None:
    given = DayInput(
        DAY, CAPS, [entered("a")], [said("a")], households=HOMES, by_hand=ByHand({"h0": 2})
    )
    (outcome,) = judge_day(given).households
    assert (outcome.amount_fen, outcome.reason) == (0, "manual_over_cap")
    assert [one.held for one in judge_day(given).visits] == [True]
    tapped = [entered("a"), visit("t", hour=9)]
    bound = DayInput(
        DAY, CAPS, tapped, [said("a"), said("t")], households=HOMES,
        bindings=CARDS, by_hand=ByHand({"h0": 2}),
    )  # fmt: skip
    assert judge_day(bound).households[0].reason == "paid"
    assert not any(one.held for one in judge_day(bound).visits), "nobody waits for it"


@given(st.permutations(range(6)), st.integers(0, 3), st.sets(st.integers(0, 5), max_size=2))
def test_no_order_of_reading_lets_more_through(
    order: list[int], used: int, before: set[int]
) -> None:
    came = [entered(f"v{n}", n % 2, 7 + n // 2) for n in range(6)]
    by_hand = ByHand(month={"h0": used}, counted=frozenset(f"v{n}" for n in before))
    reasons = counting([came[n] for n in order], by_hand)
    assert reasons == counting(came, by_hand)
    let = [name for name, reason in reasons.items() if reason == "qualified"]
    of_first = [name for name in let if int(name[1]) % 2 == 0]
    assert len(of_first) <= max(2 - used, 0)
    assert len(let) <= 3
