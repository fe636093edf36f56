"""The bus away, the answer late: what waits, and what is said."""

import pytest

from kiosk.point.board import bus
from kiosk.point.keys import Key
from kiosk.point.waiting import answered, due, unanswering
from tests.kiosk.hand import hand_with
from wire.point_bus import Reply

A, B = "11-1-102", "11-2-301"


def test_with_the_bus_away_keys_record_nothing_and_say_why() -> None:
    hand = hand_with(A)
    hand.board = bus(hand.board, up=False)
    keys: tuple[Key, ...] = ("1", "2", "3", "4", "enter", "0")
    for key in keys:
        hand.press(key)
        assert hand.said == "bus_away", key
    assert hand.board.pending == ()


@pytest.mark.parametrize(("first", "second"), [("2", "1"), ("enter", "enter")])
def test_the_bus_going_between_two_keys_says_why(first: Key, second: Key) -> None:
    hand = hand_with(A)
    hand.press(first)
    hand.board = bus(hand.board, up=False)
    hand.press(second)
    assert (hand.said, hand.board.pending) == ("bus_away", ())


def test_an_unanswered_command_goes_out_again_under_its_number() -> None:
    hand = hand_with(A, B)
    hand.press("1")
    sent, start = [], hand.now_ms
    for _ in range(100):
        hand.board, commands = due(hand.board, hand.now_ms)
        sent += [(hand.now_ms - start, command.command_id) for command in commands]
        hand.now_ms += 100
    assert [at for at, _ in sent] == [0, 1000, 3000, 7000]
    assert len({number for _, number in sent}) == 1
    assert unanswering(hand.board, hand.now_ms)
    assert hand.at == B


def test_when_the_bus_is_back_what_waits_goes_out_at_once() -> None:
    hand = hand_with(A)
    hand.press("1")
    hand.board, _ = due(hand.board, hand.now_ms)
    hand.board = bus(hand.board, up=False)
    hand.wait(5000)
    assert due(hand.board, hand.now_ms)[1] == []
    hand.board = bus(hand.board, up=True)
    hand.exchange()
    assert hand.point.verdicts() == {A: "accepted"}


def test_another_terminals_reply_changes_nothing() -> None:
    hand = hand_with(A)
    hand.press("1")
    reply = Reply(command_id="e" * 32, code="stale", screen_rev=9)
    assert answered(hand.board, reply, hand.now_ms) is hand.board
