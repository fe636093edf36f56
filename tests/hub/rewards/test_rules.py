"""The rules as a pure function: gates, precedence, caps, families."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rewards.model import (
    HOLDS,
    RANK,
    BindingIn,
    BlockIn,
    DayInput,
    HouseholdIn,
    Policy,
    Reason,
    VerdictIn,
    VisitIn,
)
from hub.rewards.rules import entries_for, judge_day
from hub.rewards.visit_rules import Cards
from hub.rewards.why import CATALOGUE, NOT_SETTLED
from wire.day import day_start_ms

DAY = date(2026, 5, 3)
START = day_start_ms(DAY)
POLICY = Policy("p1")
HOMES = [HouseholdIn(f"h{n}", f"1-1-{n}", date(2020, 1, 1), None, None) for n in range(4)]
CARDS = [BindingIn(f"k{n}", 0, None, f"h{n}") for n in range(4)]


def visit(name: str, home: int = 0, hour: int = 7, **change: object) -> VisitIn:
    at = START + hour * 3_600_000
    made = VisitIn(name, "p01", "card", f"k{home}", None, "s", at, True, at + 1000, None, False)
    return made._replace(**change)  # type: ignore[arg-type]


def verdict(name: str, value: str = "accepted", **change: object) -> VerdictIn:
    return VerdictIn(name, value, None, "v1", "volunteer", START, 1)._replace(**change)  # type: ignore[arg-type]


def day(
    visits: list[VisitIn], verdicts: list[VerdictIn], policy: Policy = POLICY, **more: object
) -> DayInput:
    base: dict[str, object] = {"bindings": CARDS, "households": HOMES}
    return DayInput(DAY, policy, visits, verdicts, **(base | more))  # type: ignore[arg-type]


def reason_of(given: DayInput, home: str = "h0") -> str:
    (found,) = [o for o in judge_day(given).households if o.household == home]
    assert (found.amount_fen > 0) == (found.reason == Reason.PAID)
    return found.reason


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(CATALOGUE) == set(Reason) | {NOT_SETTLED}
    assert all(words.zh and words.en for words in CATALOGUE.values())


def test_corrected_counts_like_accepted_and_unclear_like_no_verdict() -> None:
    assert reason_of(day([visit("a")], [verdict("a", "corrected")])) == Reason.PAID
    assert reason_of(day([visit("a")], [verdict("a", "unclear")])) == Reason.VERDICT_PENDING
    both = [verdict("a"), verdict("a", "unclear", at_ms=START + 1)]
    assert reason_of(day([visit("a")], both)) == Reason.VERDICT_PENDING


def test_an_undone_verdict_does_not_count() -> None:
    said = [verdict("a", "rejected"), verdict("a", at_ms=START + 9, undone=True)]
    assert reason_of(day([visit("a")], said)) == Reason.ALL_REJECTED


@given(undone=st.booleans(), last=st.booleans())
def test_a_replaced_verdict_never_counts_again(*, undone: bool, last: bool) -> None:
    first = verdict("a", verdict="v1", at_ms=START + (9 if last else 0))
    second = verdict("a", "rejected", at_ms=START + 5, undone=undone, verdict="v2", replaces="v1")
    reason = Reason.VERDICT_PENDING if undone else Reason.ALL_REJECTED
    for said in ([first, second], [second, first]):
        assert reason_of(day([visit("a")], said)) == reason


def test_a_verdict_replaces_only_another_of_its_own_visit() -> None:
    itself = verdict("a", verdict="v1", replaces="v1")
    assert reason_of(day([visit("a")], [itself])) == Reason.PAID
    foreign = verdict("b", "rejected", verdict="v2", replaces="v1")
    visits = [visit("a"), visit("b", home=1)]
    assert reason_of(day(visits, [verdict("a", verdict="v1"), foreign])) == Reason.PAID


def test_staff_outranks_a_later_volunteer() -> None:
    said = [verdict("a", at_ms=START + 9), verdict("a", "rejected", role="staff")]
    assert reason_of(day([visit("a")], said)) == Reason.ALL_REJECTED


def test_maintenance_never_pays_and_is_no_event_of_the_household() -> None:
    result = judge_day(day([visit("a", test=True)], [verdict("a")]))
    assert result.households == []
    assert result.visits[0].reason == "test"


def test_a_volunteers_verdict_settles_a_visit_tapped_before_the_shift() -> None:
    assert reason_of(day([visit("a", shift=None)], [])) == Reason.UNATTENDED_HOLD
    assert reason_of(day([visit("a", shift=None)], [verdict("a")])) == Reason.PAID


def test_own_household_waits_for_somebody_else_unless_allowed() -> None:
    homes = {"v1": "h0"}
    assert reason_of(day([visit("a")], [verdict("a")], homes=homes)) == Reason.SELF_VERDICT_HOLD
    other = [verdict("a"), verdict("a", "rejected", by="v2", at_ms=START - 5)]
    assert reason_of(day([visit("a")], other, homes=homes)) == Reason.ALL_REJECTED
    allowed = Policy("p1", self_verdict="allow")
    assert reason_of(day([visit("a")], [verdict("a")], allowed, homes=homes)) == Reason.PAID


def test_min_weight_stops_a_measured_visit_and_never_a_missing_weight() -> None:
    policy = Policy("p1", min_grams=50)
    for grams, reason in ((None, "paid"), (0, "below_min_weight"), (49, "below_min_weight")):
        assert reason_of(day([visit("a", weight_g=grams)], [verdict("a")], policy)) == reason
    assert reason_of(day([visit("a", weight_g=50)], [verdict("a")], policy)) == Reason.PAID


def test_late_beyond_the_limit_is_held_until_the_day_is_confirmed() -> None:
    last = day_start_ms(DAY + timedelta(days=32)) - 1
    assert reason_of(day([visit("a", received_ms=last)], [verdict("a")])) == Reason.PAID
    late = visit("a", received_ms=last + 1)
    assert reason_of(day([late], [verdict("a")])) == Reason.LATE_BEYOND_LIMIT
    assert reason_of(day([late._replace(assigned=DAY)], [verdict("a")])) == Reason.PAID


def test_a_rejection_of_an_unsure_day_is_held_against_nobody_but_by_staff() -> None:
    strict = Policy("p1", combine="none_rejected")
    far_ms = day_start_ms(DAY + timedelta(days=32))
    for unsure in (visit("b", hour=8, received_ms=far_ms), visit("b", hour=8, trusted=False)):
        visits, said = [visit("a"), unsure], [verdict("a"), verdict("b", "rejected")]
        assert reason_of(day(visits, said, strict)) == Reason.PAID
        assert reason_of(day([unsure], said[1:], strict)) in HOLDS
        assert reason_of(day([unsure], said[1:])) == Reason.ALL_REJECTED
        for sure, word in (
            (unsure._replace(assigned=DAY), said),
            (unsure, [*said, verdict("b", "rejected", role="staff")]),
        ):
            assert reason_of(day([visit("a"), sure], word, strict)) == Reason.REJECTED_PRESENT


def test_a_visit_is_held_only_while_deciding_it_can_change_the_day() -> None:
    visits = [visit("a"), visit("b", hour=8)]
    held = judge_day(day(visits, [])).visits
    assert [item.held for item in held] == [True, True]
    paid = judge_day(day(visits, [verdict("a")])).visits
    assert [(item.reason, item.held) for item in paid] == [
        ("qualified", False),
        ("verdict_pending", False),
    ]


def test_siblings_of_one_old_home_are_two_families_once_it_is_left() -> None:
    homes = [HOMES[0], *(home._replace(successor_of="h0") for home in HOMES[1:3])]
    both = [visit("b", 1), visit("c", 2)]
    given = day(both, [verdict("b"), verdict("c")], households=homes)
    assert {o.household: o.amount_fen for o in judge_day(given).households} == {"h1": 30, "h2": 30}
    three = day([visit("a"), *both], [verdict(n) for n in "abc"], households=homes)
    assert {o.household: o.amount_fen for o in judge_day(three).households} == {
        "h0": 30, "h1": 0, "h2": 0,
    }  # fmt: skip


def test_a_successor_already_paid_is_not_displaced() -> None:
    homes = [HOMES[0], HOMES[1]._replace(successor_of="h0")]
    given = day(
        [visit("a"), visit("b", 1)], [verdict("a"), verdict("b")],
        households=homes, booked_fen={"h1": 30},
    )  # fmt: skip
    assert {o.household: o.reason for o in judge_day(given).households} == {
        "h0": "predecessor_paid", "h1": "paid",
    }  # fmt: skip


def test_an_unbound_card_is_told_to_the_household_that_knows_it() -> None:
    cards = Cards([BindingIn("k", 100, 200, "h1"), BindingIn("k", 300, None, "h2")], [])
    assert [cards.holder("k", at) for at in (50, 100, 199, 200, 299, 300)] == [
        ("h1", False), ("h1", True), ("h1", True), ("h2", False), ("h2", False), ("h2", True),
    ]  # fmt: skip
    assert cards.holder("x", 100) == (None, False)


def test_a_later_binding_ends_an_open_one() -> None:
    cards = Cards([BindingIn("k", 0, None, "h1"), BindingIn("k", 50, 60, "h2")], [])
    assert cards.holder("k", 49) == ("h1", True)
    assert cards.holder("k", 70) == ("h2", False)


visits_strategy = st.lists(
    st.builds(
        lambda n, home, hour, **change: visit(f"v{n:02d}", home, hour, **change),
        n=st.integers(0, 30),
        home=st.integers(0, 4),
        hour=st.integers(0, 23),
        shift=st.sampled_from([None, "s"]),
        trusted=st.booleans(),
        weight_g=st.sampled_from([None, 0, 40, 500]),
        test=st.sampled_from([False, False, False, True]),
    ),
    max_size=12,
    unique_by=lambda item: item.visit,
)
policies = st.builds(
    Policy,
    st.just("p1"),
    combine=st.sampled_from(["any", "none_rejected"]),
    unattended=st.sampled_from(["hold", "approve", "reject"]),
    self_verdict=st.sampled_from(["hold", "allow"]),
    day_cap_fen=st.sampled_from([None, 0, 30, 59, 60, 90]),
    min_grams=st.sampled_from([None, 50]),
)


@st.composite
def days(draw: st.DrawFn) -> DayInput:
    visits = draw(visits_strategy)
    names = [item.visit for item in visits]
    verdicts = [] if not names else draw(
        st.lists(
            st.builds(
                lambda name, value, by, role, at: verdict(
                    name, value, by=by, role=role, at_ms=START + at, arrival=at
                ),
                name=st.sampled_from(names),
                value=st.sampled_from(["accepted", "corrected", "rejected", "unclear"]),
                by=st.sampled_from(["v1", "v2"]),
                role=st.sampled_from(["volunteer", "volunteer", "staff"]),
                at=st.integers(0, 1000),
            ),
            max_size=20,
            unique_by=lambda item: item.arrival,
        )
    )  # fmt: skip
    families = draw(st.sampled_from([HOMES, [HOMES[0], HOMES[1]._replace(successor_of="h0"),
                                             *HOMES[2:]]]))  # fmt: skip
    block = draw(st.sampled_from([[], [BlockIn("k1", START + 8 * 3_600_000, None)]]))
    return day(
        visits, verdicts, draw(policies), households=families, blocks=block, homes={"v1": "h2"}
    )


@settings(max_examples=150, deadline=None)
@given(days(), st.randoms(use_true_random=False))
def test_any_day(given_day: DayInput, chance: object) -> None:
    result = judge_day(given_day)
    policy = given_day.policy
    assert policy is not None
    amounts = {o.household: o.amount_fen for o in result.households}
    assert set(amounts.values()) <= {0, policy.amount_fen}
    if policy.day_cap_fen is not None:
        assert sum(amounts.values()) <= policy.day_cap_fen
    for outcome in result.households:
        assert (outcome.reason == Reason.PAID) == (outcome.amount_fen > 0)
        own = [v for v in result.visits if v.household == outcome.household]
        held = [v for v in own if v.held]
        assert bool(held) == (outcome.reason in HOLDS)
        if outcome.amount_fen:
            assert any(v.reason == "qualified" and v.visit == outcome.visit for v in own)
        else:
            assert RANK[outcome.reason] < RANK[Reason.PAID]
    _same_in_any_order(given_day, chance)
    _booked_it_stays(given_day)


def _same_in_any_order(given_day: DayInput, chance: object) -> None:
    mixed = DayInput(
        **{
            **given_day.__dict__,
            "visits": chance.sample(given_day.visits, len(given_day.visits)),  # type: ignore[attr-defined]
            "verdicts": chance.sample(given_day.verdicts, len(given_day.verdicts)),  # type: ignore[attr-defined]
        }
    )
    assert judge_day(mixed) == judge_day(given_day)


def _booked_it_stays(given_day: DayInput) -> None:
    """What the entries make of an empty ledger is what the next run wants to have."""
    first = entries_for(judge_day(given_day).households, {}, first_run=True)
    booked = {entry.household: entry.amount_fen for entry in first}
    again = DayInput(**{**given_day.__dict__, "booked_fen": booked})
    assert list(entries_for(judge_day(again).households, booked, first_run=False)) == []
