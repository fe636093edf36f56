"""One key, one decision: what a key press does to the board. Pure."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from kiosk.point.board import Board, Message, Pending, Said, move_on, say, step
from kiosk.point.keys import Key, counts
from wire.facts import RejectReason, VerdictValue
from wire.point_bus import Action, Command, ScreenVisit

VERDICTS: MappingProxyType[Key, VerdictValue] = MappingProxyType(
    {"1": "accepted", "3": "unclear", "4": "corrected"}
)
REASONS: MappingProxyType[Key, RejectReason] = MappingProxyType(
    {"1": "mixed", "2": "unbroken_bag", "3": "wrong_bin", "4": "other"}
)
_STEPS: MappingProxyType[Key, int] = MappingProxyType({"+": 1, "-": -1})


def press(board: Board, key: Key, now_ms: int, command_id: str, *, room_for: int = 400) -> Board:
    """The board after one key; a command it gives stands in ``pending``.

    ``room_for`` is how many visits a list for confirmation can show: only those are confirmed.
    """
    new = counts(now_ms, board.pressed_ms.get(key))
    if new or key not in _STEPS:
        board = replace(board, pressed_ms={**board.pressed_ms, key: now_ms})
    if not new:
        return board
    if board.refusing:
        return _second_key(board, board.refusing, key, now_ms, command_id)
    if board.listed:
        return _confirm_all(board, key, now_ms, command_id)
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
    return _judge(board, target, now_ms, _command(board, command_id, "judge", value=VERDICTS[key]))


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
    command = _command(board, command_id, "judge", value="rejected", reason=reason)
    # The decision was made on the screen under the first key: who judged since has the word.
    command = command.model_copy(update={"screen_rev": board.refusing_rev})
    return _judge(board, target, now_ms, command)


def _judge(board: Board, target: ScreenVisit, now_ms: int, command: Command) -> Board:
    command = command.model_copy(update={"visit": target.visit})
    pending = Pending(command, target, first_ms=now_ms, due_ms=now_ms)
    if board.screen and board.screen.shift is None:
        return replace(board, kept=pending, message=Message("kept", target, command))
    board = replace(
        board,
        pending=(*board.pending, pending),
        kept=None,
        message=Message("sending", target, command),
    )
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
    command = _command(board, command_id, "judge_all", shown=tuple(v.visit for v in listed))
    pending = Pending(command, None, first_ms=now_ms, due_ms=now_ms)
    board = replace(
        board,
        pending=(*board.pending, pending),
        message=Message("sending", None, command, count=len(listed)),
    )
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
    command = _command(board, command_id, "undo", verdict=judged.verdict)
    pending = Pending(command, None, first_ms=now_ms, due_ms=now_ms)
    return replace(
        board,
        pending=(*board.pending, pending),
        returning=judged.visit,
        message=Message("sending", None, command),
    )


def _command(  # the screen a person decides on is the one under the deciding key
    board: Board,
    command_id: str,
    action: Action,
    *,
    value: VerdictValue | None = None,
    reason: RejectReason | None = None,
    shown: tuple[str, ...] = (),
    verdict: str | None = None,
) -> Command:
    return Command(
        command_id=command_id,
        screen_rev=board.screen.screen_rev if board.screen else 0,
        action=action,
        value=value,
        reason=reason,
        shown=shown,
        verdict=verdict,
    )
