"""What the keypad's other keys open: one story a test, without a screen library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.point.board import Board
from kiosk.point.dialogs import page
from kiosk.point.dialogs.dialog import LAPSES_MS
from kiosk.point.dialogs.press import F_KEYS, lapse, open_dialog
from kiosk.point.health import all_well, line
from kiosk.point.keys import DECIDE_MS, KEYS, Key
from kiosk.words import translator
from tests.kiosk.hand import Hand, hand_with
from tests.kiosk.scripted_point import bins

A, B, C = "11-1-102", "11-2-301", "12-1-501"
T = translator("zh")


def dialog_of(hand: Hand) -> str | None:
    return hand.board.dialog.name if hand.board.dialog else None


def shown(hand: Hand) -> str:
    dialog = hand.board.dialog
    assert dialog is not None
    return "\n".join([page.title(dialog, T), page.large(dialog), *page.lines(hand.board, dialog, T),
                      *page.keys(hand.board, dialog, T)])  # fmt: skip


def digits(text: str) -> list[Key]:
    return [KEYS.get(letter) or "." for letter in text]


def test_somebody_without_a_card_is_entered_by_door_and_judged_like_any_other() -> None:
    hand = hand_with()
    hand.type(*digits("."), *digits("11.1.102"))
    assert "11-1-102" in shown(hand)
    hand.type("enter")
    assert "11-1-102 在名册上" in shown(hand)
    assert hand.point.visits == [], "nothing is recorded by looking"
    hand.type("enter")
    assert (dialog_of(hand), hand.said) == (None, "manual_done")
    hand.wait(1500)
    hand.type("1")
    assert hand.point.verdicts() == {A: "accepted"}


def test_a_door_that_is_not_on_the_roster_is_said_before_it_is_recorded() -> None:
    hand = hand_with()
    hand.type(*digits(".99.1.102"), "enter")
    assert "99-1-102 不在名册上" in shown(hand)
    hand.type("-", "-", "-", "3", "0", "1")
    assert "99-1-301" in shown(hand)
    assert "名册" not in shown(hand), "another door, not yet looked up"
    assert hand.point.visits == []


@pytest.mark.parametrize("typed", ["", "11", "11.1", "11.1.", "1234.1.1", "11.1.123456"])
def test_half_a_door_is_not_sent(typed: str) -> None:
    hand = hand_with()
    hand.type(".", *digits(typed), "enter")
    assert hand.said == "door_form"
    assert hand.point.received == []


def test_taking_back_to_nothing_closes() -> None:
    hand = hand_with()
    hand.type(".", "1", "-", "-")
    assert dialog_of(hand) is None
    assert hand.point.received == []


def test_a_late_answer_to_another_door_confirms_nothing() -> None:
    hand = hand_with()
    hand.press(*digits(".11.1.102"), "enter")
    hand.press("-", "1")
    hand.exchange()
    dialog = hand.board.dialog
    assert dialog is not None
    assert (dialog.text, dialog.stage) == ("11-1-101", 0)


def test_going_on_duty_by_number_and_pin_sends_the_kept_verdict() -> None:
    hand = hand_with(A, on_duty=False)
    hand.type("1")
    assert hand.said == "kept"
    hand.type("*", *digits("103"), "enter", *digits("4711"))
    assert "4711" not in shown(hand), "a PIN is not for the queue"
    hand.type("enter")
    assert dialog_of(hand) is None
    hand.exchange()
    assert hand.point.verdicts() == {A: "accepted"}


def test_a_wrong_pin_asks_again() -> None:
    hand = hand_with(on_duty=False)
    hand.type("*", *digits("103"), "enter", *digits("9999"), "enter")
    assert (hand.said, dialog_of(hand)) == ("not_admitted", "check_in")
    hand.type(*digits("103"), "enter", *digits("4711"), "enter")
    assert hand.point.on_duty


def test_a_card_ends_the_asking_for_a_number() -> None:
    hand = hand_with(on_duty=False)
    hand.type("*", "1")
    hand.point.come_on_duty()
    hand.look()
    assert dialog_of(hand) is None


def test_judging_again_after_a_minute_is_a_new_verdict_on_the_same_household() -> None:
    hand = hand_with(A, B)
    hand.type("1")
    hand.wait(1500)
    hand.type("1")
    hand.wait(61_000)
    hand.look()
    hand.type("*")
    assert "1 09:40 ✓ 11-2-301" in shown(hand)
    hand.type("2", "2", "1")
    assert hand.point.verdicts() == {B: "accepted", A: "rejected mixed"}


def test_the_numbers_of_judging_again_stay_while_somebody_else_judges() -> None:
    hand = hand_with(A, B)
    hand.type("1")
    hand.type("*")
    other = hand.point.visits[0]
    hand.point._judge(other, hand.point.received[0])
    hand.look()
    hand.type("1", "3")
    assert hand.point.verdicts()[A] == "unclear"


def test_reporting_takes_two_digits_and_enter() -> None:
    hand = hand_with()
    hand.type("/", "1")
    assert "3 扰民、堵通道" in shown(hand)
    hand.type("3", "enter")
    assert [command.matter for command in hand.point.told] == ["blocked_way"]
    assert hand.said == "report_done"


def test_a_kind_that_is_not_there_reports_nothing() -> None:
    hand = hand_with()
    hand.type("/", "1", "9", "enter")
    assert hand.point.told == []


def test_changing_a_bin_shows_it_first() -> None:
    hand = hand_with()
    hand.type("/", "2", "1", "1", "enter")
    assert "其他11 号" in shown(hand)
    hand.type("enter")
    assert [command.bin for command in hand.point.told] == [11]


def test_a_bin_that_is_not_there() -> None:
    hand = hand_with()
    hand.type("/", "2", "9", "9", "enter", "enter")
    assert (hand.said, hand.point.told) == ("no_bin", [])


def test_handing_over_with_nobody_waiting() -> None:
    hand = hand_with()
    hand.type("/", "3")
    assert "全部已评" in shown(hand)
    assert "刷卡 7" in shown(hand)
    hand.type("enter")
    assert (hand.said, hand.point.on_duty) == ("handed_over", False)


def test_handing_over_accepts_exactly_the_visits_that_were_listed() -> None:
    hand = hand_with(A, B)
    hand.type("/", "3")
    hand.tap(C)
    hand.type("1", "enter")
    assert hand.point.verdicts() == {A: "accepted", B: "accepted"}
    assert [judged.mode for judged, _ in hand.point.judged] == ["bulk", "bulk"]
    assert [visit.door for visit in hand.point.visits] == [C]


def test_handing_over_one_by_one_goes_back_to_the_list() -> None:
    hand = hand_with(A)
    hand.type("/", "3", "2")
    assert dialog_of(hand) is None
    hand.wait(1000)
    hand.type("1")
    assert hand.point.verdicts() == {A: "accepted"}
    assert hand.point.on_duty


def test_handing_over_may_leave_the_rest_to_the_office() -> None:
    hand = hand_with(A)
    hand.type("/", "3", "3", "enter")
    assert (hand.point.visits, hand.point.verdicts()) == ([], {})
    assert not hand.point.on_duty


def test_enter_alone_hands_nothing_over_while_somebody_waits() -> None:
    hand = hand_with(A)
    hand.type("/", "3", "enter")
    assert hand.point.on_duty
    assert dialog_of(hand) == "hand_over"


def test_a_broadcast_without_a_loudspeaker_says_so() -> None:
    hand = hand_with()
    hand.point.speaker = "none"
    hand.type("/", "5", "1")
    assert hand.said == "no_speaker"
    hand.point.speaker = "ok"
    hand.type("/", "5", "2")
    assert [command.broadcast for command in hand.point.told] == ["now", "hush"]


def test_a_dialog_nobody_touches_gives_the_list_back() -> None:
    hand = hand_with(A)
    hand.type("/")
    hand.wait(LAPSES_MS - DECIDE_MS)
    assert lapse(hand.board, hand.now_ms).dialog is None
    assert lapse(hand.board, hand.now_ms - 1).dialog is not None


def test_what_needs_a_shift_asks_for_one() -> None:
    hand = hand_with(on_duty=False)
    for key in (".", "/"):
        hand.type(key)
        if key == "/":
            hand.type("3")
        assert (hand.said, dialog_of(hand)) == ("no_shift", None)


def test_f_keys_open_the_same_dialogs() -> None:
    hand = hand_with(A)
    hand.type("1")
    opened = {name: open_dialog(hand.board, dialog, hand.now_ms).dialog
              for name, dialog in F_KEYS.items()}  # fmt: skip
    assert {name: found.name if found else None for name, found in opened.items()} == dict(F_KEYS)


def test_a_shift_that_opens_at_a_point_at_fault_shows_what_to_do_until_somebody_taps() -> None:
    hand = hand_with(on_duty=False)
    hand.point.bins = bins(faulty=(3,))
    hand.point.come_on_duty()
    hand.look()
    assert dialog_of(hand) == "opening"
    assert "秤 13/14  不影响奖励;按 / 1 报修" in shown(hand)
    hand.tap(A)
    assert dialog_of(hand) is None


def test_a_shift_that_opens_at_a_point_that_is_well_shows_the_list() -> None:
    hand = hand_with(on_duty=False)
    hand.point.come_on_duty()
    hand.look()
    assert dialog_of(hand) is None
    screen = hand.point.screen()
    assert all_well(screen)
    assert line(screen, T) == "读卡 ✓  秤 14/14  喇叭 ✓  时钟 ✓"


def test_no_loudspeaker_is_no_fault() -> None:
    hand = hand_with()
    hand.point.speaker = "none"
    screen = hand.point.screen()
    assert all_well(screen)
    assert "喇叭 –" in line(screen, T)


def test_each_fault_has_its_remedy() -> None:
    hand = hand_with()
    hand.point.reader_ok = False
    hand.point.trust = "none"
    hand.point.speaker = "failed"
    hand.point.roster = 0
    hand.look()
    hand.type("/", "6")
    text = shown(hand)
    for words in ("读卡 ✗  看读卡器", "喇叭 ✗  没有声音", "时钟 ✗  照常评", "名册 ✗  联网前"):
        assert words in text


@given(st.lists(st.sampled_from([*sorted({*KEYS.values()}), "tap", "look"]), max_size=60))
def test_no_run_of_keys_breaks_the_terminal_or_judges_who_was_not_shown(story: list[str]) -> None:
    hand = hand_with(A, B)
    for what in story:
        if what == "tap":
            hand.tap(C)
        elif what == "look":
            hand.exchange()
        else:
            hand.type(what)  # type: ignore[arg-type]
        board: Board = hand.board
        if board.dialog:
            assert all(isinstance(text, str) for text in shown(hand).splitlines())
        assert board.arrow is None or board.arrow in {v.visit for v in board.visits}
