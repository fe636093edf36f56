"""What the terminal knows and where ▶ stands. Pure: time comes in as monotonic milliseconds.

The daemon owns every decision; this owns ▶. A new tap never moves it, a verdict moves it on, and
nothing else may put another household under a finger that is already on its way down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kiosk.point.dialogs.dialog import Dialog
from kiosk.point.health import all_well
from kiosk.point.keys import Key
from wire.point_bus import Command, Screen, ScreenVisit

FRESH_MS = 1000
"""A visit must have been seen this long before a verdict may fall on it."""
KEPT_MS = 60_000
"""A verdict pressed without a shift waits this long for a supervisor's card."""

Said = Literal[
    "nothing", "sending", "done_one", "done_all", "undone", "ask_reason", "ask_all", "cancelled",
    "fresh", "no_visits", "no_undo", "busy", "undoing", "bus_away", "no_screen", "kept",
    "no_key", "stale", "unknown_visit", "judged", "no_shift", "too_late", "not_admitted",
    "bad_request", "store_full", "unknown_door", "no_speaker", "looking_up", "on_duty",
    "handed_over", "manual_done", "bin_done", "report_done", "broadcast_done", "door_form",
    "no_bin", "held", "lapsed", "no_judged",
]  # fmt: skip


@dataclass(frozen=True)
class Message:
    """The fixed line: what the last key or reply did, about whom."""

    said: Said = "nothing"
    visit: ScreenVisit | None = None
    command: Command | None = None
    count: int = 0
    door: str = ""


@dataclass(frozen=True)
class Held:
    """A key pressed again so soon that it may be lying under a finger; decided a moment later."""

    key: Key
    at_ms: int
    command_id: str
    room_for: int
    target: str | None


@dataclass(frozen=True)
class Pending:
    """A command on its way; ``done_rev`` is the screen that will show its effect."""

    command: Command
    visit: ScreenVisit | None
    first_ms: int
    due_ms: int
    tries: int = 0
    done_rev: int | None = None
    door: str = ""

    def covers(self, visit_id: str) -> bool:
        """Whether this command decides about the visit."""
        return visit_id == self.command.visit or visit_id in self.command.shown


@dataclass(frozen=True)
class Board:
    """The terminal's whole state; ``refusing`` and ``listed`` are half-made decisions."""

    screen: Screen | None = None
    seen_ms: int = 0
    bus_up: bool = False
    arrow: str | None = None
    shown_ms: Mapping[str, int] = field(default_factory=dict)
    pressed_ms: Mapping[Key, int] = field(default_factory=dict)
    refusing: ScreenVisit | None = None
    refusing_rev: int = 0
    listed: tuple[ScreenVisit, ...] = ()
    pending: tuple[Pending, ...] = ()
    kept: Pending | None = None
    returning: str | None = None
    message: Message = Message()
    dialog: Dialog | None = None
    held: Held | None = None
    last_key: Key | None = None
    active_ms: int = 0
    """When somebody last pressed a key or tapped a card."""

    @property
    def visits(self) -> tuple[ScreenVisit, ...]:
        """Every listed visit, in the order of the list."""
        return self.screen.visits if self.screen else ()

    @property
    def prompt(self) -> Message:
        """The fixed line: a half-made decision asks until it is made."""
        if self.refusing:
            return Message("ask_reason", self.refusing)
        return Message("ask_all", count=len(self.listed)) if self.listed else self.message

    @property
    def undecided(self) -> tuple[ScreenVisit, ...]:
        """Visits that nobody has a command under way for."""
        return tuple(v for v in self.visits if not self.under_way(v.visit))

    @property
    def target(self) -> ScreenVisit | None:
        """The visit that the next key judges."""
        if self.refusing:
            return self.refusing
        return next((v for v in self.visits if v.visit == self.arrow), None)

    def under_way(self, visit_id: str) -> bool:
        """Whether a decision about the visit waits for its answer."""
        return any(pending.covers(visit_id) for pending in self.pending)

    def fresh(self, visit_id: str, now_ms: int) -> bool:
        """Whether the visit came up too recently to be meant."""
        return now_ms - self.shown_ms.get(visit_id, now_ms) < FRESH_MS

    def node_ms(self, now_ms: int) -> int | None:
        """The node's time of day now, as far as the last screen tells."""
        return self.screen.at_ms + now_ms - self.seen_ms if self.screen else None


def say(board: Board, said: Said, visit: ScreenVisit | None = None) -> Board:
    """The same board with another message."""
    return replace(board, message=Message(said, visit))


def show(board: Board, screen: Screen, now_ms: int) -> Board:
    """A new screen of the point. Half-made decisions and ▶ stay where they are."""
    gone_later = {judged.visit for judged in screen.judged}
    shown = {v.visit: board.shown_ms.get(v.visit, now_ms) for v in screen.visits}
    shown |= {v: board.shown_ms[v] for v in gone_later & board.shown_ms.keys()}
    settled = tuple(
        p for p in board.pending if p.done_rev is None or p.done_rev > screen.screen_rev
    )
    before = board.visits
    tapped = shown.keys() - board.shown_ms.keys()
    board = _shift_begins(board, screen, now_ms)
    board = replace(board, screen=screen, seen_ms=now_ms, shown_ms=shown, pending=settled)
    board = _somebody_tapped(board, now_ms) if tapped else board
    board = _come_back(board)
    board = replace(board, arrow=_held(board, before))
    return _release_kept(board, now_ms)


def bus(board: Board, *, up: bool) -> Board:
    """The bus came or went. Unanswered commands go out again at once."""
    pending = tuple(replace(p, due_ms=0, tries=0) for p in board.pending) if up else board.pending
    return replace(board, bus_up=up, pending=pending)


def step(board: Board, by: int) -> Board:
    """▶ moved by hand, over the undecided visits, never past an end."""
    ids = [v.visit for v in board.undecided]
    if not ids:
        return say(board, "no_visits")
    here = ids.index(board.arrow) if board.arrow in ids else 0
    there = min(max(here + by, 0), len(ids) - 1)
    return replace(board, arrow=ids[there], message=Message())


def move_on(board: Board, decided: str) -> Board:
    """▶ after a verdict: the next newer undecided visit, else the oldest one left."""
    order = [v.visit for v in board.visits]
    left = [v.visit for v in board.undecided]
    after = order[order.index(decided) + 1 :] if decided in order else []
    following = next((visit for visit in after if visit in left), None)
    return replace(board, arrow=following or (left[0] if left else None))


def _held(board: Board, before: tuple[ScreenVisit, ...]) -> str | None:
    """▶ stays on its visit; when that has gone, the next older of the list it stood in."""
    left = [v.visit for v in board.undecided]
    if not left or board.arrow in left:
        return board.arrow if left else None
    order = [v.visit for v in before]
    older = order[: order.index(board.arrow)] if board.arrow in order else []
    return next((visit for visit in reversed(older) if visit in left), left[0])


def _somebody_tapped(board: Board, now_ms: int) -> Board:
    opening = board.dialog is not None and board.dialog.name == "opening"
    return replace(board, active_ms=now_ms, dialog=None if opening else board.dialog)


def _shift_begins(board: Board, screen: Screen, now_ms: int) -> Board:
    """A shift that opens ends the asking for one; what is not well is shown once."""
    if board.screen is None:
        return board  # a terminal that starts in the rush shows the list
    before = board.screen.shift.shift if board.screen.shift else None
    if screen.shift is None or screen.shift.shift == before:
        return board
    dialog = board.dialog if board.dialog and board.dialog.name != "check_in" else None
    if dialog is None and not board.listed and not board.refusing and not all_well(screen):
        dialog = Dialog("opening", now_ms)
    return replace(board, dialog=dialog, active_ms=now_ms)


def _come_back(board: Board) -> Board:
    """An undone verdict's visit is listed again: ▶ returns to it, as the person asked."""
    back = board.returning
    if back is None or back not in {v.visit for v in board.undecided}:
        return board
    return replace(board, arrow=back, returning=None)


def _release_kept(board: Board, now_ms: int) -> Board:
    """The verdict kept for want of a shift goes out when one opens, or lapses."""
    kept, screen = board.kept, board.screen
    if kept is None or screen is None:
        return board
    listed = kept.command.visit in {v.visit for v in board.undecided}
    if now_ms - kept.first_ms > KEPT_MS or not listed:
        return replace(board, kept=None)
    if screen.shift is None:
        return board
    command = kept.command.model_copy(update={"screen_rev": screen.screen_rev})
    sent = replace(kept, command=command, due_ms=now_ms)
    board = replace(board, kept=None, pending=(*board.pending, sent))
    return move_on(board, str(command.visit)) if board.arrow == command.visit else board
