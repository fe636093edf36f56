"""Dialogs in which a digit chooses: what to report, how to hand over, whom to judge again. Pure."""

from dataclasses import replace

from kiosk.point.board import Board, say
from kiosk.point.commanding import command_of, sent
from kiosk.point.dialogs.dialog import Dialog
from kiosk.point.keys import DIGITS, REASONS, VERDICTS, Key
from wire.point_bus import ScreenJudged

A_PAGE = 9


def press_report(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """报事: a digit is a kind, Enter sends it; the place is this point."""
    matters = (board.screen.matters if board.screen else None) or ()
    if dialog.stage == 0:
        if key in DIGITS and 0 < int(key) <= len(matters):
            return replace(board, dialog=replace(dialog, stage=1, chosen=matters[int(key) - 1]))
        return replace(say(board, "cancelled"), dialog=None)
    if key != "enter":
        return replace(board, dialog=replace(dialog, stage=0, chosen=""))
    command = command_of(board, command_id, "report", matter=dialog.chosen)
    return sent(replace(board, dialog=None), command, now_ms)


def press_hand_over(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """交接: 1 all that are listed accepted, 2 one by one, 3 left to the office; Enter does it."""
    choice = {"1": "all_accepted", "3": "left"}.get(key)
    if key == "2" and board.undecided:
        return replace(say(board, "nothing"), dialog=None)
    if choice and board.undecided:
        return replace(board, dialog=replace(dialog, chosen=choice, stage=1))
    ready = dialog.stage == 1 or not board.undecided
    if key != "enter" or not ready:
        return board if key == "enter" else replace(say(board, "cancelled"), dialog=None)
    fields: dict[str, object] = {"unjudged": dialog.chosen} if dialog.chosen else {}
    if dialog.chosen == "all_accepted":
        fields["shown"] = dialog.listed
    board = replace(board, dialog=None)
    return sent(board, command_of(board, command_id, "hand_over", **fields), now_ms)


def press_rejudge(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """改判: a digit chooses a judged visit, then the verdict keys as ever."""
    if dialog.stage == 0:
        return _choose_judged(board, dialog, key)
    judged = judged_with(board, dialog.chosen)
    if judged is None:
        return replace(say(board, "unknown_visit"), dialog=None)
    fields: dict[str, object] = {"visit": judged.visit}
    if dialog.stage == 2 and key in REASONS:
        fields |= {"value": "rejected", "reason": REASONS[key]}
    elif dialog.stage == 1 and key == "2":
        return replace(board, dialog=replace(dialog, stage=2))
    elif dialog.stage == 1 and key in VERDICTS:
        fields["value"] = VERDICTS[key]
    else:
        return replace(say(board, "cancelled"), dialog=None)
    command = command_of(board, command_id, "judge", **fields)
    return sent(replace(board, dialog=None), command, now_ms, door=judged.door or "")


def judged_with(board: Board, visit: str) -> ScreenJudged | None:
    """The judged visit of that name, if it is still listed."""
    judged = board.screen.judged if board.screen else ()
    return next((item for item in judged if item.visit == visit), None)


def judged_page(board: Board, dialog: Dialog) -> tuple[ScreenJudged, ...]:
    """The judged visits a page shows, numbered as when the dialog was opened."""
    shown = dialog.listed[dialog.page * A_PAGE : (dialog.page + 1) * A_PAGE]
    found = (judged_with(board, visit) for visit in shown)
    return tuple(item for item in found if item is not None)


def _choose_judged(board: Board, dialog: Dialog, key: Key) -> Board:
    if key in ("+", "-"):
        last = max(0, (len(dialog.listed) - 1) // A_PAGE)
        page = min(max(dialog.page + (1 if key == "+" else -1), 0), last)
        return replace(board, dialog=replace(dialog, page=page))
    shown = judged_page(board, dialog)
    if key in DIGITS and 0 < int(key) <= len(shown):
        return replace(board, dialog=replace(dialog, stage=1, chosen=shown[int(key) - 1].visit))
    return replace(say(board, "cancelled"), dialog=None)
