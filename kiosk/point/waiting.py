"""Commands on their way: sent again until answered, under the same number. Pure."""

from dataclasses import replace

from kiosk.point.board import Board, Message, Pending, Said
from kiosk.point.dialogs.typing import looked_up
from wire.point_bus import Command, Reply, ReplyCode

RESEND_MS = (1000, 2000, 4000)
"""Pauses before a command is sent again; the last one repeats."""
SILENT_MS = 2500
"""The daemon repeats its screen every quarter of a second, changed or not."""
OVERDUE_MS = 2000
"""Without an answer for this long, the person is told to wait."""
_LOOK_AGAIN: frozenset[ReplyCode] = frozenset(
    {"stale", "no_shift", "not_admitted", "bad_request", "store_full"}
)
_DONE: dict[str, Said] = {
    "judge": "done_one", "judge_all": "done_all", "undo": "undone", "check_in": "on_duty",
    "hand_over": "handed_over", "manual": "manual_done", "bin_changed": "bin_done",
    "report": "report_done", "broadcast": "broadcast_done",
}  # fmt: skip


def due(board: Board, now_ms: int) -> tuple[Board, list[Command]]:
    """What to publish now, and the board that remembers it."""
    if not board.bus_up:
        return board, []
    ready = [p for p in board.pending if p.done_rev is None and p.due_ms <= now_ms]
    if not ready:
        return board, []
    pending = tuple(_sent(p, now_ms) if p in ready else p for p in board.pending)
    return replace(board, pending=pending), [p.command for p in ready]


def silent(board: Board, now_ms: int) -> bool:
    """Whether screens stay away: the daemon is down, or the bus hangs without saying so."""
    return board.screen is not None and now_ms - board.seen_ms >= SILENT_MS


def unanswering(board: Board, now_ms: int) -> bool:
    """Whether the person has to be told to wait."""
    return silent(board, now_ms) or any(
        p.done_rev is None and now_ms - p.first_ms >= OVERDUE_MS for p in board.pending
    )


def answered(board: Board, reply: Reply, now_ms: int) -> Board:
    """A reply; one to nobody's command (another terminal's) changes nothing."""
    pending = next((p for p in board.pending if p.command.command_id == reply.command_id), None)
    if pending is None or pending.done_rev is not None:
        return board
    if pending.command.action == "look_up" and reply.code in ("done", "unknown_door"):
        board = replace(board, pending=tuple(p for p in board.pending if p is not pending))
        return looked_up(board, pending.command.door or "", known=reply.code == "done")
    if reply.code == "done":
        return _done(board, pending, reply)
    rest = tuple(p for p in board.pending if p is not pending)
    board = replace(
        board,
        pending=rest,
        returning=None if pending.command.action == "undo" else board.returning,
        message=Message(reply.code, pending.visit, pending.command, reply.count, pending.door),
    )
    return _look_again(board, pending, now_ms) if reply.code in _LOOK_AGAIN else board


def _done(board: Board, pending: Pending, reply: Reply) -> Board:
    shown = board.screen is not None and board.screen.screen_rev >= reply.screen_rev
    done = () if shown else (replace(pending, done_rev=reply.screen_rev),)
    rest = tuple(p for p in board.pending if p is not pending)
    said = _DONE[pending.command.action]
    message = Message(said, pending.visit, pending.command, reply.count, pending.door)
    return replace(board, pending=(*rest, *done), message=message)


def _look_again(board: Board, pending: Pending, now_ms: int) -> Board:
    """▶ goes back to the visit whose verdict was refused, and waits a moment for the eye."""
    visit = pending.command.visit
    if visit is not None and visit in {v.visit for v in board.undecided}:
        shown_ms = {**board.shown_ms, visit: now_ms}
        return replace(board, arrow=visit, shown_ms=shown_ms, refusing=None, listed=())
    if board.arrow is None and board.undecided:
        return replace(board, arrow=board.undecided[0].visit)
    return board


def _sent(pending: Pending, now_ms: int) -> Pending:
    pause = RESEND_MS[min(pending.tries, len(RESEND_MS) - 1)]
    return replace(pending, tries=pending.tries + 1, due_ms=now_ms + pause)
