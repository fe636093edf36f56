"""Commands on the screen a person decides on: the one under the deciding key. Pure."""

from dataclasses import replace

from kiosk.point.board import Board, Message, Pending
from wire.point_bus import Action, Command, ScreenVisit


def command_of(board: Board, command_id: str, action: Action, **fields: object) -> Command:
    """A command for what is shown now."""
    rev = board.screen.screen_rev if board.screen else 0
    return Command.model_validate(
        {"command_id": command_id, "screen_rev": rev, "action": action} | fields
    )


def sent(
    board: Board,
    command: Command,
    now_ms: int,
    *,
    visit: ScreenVisit | None = None,
    door: str = "",
    count: int = 0,
) -> Board:
    """The board with the command on its way."""
    pending = Pending(command, visit, first_ms=now_ms, due_ms=now_ms, door=door)
    message = Message("sending", visit, command, count, door)
    return replace(board, pending=(*board.pending, pending), message=message)
