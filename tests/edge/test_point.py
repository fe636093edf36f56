"""Visits, verdicts, shifts and weights: every verdict on its own household."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.point.attribution import unclaimed
from edge.point.state import VisitState
from edge.point.taps import SameCard
from tests.edge.points import SUPERVISOR, Point
from wire.facts import Assign, Shift, Tap, Verdict, VerdictUndone
from wire.roster import Settings


@pytest.fixture
def point() -> Point:
    point = Point()
    point.tap(900)
    return point


def verdict_of(point: Point, visit: str) -> str | None:
    found = point.state.visits[visit].verdict
    return found.fact.value if found else None


def test_a_supervisors_card_opens_the_shift_once(point: Point) -> None:
    assert point.state.shift is not None
    assert point.state.shift.person == SUPERVISOR.person
    assert point.tap(900) == ""
    assert point.state.visits == {}


def test_taps_are_listed_oldest_first_and_a_new_one_closes_none(point: Point) -> None:
    visits = [point.wait(2).tap(number) for number in (1, 2, 3)]
    assert [visit.visit for visit in point.state.unjudged] == visits
    assert [visit.no for visit in point.state.unjudged] == [1, 2, 3]


def test_an_unattended_tap_is_recorded_and_waits_for_somebody() -> None:
    point = Point()
    visit = point.tap(1)
    assert point.command("judge", visit=visit, value="accepted").code == "no_shift"
    point.tap(900)
    assert point.command("judge", visit=visit, value="accepted").code == "done"


def test_an_unknown_card_is_recorded_and_sent_to_the_supervisor(point: Point) -> None:
    visit = point.tap(77, known="unknown")
    assert point.state.visits[visit].card_state == "unknown"
    body = next(line for _, line in point.lines if visit.encode() in line)
    assert b'"signal":"see_supervisor"' in body


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"value": "rejected"}, "bad_request"),
        ({"value": "accepted", "reason": "mixed"}, "bad_request"),
        ({"value": "accepted", "visit": "ff" * 16}, "unknown_visit"),
        ({}, "bad_request"),
    ],
)
def test_a_senseless_verdict_is_refused(point: Point, more: dict[str, Any], code: str) -> None:
    visit = point.tap(1)
    assert point.command("judge", **({"visit": visit} | more)).code == code
    assert verdict_of(point, visit) is None


def test_a_verdict_from_a_stale_screen_is_refused_and_another_visits_news_do_not_matter(
    point: Point,
) -> None:
    first, second = point.tap(1), point.tap(2)
    seen = point.state.screen_rev
    point.tap(3)
    assert point.command("judge", visit=first, value="accepted", rev=seen).code == "done"
    assert point.command("judge", visit=first, value="rejected", reason="mixed", rev=seen).code == (
        "stale"
    )
    assert point.command("judge", visit=second, value="unclear", rev=seen).code == "done"
    assert [verdict_of(point, visit) for visit in (first, second)] == ["accepted", "unclear"]


def test_a_later_verdict_overrules_and_names_what_it_replaces(point: Point) -> None:
    visit = point.tap(1)
    point.command("judge", visit=visit, value="accepted")
    first = point.state.visits[visit].verdict
    point.wait(300).command("judge", visit=visit, value="rejected", reason="mixed")
    second = point.state.visits[visit].verdict
    assert first is not None
    assert second is not None
    assert second.fact.replaces == first.verdict


def test_undo_works_for_a_minute_and_for_the_verdict_in_force_only(point: Point) -> None:
    visit = point.tap(1)
    point.command("judge", visit=visit, value="accepted")
    verdict = point.state.visits[visit].verdict
    assert verdict is not None
    assert point.wait(60).command("undo", verdict=verdict.verdict).code == "done"
    assert verdict_of(point, visit) is None
    assert point.command("undo", verdict=verdict.verdict).code == "stale"
    point.command("judge", visit=visit, value="accepted")
    late = point.state.visits[visit].verdict
    assert late is not None
    assert point.wait(60.1).command("undo", verdict=late.verdict).code == "too_late"


def test_all_accepted_covers_only_what_was_listed(point: Point) -> None:
    listed = [point.tap(number) for number in (1, 2, 3)]
    seen = point.state.screen_rev
    late = point.tap(4)
    point.command("judge", visit=listed[1], value="rejected", reason="mixed", rev=seen)
    outcome = point.command("judge_all", shown=listed, rev=seen)
    assert len(outcome.facts) == 2
    assert {fact.mode for fact in outcome.facts if isinstance(fact, Verdict)} == {"bulk"}
    assert [verdict_of(point, visit) for visit in [*listed, late]] == [
        "accepted", "rejected", "accepted", None,
    ]  # fmt: skip


def test_all_accepted_leaves_alone_what_was_on_the_screen_but_not_in_the_list(
    point: Point,
) -> None:
    first, second = point.tap(1), point.tap(2)
    point.command("judge_all", shown=[second])
    assert [verdict_of(point, visit) for visit in (first, second)] == [None, "accepted"]


def test_hand_over_asks_about_the_unjudged_and_leaves_them_when_told(point: Point) -> None:
    point.tap(1)
    assert point.command("hand_over").code == "bad_request"
    assert point.command("hand_over", unjudged="left").code == "done"
    assert (point.state.shift, point.state.unjudged) == (None, [])


def test_a_colleague_relieves_and_the_list_stays(point: Point) -> None:
    visit = point.tap(1)
    point.record(Shift(action="closed", person="v03", by="plan", shift="0" * 32, unjudged="none"))
    point.record(Shift(action="opened", person="v04", by="card"))
    assert [item.visit for item in point.state.unjudged] == [visit]


def test_a_pin_is_checked_against_its_hash() -> None:
    import hashlib

    salt = bytes(16)
    digest = hashlib.scrypt(b"4711", salt=salt, n=2**14, r=8, p=1, dklen=32)
    hashed = SUPERVISOR.model_copy(update={"pin": f"scrypt${salt.hex()}${digest.hex()}"})
    from edge.point.pins import pin_matches

    assert pin_matches(hashed.pin, "4711")
    assert not pin_matches(hashed.pin, "4712")
    assert not pin_matches(None, "")
    point = Point()
    assert point.command("check_in", number="103", pin="4711").code == "not_admitted"


def test_one_visit_alone_gets_its_weight(point: Point) -> None:
    visit = point.tap(1)
    point.wait(5).throw(grams=900)
    point.wait(5).throw(bin_no=7, grams=400)
    deposits = point.state.visits[visit].deposits
    assert sorted(deposits.values()) == [(4, 900), (7, 400)]
    assert not point.state.visits[visit].doubtful


def test_a_deposit_given_to_nobody_after_all_leaves_its_visit(point: Point) -> None:
    visit = point.tap(1)
    leaned = point.wait(5).throw(grams=900)
    point.record(Assign(deposit=leaned, doubt="no_visit"))
    assert point.state.visits[visit].deposits == {}


def test_in_a_rush_the_weight_belongs_to_nobody_and_is_missing_for_all(point: Point) -> None:
    visits = [point.wait(3).tap(number) for number in (1, 2)]
    point.wait(4).throw()
    states: list[VisitState] = [point.state.visits[visit] for visit in visits]
    assert [(s.deposits, s.doubtful) for s in states] == [({}, True), ({}, True)]


@pytest.mark.parametrize(("after_s", "owned"), [(60, True), (60.1, False)])
def test_the_window_is_sixty_seconds(point: Point, after_s: float, owned: bool) -> None:
    visit = point.tap(1)
    point.wait(after_s).throw()
    assert bool(point.state.visits[visit].deposits) is owned


def test_tap_last_claims_what_nobody_claimed(point: Point) -> None:
    point.settings = Settings(tap_order="last")
    mine = point.throw()
    visit = point.wait(20).tap(1)
    assert list(point.state.visits[visit].deposits) == [mine]
    point.throw()
    other = point.wait(61).tap(2)
    assert point.state.visits[other].deposits == {}
    assert [a.doubt for a in unclaimed(point.state, point.up_ms, point.settings)] == ["no_visit"]


def test_a_card_held_to_the_reader_for_a_minute_is_one_tap() -> None:
    same = SameCard()
    answers = [same.sighting("r", "c", up_ms, 3000) == "held" for up_ms in range(0, 60_000, 65)]
    assert answers.count(False) == 1
    assert same.sighting("r", "c", 60_000 + 3066, 3000) == "new"
    assert same.sighting("r2", "c", 60_000 + 3066, 3000) == "elsewhere"


steps = st.lists(
    st.one_of(
        st.tuples(st.just("tap"), st.integers(1, 6)),
        st.tuples(st.just("throw"), st.integers(1, 14)),
        st.tuples(st.just("judge"), st.integers(0, 5)),
        st.tuples(st.just("undo"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
        st.tuples(st.just("all"), st.just(0)),
    ),
    max_size=40,
)


@given(steps)
def test_a_rebuilt_state_is_the_state_and_verdicts_never_wander(
    actions: list[tuple[str, int]],
) -> None:
    point = Point()
    point.tap(900)
    model: dict[str, str | None] = {}
    for action, value in actions:
        keys = list(model)
        if action == "tap":
            model[point.wait(1).tap(value)] = None
        elif action == "throw":
            point.throw(bin_no=value)
        elif action == "wait":
            point.wait(value)
        elif action == "all":
            point.command("judge_all", shown=keys)
            model = {visit: found or "accepted" for visit, found in model.items()}
        elif keys:
            visit = keys[value % len(keys)]
            if action == "judge":
                assert point.command("judge", visit=visit, value="corrected").code == "done"
                model[visit] = "corrected"
            else:
                found = point.state.visits[visit].verdict
                reply = point.command("undo", verdict=found.verdict if found else "0" * 32)
                model[visit] = None if reply.code == "done" else model[visit]
    assert {visit: verdict_of(point, visit) for visit in model} == model
    assert point.rebuilt() == point.state


def test_facts_of_a_verdict_and_its_undoing_name_the_visit(point: Point) -> None:
    visit = point.tap(1)
    outcome = point.command("judge", visit=visit, value="accepted")
    assert isinstance(outcome.facts[0], Verdict)
    found = point.state.visits[visit].verdict
    assert found is not None
    undone = point.command("undo", verdict=found.verdict).facts[0]
    assert isinstance(undone, VerdictUndone)
    assert undone.visit == visit
    assert Tap.model_fields["shift"].default is None
