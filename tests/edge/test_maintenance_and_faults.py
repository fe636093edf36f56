"""A technician at work, devices that fail for long, the tally of a shift, the PIN's patience."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.point.faults import LASTING_MS, WELL_MS, Condition, FaultWatch, conditions
from edge.point.maintenance import LONGEST_MS, end_due
from edge.point.pins import TRIES, WAIT_S, PinGuard
from edge.point.state import MAINTENANCE, PointState
from edge.point.taps import CardAtReader, SameCard, decide_tap
from tests.edge.points import SUPERVISOR, WALL_0_MS, Point, card
from wire.codec import decode_fact
from wire.facts import Deposit, Fault, Manual, Shift, Tap, Verdict
from wire.point_bus import Command
from wire.roster import RosterPerson

PIN_4711 = (
    f"scrypt${bytes(16).hex()}"
    + "$"
    + hashlib.scrypt(b"4711", salt=bytes(16), n=2**14, r=8, p=1, dklen=32).hex()
)
TECHNICIAN = RosterPerson(person="t01", number="901", card=card(901), role="technician")


def technician_taps(point: Point) -> None:
    at_reader = CardAtReader(card(901), None, "reader-1", "unknown", TECHNICIAN, roster_loaded=True)
    decision = decide_tap(point.state, at_reader)
    assert decision.signal == "accepted"
    point.record(*decision.facts)


def marked_among(point: Point, kind: type) -> list[bool]:
    facts = [decode_fact(line) for _, line in point.lines]
    return [bool(fact.envelope.test) for fact in facts if isinstance(fact.body, kind)]


def test_what_is_tapped_and_thrown_under_maintenance_is_marked_and_listed_nowhere() -> None:
    point = Point()
    point.tap(900)
    real = point.tap(1)
    technician_taps(point)
    assert point.state.maintenance
    assert point.state.shift is not None, "a technician relieves nobody"
    point.wait(10)
    point.tap(2)
    point.record(Deposit(bin=4, category="kitchen", grams=900, level_g=900,
                         moved_up_ms=point.up_ms, quality="clean"))  # fmt: skip
    assert list(point.state.visits) == [real]
    assert not point.state.deposits, "a test weight is nobody's deposit"
    assert marked_among(point, Tap) == [False, True]
    assert marked_among(point, Deposit) == [True]
    assert point.state.tally.counts().test_taps == 1
    assert point.state.tally.counts().taps == 1


def test_nobody_hears_recorded_while_taps_do_not_count() -> None:
    point = Point()
    technician_taps(point)
    at_reader = CardAtReader(card(5), None, "reader-1", "known", None, roster_loaded=True)
    assert decide_tap(point.state, at_reader).signal == "see_supervisor"


def test_a_verdict_given_meanwhile_on_an_earlier_visit_is_real() -> None:
    point = Point()
    point.tap(900)
    visit = point.tap(1)
    technician_taps(point)
    outcome = point.command("judge", visit=visit, value="accepted")
    assert outcome.code == "done"
    assert marked_among(point, Verdict) == [False]


def test_maintenance_ends_by_the_card_and_by_itself() -> None:
    point = Point()
    technician_taps(point)
    technician_taps(point)
    assert not point.state.maintenance
    technician_taps(point)
    now_ms = WALL_0_MS + point.up_ms
    assert end_due(point.state, now_ms + LONGEST_MS) == []
    [end] = end_due(point.state, now_ms + LONGEST_MS + 1)
    point.record(end)
    assert not point.state.maintenance
    point.tap(1)
    assert marked_among(point, Tap) == [False]


def test_maintenance_survives_a_restart() -> None:
    point = Point()
    technician_taps(point)
    again = PointState()
    for n, line in point.lines:
        again.apply(n, decode_fact(line))
    assert again.maintenance


def test_a_device_away_for_a_minute_is_one_fact_and_its_return_another() -> None:
    point, watch = Point(), FaultWatch()
    told: list[tuple[int, str]] = []

    def pass_time(seconds: range, condition: Condition) -> None:
        for second in seconds:
            facts = watch.due(point.state, [condition], second * 1000)
            point.record(*facts)
            told.extend((second, fact.state) for fact in facts)

    pass_time(range(300), Condition("reader-1", "away", "unplugged"))
    pass_time(range(300, 305), Condition("reader-1"))
    pass_time(range(305, 320), Condition("reader-1", "away"))
    pass_time(range(320, 400), Condition("reader-1"))
    assert told == [(LASTING_MS // 1000, "raised"), (320 + WELL_MS // 1000, "cleared")]
    [raised, _] = [decode_fact(line).body for _, line in point.lines]
    assert isinstance(raised, Fault)
    assert (raised.device, raised.what, raised.detail) == ("reader-1", "away", "unplugged")


def test_a_dead_bus_is_one_fault_and_not_one_a_bin() -> None:
    point, watch = Point(), FaultWatch()
    ports = {"scales": (False, "hung up"), "reader-1": (True, "")}
    now = conditions(ports, {1: "silent", 2: "silent"}, {"scale-1": "scales", "scale-2": "scales"})
    facts = [fact for second in range(90) for fact in _recorded(point, watch, now, second)]
    assert [(fact.device, fact.what) for fact in facts] == [("scales", "away")]
    up = conditions(ports | {"scales": (True, "")}, {1: "ok", 2: "faulty"}, {"scale-2": "scales"})
    facts = [fact for second in range(90, 180) for fact in _recorded(point, watch, up, second)]
    assert [(fact.device, fact.what, fact.state) for fact in facts] == [
        ("scales", "away", "cleared"), ("scale-2", "faulty", "raised"),
    ]  # fmt: skip


def _recorded(point: Point, watch: FaultWatch, now: list[Condition], second: int) -> list[Fault]:
    facts = watch.due(point.state, now, second * 1000)
    point.record(*facts)
    return facts


@given(st.lists(st.sampled_from(["", "away", "faulty"]), max_size=400))
def test_faults_alternate_whatever_a_device_does(story: list[str]) -> None:
    point, watch = Point(), FaultWatch()
    states = []
    for second, what in enumerate(story):
        facts = watch.due(point.state, [Condition("d", what)], second * 5000)
        point.record(*facts)
        states += [fact.state for fact in facts]
    assert states == (["raised", "cleared"] * len(states))[: len(states)]


def test_the_tally_counts_the_verdict_in_force_and_starts_again_with_the_shift() -> None:
    point = Point()
    point.tap(900)
    visits = [point.tap(number) for number in (1, 2, 3)]
    point.command("judge", visit=visits[0], value="accepted")
    point.command("judge", visit=visits[1], value="rejected", reason="mixed")
    point.command("judge", visit=visits[1], value="accepted")
    point.command("judge_all", shown=(visits[2],))
    point.command("manual", door="11-1-102")
    counts = point.state.tally.counts()
    assert (counts.taps, counts.accepted, counts.rejected, counts.bulk) == (3, 3, 0, 1)
    assert counts.manual == 1
    undo = point.state.visits[visits[0]].verdict
    assert undo is not None
    point.command("undo", verdict=undo.verdict)
    assert point.state.tally.counts().accepted == 2
    point.command("hand_over", unjudged="left")
    assert point.state.tally.counts().taps == 0


def test_a_door_is_looked_up_before_it_is_recorded_and_nothing_is_recorded_by_looking() -> None:
    point = Point(doors={"11-1-102"})
    point.tap(900)
    before = len(point.lines)
    assert point.command("look_up", door="11-1-102").code == "done"
    assert point.command("look_up", door="99-1-102").code == "unknown_door"
    assert len(point.lines) == before
    assert point.command("manual", door="99-1-102").code == "done", "the office decides"
    assert any(isinstance(decode_fact(line).body, Manual) for _, line in point.lines)


def test_wrong_pins_cost_time_and_the_right_one_ends_that() -> None:
    guard = PinGuard()
    for second in range(TRIES):
        assert not guard.closed(second * 1000)
        guard.wrong(second * 1000)
    assert guard.closed(TRIES * 1000)
    assert not guard.closed(WAIT_S * 1000), "one more try a minute after the first"
    guard.right()
    assert not guard.closed(TRIES * 1000)


def test_a_clock_that_steps_back_locks_nobody_out() -> None:
    guard = PinGuard()
    for _ in range(TRIES):
        guard.wrong(1_000_000)
    assert not guard.closed(5000)


def test_a_locked_out_number_opens_no_shift() -> None:
    point = Point()
    for _ in range(TRIES):
        assert point.command("check_in", number="1", pin="0000").code == "not_admitted"
    hashed = SUPERVISOR.model_copy(update={"pin": PIN_4711})
    outcome = point.command("check_in", number="103", pin="4711", person=hashed)
    assert outcome.code == "not_admitted"
    assert "wait" in outcome.detail
    point.wait(WAIT_S)
    assert point.command("check_in", number="103", pin="4711", person=hashed).code == "done"
    shifts = [1 for _, line in point.lines if isinstance(decode_fact(line).body, Shift)]
    assert len(shifts) == 1


@pytest.mark.parametrize(
    ("reader", "after_ms", "seen"),
    [("r1", 2000, "held"), ("r2", 2000, "elsewhere"), ("r1", 3001, "new"), ("r2", 3001, "new")],
)
def test_one_card_at_one_or_two_readers(reader: str, after_ms: int, seen: str) -> None:
    same = SameCard()
    assert same.sighting("r1", "c", 0, 3000) == "new"
    assert same.sighting("r2", "other", 10, 3000) == "new", "another card is another tap"
    assert same.sighting(reader, "c", after_ms, 3000) == seen


def test_maintenance_is_no_fault_that_a_device_clears() -> None:
    point = Point()
    technician_taps(point)
    watch = FaultWatch()
    for second in range(60):
        assert watch.due(point.state, [Condition("reader-1")], second * 1000) == []
    assert MAINTENANCE in point.state.open_faults


def test_a_command_s_door_is_checked_by_its_form() -> None:
    with pytest.raises(ValueError, match="door"):
        Command(command_id="0" * 32, screen_rev=0, action="manual", door="11 1 102")
