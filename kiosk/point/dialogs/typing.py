"""Dialogs into which digits are typed: a door, a bin, a number and its PIN. Pure."""

import re
from dataclasses import replace

from kiosk.point.board import Board, say
from kiosk.point.commanding import command_of, sent
from kiosk.point.dialogs.dialog import Dialog
from kiosk.point.keys import DIGITS, Key

LONGEST = 16
_DOOR = re.compile(r"([0-9]{1,3})-([0-9]{1,2})-([0-9]{1,5})")
_PIN = re.compile(r"[0-9]{4,12}")


def press_manual(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """补登: building . unit . room, Enter shows the door, Enter records the visit."""
    if dialog.stage == 1:
        if key != "enter":
            return _edit(board, replace(dialog, stage=0), key, separator="-")
        command = command_of(board, command_id, "manual", door=dialog.text)
        return sent(replace(board, dialog=None), command, now_ms, door=dialog.text)
    if key != "enter":
        return _edit(board, dialog, key, separator="-")
    if not _DOOR.fullmatch(dialog.text):
        return say(board, "door_form")
    if any(p.command.action == "look_up" for p in board.pending):
        return say(board, "busy")
    command = command_of(board, command_id, "look_up", door=dialog.text)
    return sent(board, command, now_ms, door=dialog.text)


def looked_up(board: Board, door: str, *, known: bool) -> Board:
    """The answer to the first Enter, if that door is still what stands there."""
    dialog = board.dialog
    if dialog is None or dialog.name != "manual" or dialog.text != door:
        return board
    return say(replace(board, dialog=replace(dialog, stage=1, known=known)), "nothing")


def press_bin(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """换桶: the bin's number, Enter shows the bin, Enter records that another stands there."""
    if key != "enter":
        return _edit(board, replace(dialog, stage=0), key)
    if dialog.stage == 0:
        bins = board.screen.bins if board.screen else ()
        there = dialog.text.isdecimal() and int(dialog.text) in {bin_.no for bin_ in bins}
        stage = replace(board, dialog=replace(dialog, stage=1))
        return say(stage, "nothing") if there else say(board, "no_bin")
    command = command_of(board, command_id, "bin_changed", bin=int(dialog.text))
    return sent(replace(board, dialog=None), command, now_ms, door=dialog.text)


def press_check_in(board: Board, dialog: Dialog, key: Key, now_ms: int, command_id: str) -> Board:
    """Number, Enter, PIN, Enter."""
    if key != "enter":
        return _edit(board, dialog, key)
    if dialog.stage == 0:
        typed = replace(dialog, stage=1, chosen=dialog.text, text="")
        return replace(board, dialog=typed) if dialog.text else board
    if not _PIN.fullmatch(dialog.text):
        return say(replace(board, dialog=replace(dialog, stage=0, text="")), "not_admitted")
    command = command_of(board, command_id, "check_in", number=dialog.chosen, pin=dialog.text)
    return sent(replace(board, dialog=replace(dialog, stage=0, text="")), command, now_ms)


def _edit(board: Board, dialog: Dialog, key: Key, *, separator: str = "") -> Board:
    """A digit more, one less, or the dialog closed when nothing is left to take back."""
    text = dialog.text
    if key in DIGITS:
        text += key
    elif key == "." and separator and text and not text.endswith(separator):
        text += separator if text.count(separator) < 2 else ""
    elif key == "-":
        if not text:
            return replace(say(board, "cancelled"), dialog=None)
        text = text[:-1]
    return say(replace(board, dialog=replace(dialog, text=text[:LONGEST])), "nothing")
