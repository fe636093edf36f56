"""One key, one decision: what a key press does to the board. Pure."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from kiosk.point.board import Board, Held, Message, Pending, Said, move_on, say, step
from kiosk.point.commanding import command_of, sent
from kiosk.point.dialogs.press import open_dialog, opened_by, press_dialog
from kiosk.point.keys import (
    DECIDE_MS,
    HELD_MS,
    REASONS,
    REPEAT_MS,
    TYPING_MS,
    VERDICTS,
    Key,
    counts,
)
from wire.point_bus import Command, ScreenVisit

_STEPS: MappingProxyType[Key, int] = MappingProxyType({"+": 1, "-": -1})


def press(board: Board, key: Key, now_ms: int, command_id: str, *, room_for: int = 400) -> Board:
    """The board after one key; a command it gives stands in ``pending``.

    ``room_for`` is how many visits a list for confirmation can show: only those are confirmed.
    A key pressed again within a second waits for :func:`settle`, for it may lie under a finger.
    """
    last_ms = board.pressed_ms.get(key)
    typing = board.dialog is not None
    new = counts(now_ms, last_ms, TYPING_MS if typing else REPEAT_MS)
    if new or key not in _STEPS:
        board = replace(board, pressed_ms={**board.pressed_ms, key: now_ms}, active_ms=now_ms)
    if not new:
        return _lies_under_a_finger(board, key)
    board = settle(board, now_ms, at_once=True)
    again = board.last_key == key and last_ms is not None and now_ms - last_ms < HELD_MS
    board = replace(board, last_key=key)
    if again and not typing and key not in _STEPS:
        target = board.target.visit if board.target else None
        return replace(board, held=Held(key, now_ms, command_id, room_for, target))
    return _act(board, key, now_ms, command_id, room_for)


def settle(board: Board, now_ms: int, *, at_once: bool = False) -> Board:
    """The key that waited counts, unless it has repeated itself or ▶ has gone elsewhere."""
    held = board.held
    if held is None or not (at_once or now_ms - held.at_ms >= DECIDE_MS):
        return board
    board = replace(board, held=None)
    target = board.target.visit if board.target else None
    if held.key != "enter" and target != held.target:
        return say(board, "held")
    return _act(board, held.key, now_ms, held.command_id, held.room_for)


def _lies_under_a_finger(board: Board, key: Key) -> Board:
    if board.held is None or board.held.key != key:
        return board
    return say(replace(board, held=None), "held")


def _act(board: Board, key: Key, now_ms: int, command_id: str, room_for: int) -> Board:
    """A key into what is half made, else into the list."""
    if board.dialog:
        return press_dialog(board, board.dialog, key, now_ms, command_id)
    if board.refusing:
        return _second_key(board, board.refusing, key, now_ms, command_id)
    if board.listed:
        return _confirm_all(board, key, now_ms, command_id)
    return _in_the_list(board, key, now_ms, command_id, room_for)


def _in_the_list(board: Board, key: Key, now_ms: int, command_id: str, room_for: int) -> Board:
    name = opened_by(board, key)
    if name is not None:
        return open_dialog(board, name, now_ms)
    if key in _STEPS:
        return step(board, _STEPS[key])
    if key == "enter":
        return _list_all(board, now_ms, room_for)
    return _decide(board, key, now_ms, command_id)


def _decide(board: Board, key: Key, now_ms: int, command_id: str) -> Board:
    if key == "0":
        return _undo(board, now_ms, command_id)
    if key != "2" and key not in VERDICTS:
        return say(board, "no_key")
    target = board.target
    hindrance = _hindrance(board, target, now_ms)
    if hindrance or target is None:
        return say(board, hindrance or "no_visits", target)
    if key == "2":
        rev = board.screen.screen_rev if board.screen else 0
        message = Message("ask_reason", target)
        return replace(board, refusing=target, refusing_rev=rev, message=message)
    return _judge(
        board, target, now_ms, command_of(board, command_id, "judge", value=VERDICTS[key])
    )


def _hindrance(board: Board, target: ScreenVisit | None, now_ms: int) -> Said | None:
    """Why a verdict cannot be given now."""
    checks: tuple[tuple[Callable[[], bool], Said], ...] = (
        (lambda: not board.bus_up, "bus_away"),
        (lambda: board.screen is None, "no_screen"),
        (lambda: any(p.command.action == "undo" for p in board.pending), "undoing"),
        (lambda: target is None, "busy" if board.visits else "no_visits"),
        (lambda: target is not None and board.fresh(target.visit, now_ms), "fresh"),
    )
    return next((said for holds, said in checks if holds()), None)


def _second_key(board: Board, target: ScreenVisit, key: Key, now_ms: int, command_id: str) -> Board:
    """The reason of a rejection; the visit was fixed by the first key."""
    board = replace(board, refusing=None)
    reason = REASONS.get(key)
    if reason is None:
        return say(board, "cancelled", target)
    if not board.bus_up:
        return say(board, "bus_away", target)
    command = command_of(board, command_id, "judge", value="rejected", reason=reason)
    # The decision was made on the screen under the first key: who judged since has the word.
    command = command.model_copy(update={"screen_rev": board.refusing_rev})
    return _judge(board, target, now_ms, command)


def _judge(board: Board, target: ScreenVisit, now_ms: int, command: Command) -> Board:
    command = command.model_copy(update={"visit": target.visit})
    if board.screen and board.screen.shift is None:
        kept = Pending(command, target, first_ms=now_ms, due_ms=now_ms)
        return replace(board, kept=kept, message=Message("kept", target, command))
    board = sent(replace(board, kept=None), command, now_ms, visit=target)
    return move_on(board, target.visit) if board.arrow == target.visit else board


def _list_all(board: Board, now_ms: int, room_for: int) -> Board:
    """First Enter: the visits that were on the screen long enough to have been seen."""
    hindrance = _hindrance(board, board.target, now_ms)
    if hindrance and hindrance != "fresh":
        return say(board, hindrance)
    if board.screen and board.screen.shift is None:
        return say(board, "no_shift")
    seen = tuple(v for v in board.undecided if not board.fresh(v.visit, now_ms))[:room_for]
    if not seen:
        return say(board, "fresh", board.target)
    return replace(board, listed=seen, message=Message("ask_all", count=len(seen)))


def _confirm_all(board: Board, key: Key, now_ms: int, command_id: str) -> Board:
    """Second Enter: exactly the visits that were listed, whatever came since."""
    listed = board.listed
    board = replace(board, listed=())
    if key != "enter":
        return say(board, "cancelled")
    if not board.bus_up:
        return say(board, "bus_away")
    command = command_of(board, command_id, "judge_all", shown=tuple(v.visit for v in listed))
    board = sent(board, command, now_ms, count=len(listed))
    left = [v.visit for v in board.undecided]
    return board if board.arrow in left else replace(board, arrow=left[0] if left else None)


def _undo(board: Board, now_ms: int, command_id: str) -> Board:
    """The newest verdict, while the point still allows it."""
    if board.kept:
        return replace(board, kept=None, message=Message("cancelled", board.kept.visit))
    if not board.bus_up:
        return say(board, "bus_away")
    if board.pending:
        return say(board, "busy")
    judged = board.screen.judged[0] if board.screen and board.screen.judged else None
    if judged is None:
        return say(board, "no_undo")
    if (board.node_ms(now_ms) or 0) > judged.undo_until_ms:
        return say(board, "too_late")
    command = command_of(board, command_id, "undo", verdict=judged.verdict)
    return sent(replace(board, returning=judged.visit), command, now_ms)
