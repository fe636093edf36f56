"""The judge: silent for a right hub, one line for each thing that is wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.truth.compare import compare
from device_sim.truth.hub_view import HubDay, HubView
from device_sim.truth.oracle import TrueVisit, day_reason, held, reward_fen
from device_sim.truth.records import Heard, Tap
from device_sim.truth.story import NoStartError, Story, tell
from tests.device_sim.world import (
    DAY,
    NOON_MS,
    hex128,
    judged,
    office,
    settled,
    start,
    tap,
    view,
    visit,
)

GOOD, BAD, OPEN, MIXED, STRANGER = "1-1-101", "1-1-102", "1-1-103", "1-1-104", None

VALUES = st.sampled_from(["accepted", "corrected", "rejected", "unclear", None])
VISITS = st.lists(
    st.builds(
        TrueVisit,
        visit=st.uuids().map(lambda it: it.hex),
        point=st.just("p01"),
        door=st.just(GOOD),
        attended=st.booleans(),
        value=VALUES,
    ),
    max_size=5,
)


def true_visit(value: str | None, *, attended: bool = True) -> TrueVisit:
    return TrueVisit(hex128(1), "p01", GOOD, attended, value)


def story() -> Story:
    """Five visits: paid, rejected, left, rejected then paid, a stranger's; one tap unheard."""
    return tell(
        [
            start(),
            *tap(1, GOOD),
            *tap(2, BAD),
            *tap(3, OPEN),
            *tap(4, MIXED),
            *tap(5, MIXED),
            *tap(6, STRANGER),
            *tap(7, GOOD, heard=False),
            *judged(1, "accepted"),
            *judged(2, "rejected"),
            *judged(4, "rejected"),
            *judged(5, "corrected"),
            settled(),
        ]
    )


def right_hub() -> HubView:
    told = view(
        [
            visit(1, GOOD, "accepted"),
            visit(2, BAD, "rejected"),
            visit(3, OPEN),
            visit(4, MIXED, "rejected"),
            visit(5, MIXED, "corrected"),
            visit(6, STRANGER),
        ],
        paid=(GOOD, MIXED),
        **{BAD: "all_rejected", OPEN: "verdict_pending"},
    )
    told.held = [hex128(3)]
    told.balance_fen["9-9-999"] = 0
    return told


@pytest.mark.parametrize(
    ("visits", "reason"),
    [
        ([], "no_event"),
        ([true_visit("rejected")], "all_rejected"),
        ([true_visit("rejected"), true_visit("corrected")], "paid"),
        ([true_visit(None), true_visit("accepted")], "paid"),
        ([true_visit(None), true_visit("rejected")], "verdict_pending"),
        ([true_visit("unclear")], "verdict_pending"),
        ([true_visit(None, attended=False)], "unattended_hold"),
        ([true_visit(None, attended=False), true_visit(None)], "verdict_pending"),
        ([true_visit(None, attended=False), true_visit("rejected")], "unattended_hold"),
    ],
)
def test_what_a_resident_is_told(visits: list[TrueVisit], reason: str) -> None:
    assert day_reason(visits) == reason


@given(VISITS)
def test_a_day_pays_once_or_not_and_holds_only_what_is_open(visits: list[TrueVisit]) -> None:
    reason = day_reason(visits)
    assert reward_fen(reason, 30) == (30 if reason == "paid" else 0)
    assert day_reason(reversed(visits)) == reason
    waiting = held(visits)
    assert waiting <= {visit.visit for visit in visits if visit.value in {None, "unclear"}}
    assert bool(waiting) == (reason in {"verdict_pending", "unattended_hold"})


def test_a_right_hub_is_verified() -> None:
    found = compare(story(), right_hub())
    assert found.differences == []
    assert (found.rewarded, found.fen, found.held, found.visits) == (2, 60, 1, 6)


def test_an_unheard_tap_may_have_been_recorded_once_but_not_twice() -> None:
    hub = right_hub()
    hub.visits.append(visit(20, GOOD))
    assert compare(story(), hub).differences == []
    hub.visits.append(visit(21, GOOD))
    found = compare(story(), hub)
    assert found.duplicated == 1
    assert len(found.differences) == 1


def broken_hubs() -> dict[str, HubView]:
    hubs = {name: right_hub() for name in ("lost", "twice", "alien", "neighbour", "verdict", "fen")}
    del hubs["lost"].visits[3]
    hubs["twice"].visits.append(hubs["twice"].visits[0])
    hubs["alien"].visits.append(visit(99, "2-2-202"))
    hubs["neighbour"].visits[0] = visit(1, BAD, "accepted")
    hubs["verdict"].visits[1] = visit(2, BAD, "accepted")
    hubs["fen"].booked_fen[OPEN, DAY] += 30
    hubs["unpaid"] = right_hub()
    hubs["unpaid"].booked_fen[GOOD, DAY] -= 30
    hubs["reason"] = right_hub()
    hubs["reason"].days[BAD, DAY] = HubDay(0, "verdict_pending")
    hubs["not held"] = right_hub()
    hubs["not held"].held = []
    hubs["held too much"] = right_hub()
    hubs["held too much"].held.append(hex128(2))
    hubs["day"] = right_hub()
    hubs["day"].visits[0] = visit(1, GOOD, "accepted", day="2026-05-04")
    hubs["bystander"] = right_hub()
    hubs["bystander"].balance_fen["9-9-999"] = 30
    hubs["unattended"] = right_hub()
    hubs["unattended"].visits[0] = replace(hubs["unattended"].visits[0], attended=False)
    hubs["entry twice"] = right_hub()
    hubs["entry twice"].entries.append("e0")
    return hubs


@pytest.mark.parametrize("name", broken_hubs())
def test_a_wrong_hub_is_told_so(name: str) -> None:
    assert compare(story(), broken_hubs()[name]).differences


def test_what_is_lost_is_counted() -> None:
    found = compare(story(), broken_hubs()["lost"])
    assert found.lost == 2  # the visit and its verdict


def test_the_office_outranks_the_volunteer() -> None:
    told = tell([start(), *tap(1, OPEN), office(1), settled()])
    assert told.value_of(hex128(1)) == "accepted"
    hub = view([visit(1, OPEN)], paid=(OPEN,))
    assert compare(told, hub).differences == []


def test_near_midnight_both_days_are_true_but_one_is_paid() -> None:
    midnight_ms = NOON_MS + 13 * 3_600_000
    told = tell([start(), *tap(1, GOOD, at_ms=midnight_ms - 20), *judged(1, "accepted"), settled()])
    for day in (DAY, "2026-05-04"):
        hub = view([visit(1, GOOD, "accepted", day=day)])
        hub.booked_fen[GOOD, day] = 30
        hub.days[GOOD, day] = HubDay(30, "paid")
        hub.balance_fen[GOOD] = 30
        told.days = [DAY, "2026-05-04"]
        assert compare(told, hub).differences == []


def test_a_day_that_was_never_settled_is_named() -> None:
    told = tell([start(), *tap(1, BAD), *judged(1, "rejected")])
    hub = view([visit(1, BAD, "rejected")], **{BAD: "all_rejected"})
    assert any("never settled" in line for line in compare(told, hub).differences)


def test_a_verdict_without_an_answer_is_a_difference() -> None:
    asked = judged(1, "accepted")[0]
    assert tell([start(), *tap(1, GOOD), asked]).problems
    stale = tell([start(), *tap(1, GOOD), *judged(1, "accepted", code="stale")])
    assert stale.problems == []
    assert stale.judged == {}
    assert tell([start(), *tap(1, GOOD), *judged(1, "accepted", code="no_shift")]).problems


def test_a_log_without_a_beginning_is_refused() -> None:
    with pytest.raises(NoStartError):
        tell(tap(1, GOOD))


def test_a_verdicts_signal_answers_no_tap() -> None:
    late = Heard(at_ms=NOON_MS + 9000, tap=2, point="p01", signal="see_supervisor", fact=hex128(1))
    told = tell([start(), *tap(1, BAD), *judged(1, "rejected"), *tap(2, OPEN), late, settled()])
    assert told.heard[hex128(1)].record.door == BAD
    hub = view(
        [visit(1, BAD, "rejected"), visit(2, OPEN)],
        **{BAD: "all_rejected", OPEN: "verdict_pending"},
    )
    hub.held = [hex128(2)]
    assert compare(told, hub).differences == []


def test_a_check_in_is_no_visit() -> None:
    card = Tap(at_ms=NOON_MS, tap=1, point="p01", who="volunteer", door=None, attended=False)
    opened = Heard(at_ms=NOON_MS, tap=1, point="p01", signal="accepted", fact=hex128(1))
    assert compare(tell([start(), card, opened, settled()]), HubView()).differences == []
