"""One story a test: keys on one side, verdicts on households on the other."""

import pytest

from kiosk.point.board import show
from kiosk.point.keys import KEYS, Key, key_of
from tests.kiosk.hand import Hand, hand_with
from wire.point_bus import Screen

A, B, C, D, E = "11-1-102", "11-2-301", "12-1-501", "3-2-1501", "7-1-601"


def test_the_minute_one_by_one() -> None:
    hand = hand_with(A)
    hand.tap(B, C)
    assert hand.at == A
    hand.type("1")
    hand.wait(1000)
    hand.type("4")
    hand.tap(D, E)
    hand.wait(1000)
    hand.type("1", "2", "2")
    hand.wait(1000)
    hand.type("1")
    assert hand.point.verdicts() == {
        A: "accepted", B: "corrected", C: "accepted", D: "rejected unbroken_bag", E: "accepted",
    }  # fmt: skip


def test_the_minute_with_full_hands() -> None:
    hand = hand_with(A, B, C, D, E)
    hand.type("+", "+", "+", "2", "2", "enter", "enter")
    assert hand.point.verdicts() == {
        A: "accepted", B: "accepted", C: "accepted", D: "rejected unbroken_bag", E: "accepted",
    }  # fmt: skip
    bulk = [judged.door for judged, _ in hand.point.judged if judged.mode == "bulk"]
    assert bulk == [A, B, C, E]


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        (["1"], "accepted"),
        (["3"], "unclear"),
        (["4"], "corrected"),
        (["2", "1"], "rejected mixed"),
        (["2", "2"], "rejected unbroken_bag"),
        (["2", "3"], "rejected wrong_bin"),
        (["2", "4"], "rejected other"),
    ],
)
def test_each_verdict_has_its_key(keys: list[Key], verdict: str) -> None:
    hand = hand_with(A, B)
    hand.type(*keys)
    assert hand.point.verdicts() == {A: verdict}
    assert (hand.at, hand.said) == (B, "done_one")


def test_a_tap_between_the_two_keys_of_a_rejection_changes_nothing() -> None:
    hand = hand_with(D)
    hand.press("2")
    hand.tap(E)
    hand.type("2")
    assert hand.point.verdicts() == {D: "rejected unbroken_bag"}


def test_a_rejection_stays_with_its_visit_when_the_list_moves_under_it() -> None:
    hand = hand_with(A, B)
    hand.press("2")
    hand.point.leave(hand.point.visits[0].visit)
    hand.look()
    hand.type("1")
    assert hand.point.verdicts() == {}
    assert hand.said == "unknown_visit"


def test_a_rejection_is_a_decision_on_the_screen_under_its_first_key() -> None:
    """So the point finds it stale when somebody else judged the visit between the two keys."""
    hand = hand_with(A, B)
    hand.press("2")
    seen = hand.point.screen().screen_rev
    hand.tap(D, E)
    assert hand.point.screen().screen_rev > seen
    hand.press("1")
    assert [pending.command.screen_rev for pending in hand.board.pending] == [seen]


@pytest.mark.parametrize("key", sorted(set(KEYS.values()) - {"1", "2", "3", "4"}))
def test_any_other_second_key_cancels_and_does_nothing_else(key: Key) -> None:
    hand = hand_with(A, B)
    hand.type("1")
    hand.wait(500)
    hand.type("2", key)
    assert hand.point.verdicts() == {A: "accepted"}
    assert (hand.at, hand.said, hand.board.listed) == (B, "cancelled", ())


def test_a_bounced_key_counts_once() -> None:
    hand = hand_with(A, B, C)
    hand.press("1")
    hand.press("1", "1", "1", apart_ms=30)
    hand.exchange()
    assert hand.point.verdicts() == {A: "accepted"}


def test_a_held_verdict_key_counts_once_however_long_it_is_held() -> None:
    hand = hand_with(A, B, C)
    for _ in range(60):
        hand.press("1", apart_ms=33)
        hand.exchange()
    assert hand.point.verdicts() == {A: "accepted"}


def test_a_bounced_first_key_of_a_rejection_is_not_its_reason() -> None:
    hand = hand_with(A)
    hand.press("2")
    hand.press("2", apart_ms=30)
    assert hand.said == "ask_reason"


def test_no_verdict_falls_on_a_visit_that_has_only_just_come_up() -> None:
    hand = Hand()
    hand.look()
    hand.tap(A)
    hand.type("1")
    assert (hand.point.verdicts(), hand.said) == ({}, "fresh")
    hand.wait(700)
    hand.type("1")
    assert hand.point.verdicts() == {A: "accepted"}


def test_enter_enter_covers_exactly_what_was_listed() -> None:
    hand = hand_with(A, B)
    hand.tap(C)
    hand.press("enter")
    assert [v.door for v in hand.board.listed] == [A, B]
    hand.tap(D)
    hand.wait(2000)
    hand.type("enter")
    assert hand.point.verdicts() == {A: "accepted", B: "accepted"}
    assert hand.at == C


def test_enter_enter_lists_no_more_than_the_screen_can_show() -> None:
    hand = hand_with(A, B, C)
    hand.press("enter", "enter", room_for=2)
    hand.exchange()
    assert sorted(hand.point.verdicts()) == sorted([A, B])


def test_any_other_key_after_the_first_enter_cancels() -> None:
    hand = hand_with(A, B)
    hand.type("enter", "1")
    assert (hand.point.verdicts(), hand.said, hand.at) == ({}, "cancelled", A)


def test_undo_brings_the_visit_back_under_the_arrow() -> None:
    hand = hand_with(A, B)
    hand.type("1", "0")
    assert (hand.point.verdicts(), hand.at, hand.said) == ({}, A, "undone")
    hand.type("2", "1")
    assert hand.point.verdicts() == {A: "rejected mixed"}


def test_while_an_undo_is_under_way_no_verdict_falls_on_the_neighbour() -> None:
    hand = hand_with(A, B)
    hand.type("1")
    hand.press("0", "1")
    assert hand.said == "undoing"
    hand.exchange()
    assert (hand.point.verdicts(), hand.at) == ({}, A)


def test_a_verdict_still_under_way_cannot_be_undone_yet() -> None:
    hand = hand_with(A)
    hand.press("1", "0")
    assert hand.said == "busy"


def test_undo_ends_with_its_time() -> None:
    hand = hand_with(A)
    hand.type("1")
    hand.wait(60_001)
    hand.type("0")
    assert (hand.said, hand.point.verdicts()) == ("too_late", {A: "accepted"})


def test_nothing_to_undo() -> None:
    hand = hand_with(A)
    hand.type("0")
    assert hand.said == "no_undo"


def test_a_stale_verdict_is_not_recorded_and_the_arrow_waits_on_its_visit() -> None:
    hand = hand_with(A, B)
    hand.point.change(hand.point.visits[0].visit)
    hand.type("1")
    assert (hand.point.verdicts(), hand.said, hand.at) == ({}, "stale", A)
    hand.type("1")
    assert (hand.point.verdicts(), hand.said) == ({}, "fresh")
    hand.wait(1000)
    hand.type("1")
    assert hand.point.verdicts() == {A: "accepted"}


def test_plus_and_minus_move_the_arrow_and_stop_at_the_ends() -> None:
    hand = hand_with(A, B, C)
    seen = []
    for key in ("-", "+", "+", "+", "-"):
        hand.press(key)
        seen.append(hand.at)
    assert seen == [A, B, C, C, B]


def test_after_the_newest_the_arrow_goes_to_the_oldest() -> None:
    hand = hand_with(A, B, C)
    hand.type("+", "+", "1")
    assert hand.at == A


def test_when_its_visit_goes_the_arrow_takes_the_next_older() -> None:
    hand = hand_with(A, B, C)
    hand.press("+")
    hand.point.leave(hand.point.visits[1].visit)
    hand.look()
    assert hand.at == A
    hand.point.leave(hand.point.visits[0].visit)
    hand.look()
    assert hand.at == C


def test_a_verdict_without_a_shift_is_kept_for_a_card() -> None:
    hand = hand_with(A, on_duty=False)
    hand.type("1")
    assert (hand.said, hand.point.received) == ("kept", [])
    hand.point.on_duty = True
    hand.look()
    hand.exchange()
    assert hand.point.verdicts() == {A: "accepted"}


def test_a_kept_verdict_lapses() -> None:
    hand = hand_with(A, on_duty=False)
    hand.type("1")
    hand.wait(60_001)
    hand.point.on_duty = True
    hand.look()
    hand.exchange()
    assert hand.point.verdicts() == {}


def test_a_kept_verdict_is_dropped_by_the_undo_key() -> None:
    hand = hand_with(A, on_duty=False)
    hand.type("1", "0")
    hand.point.on_duty = True
    hand.look()
    hand.exchange()
    assert (hand.said, hand.point.verdicts()) == ("cancelled", {})


def test_before_the_first_screen_keys_say_so() -> None:
    hand = Hand()
    hand.press("1")
    assert hand.said == "no_screen"


def test_both_numlock_states_name_every_key() -> None:
    off = {
        "insert": "0", "end": "1", "down": "2", "pagedown": "3", "left": "4", "kp_begin": "5",
        "right": "6", "home": "7", "up": "8", "pageup": "9", "delete": ".",
    }  # fmt: skip
    assert {name: key_of(name) for name in off} == off
    assert [key_of(str(digit)) for digit in range(10)] == [str(digit) for digit in range(10)]
    assert [key_of(n) for n in ("plus", "add", "minus", "subtract")] == ["+", "+", "-", "-"]
    assert [key_of(n) for n in ("full_stop", "decimal", "slash", "divide")] == [".", ".", "/", "/"]
    assert [key_of(n) for n in ("asterisk", "multiply", "enter")] == ["*", "*", "enter"]
    assert [key_of(n) for n in ("a", "ctrl+c", "ctrl+q", "escape", "f5")] == [None] * 5


def test_a_screen_that_repeats_itself_changes_nothing() -> None:
    hand = hand_with(A, B)
    screen: Screen = hand.point.screen()
    once = show(hand.board, screen, hand.now_ms)
    assert show(once, screen, hand.now_ms) == once
