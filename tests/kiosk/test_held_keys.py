"""A key under a finger judges one household; two presses are two."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.point.keys import DECIDE_MS, REPEAT_MS, Key
from kiosk.point.press import press, settle
from tests.kiosk.hand import Hand, hand_with

A, B, C = "11-1-102", "11-2-301", "12-1-501"


def held_down(key: Key, *doors: str) -> Hand:
    """A key under a finger as a Wayland compositor repeats it: 600 ms, then every 40 ms."""
    hand = hand_with(*doors)
    hand.press(key)
    hand.exchange()
    hand.wait(600 - DECIDE_MS)
    for _ in range(30):
        hand.press(key, apart_ms=40)
        hand.board = settle(hand.board, hand.now_ms)
        hand.exchange()
    hand.wait(2000)
    hand.board = settle(hand.board, hand.now_ms)
    hand.exchange()
    return hand


def test_a_held_verdict_key_judges_one_household() -> None:
    hand = held_down("1", A, B, C)
    assert hand.point.verdicts() == {A: "accepted"}


def test_a_held_enter_accepts_nobody() -> None:
    hand = held_down("enter", A, B, C)
    assert hand.point.verdicts() == {}


def test_a_held_rejection_gives_no_reason() -> None:
    hand = held_down("2", A, B)
    assert hand.point.verdicts() == {}


@given(st.integers(REPEAT_MS, 2000), st.sampled_from(["1", "3", "4"]))
def test_two_deliberate_presses_are_two_verdicts_at_any_pace(apart_ms: int, key: Key) -> None:
    hand = hand_with(A, B, C)
    hand.press(key)
    hand.exchange()
    hand.press(key, apart_ms=apart_ms)
    hand.wait(DECIDE_MS)
    hand.board = settle(hand.board, hand.now_ms)
    hand.exchange()
    assert list(hand.point.verdicts()) == [A, B]


def test_another_key_decides_the_one_that_waits() -> None:
    hand = hand_with(A, B, C)
    hand.press("1")
    hand.wait(300)
    board = press(hand.board, "1", hand.now_ms, "a" * 32)
    assert board.held is not None
    board = press(board, "4", hand.now_ms + 100, "b" * 32)
    assert [pending.command.value for pending in board.pending] == [
        "accepted", "accepted", "corrected",
    ]  # fmt: skip


def test_eleven_may_be_typed_fast() -> None:
    hand = hand_with()
    hand.press(".")
    hand.press("1", "1", ".", "1", ".", "1", "0", "2", apart_ms=90)
    assert hand.board.dialog is not None
    assert hand.board.dialog.text == "11-1-102"
