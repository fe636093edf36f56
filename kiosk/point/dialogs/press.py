"""One key in an open dialog. Pure.

Everywhere: digits choose or are typed, Enter confirms, − takes back, / closes.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from kiosk.point.board import Board, say
from kiosk.point.commanding import command_of, sent
from kiosk.point.dialogs.choosing import press_hand_over, press_rejudge, press_report
from kiosk.point.dialogs.dialog import LAPSES_MS, Dialog, DialogName
from kiosk.point.dialogs.typing import press_bin, press_check_in, press_manual
from kiosk.point.keys import DIGITS, Key

MENU: Mapping[Key, DialogName] = MappingProxyType({
    "1": "report", "2": "bin", "3": "hand_over", "4": "summary", "5": "broadcast", "6": "devices",
})  # fmt: skip
OPENS: Mapping[Key, DialogName] = MappingProxyType({"/": "menu", ".": "manual"})
F_KEYS: Mapping[str, DialogName] = MappingProxyType({
    "f2": "report", "f3": "bin", "f4": "hand_over", "f5": "summary", "f6": "broadcast",
    "f7": "devices", "f8": "manual", "f9": "rejudge", "f10": "menu",
})  # fmt: skip
NEEDS_SHIFT = frozenset({"report", "bin", "hand_over", "broadcast", "manual", "rejudge"})


def open_dialog(board: Board, name: DialogName, now_ms: int) -> Board:
    """A dialog, or the reason why not."""
    board = replace(board, dialog=None)
    if board.screen is None:
        return say(board, "no_screen")
    if name in NEEDS_SHIFT and board.screen.shift is None:
        return say(board, "no_shift")
    if name == "rejudge" and not board.screen.judged:
        return say(board, "no_judged")
    listed = tuple(v.visit for v in board.undecided if not board.fresh(v.visit, now_ms))
    if name == "rejudge":
        listed = tuple(judged.visit for judged in board.screen.judged)
    return replace(
        say(board, "nothing"), dialog=Dialog(name, now_ms, listed=listed), refusing=None, listed=()
    )


def opened_by(board: Board, key: Key) -> DialogName | None:
    """What a key of the list opens; * is for who judges: in without a shift, again with one."""
    if key == "*":
        return "rejudge" if board.screen and board.screen.shift else "check_in"
    return OPENS.get(key)


def lapse(board: Board, now_ms: int) -> Board:
    """A dialog that nobody touches gives the list back."""
    dialog = board.dialog
    if dialog is None or now_ms - dialog.touched_ms < LAPSES_MS:
        return board
    return replace(say(board, "lapsed"), dialog=None)


def press_dialog(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """The board after one key."""
    board = replace(board, dialog=replace(dialog, touched_ms=now_ms))
    if key == "/" or board.dialog is None:
        return replace(say(board, "cancelled"), dialog=None)
    return _PRESS[dialog.name](board, board.dialog, key, now_ms, command_id)


def _menu(board: Board, _dialog: Dialog, key: Key, now_ms: int, _command_id: str) -> Board:
    name = MENU.get(key)
    if name is not None:
        return open_dialog(board, name, now_ms)
    return replace(say(board, "cancelled"), dialog=None)


def _close(board: Board, _dialog: Dialog, _key: Key, _now_ms: int, _command_id: str) -> Board:
    return replace(say(board, "nothing"), dialog=None)


def _broadcast(board: Board, _dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    what = {"1": "now", "2": "hush"}.get(key)
    board = replace(board, dialog=None)
    if what is None:
        return say(board, "cancelled")
    return sent(board, command_of(board, command_id, "broadcast", broadcast=what), now_ms)


def _devices(board: Board, dialog: Dialog, key: Key, _now_ms: int, _command_id: str) -> Board:
    if key in ("+", "-"):
        page = max(0, dialog.page + (1 if key == "+" else -1))
        return replace(board, dialog=replace(dialog, page=page))
    return board if key in DIGITS else replace(say(board, "nothing"), dialog=None)


_PRESS: Mapping[DialogName, Callable[[Board, Dialog, Key, int, str], Board]] = MappingProxyType({
    "menu": _menu,
    "summary": _close,
    "opening": _close,
    "broadcast": _broadcast,
    "devices": _devices,
    "report": press_report,
    "hand_over": press_hand_over,
    "rejudge": press_rejudge,
    "bin": press_bin,
    "manual": press_manual,
    "check_in": press_check_in,
})  # fmt: skip
