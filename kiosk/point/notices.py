"""The two lines that explain: what is wrong at the point, and what the keys do now. Pure."""

from collections.abc import Iterator

from rich.cells import cell_len

from kiosk.common.rows import Row, Span, fit
from kiosk.point.board import Board
from kiosk.point.health import line
from kiosk.point.waiting import unanswering
from kiosk.words import Translate
from kiosk.words import mark as _
from wire.base import TRUSTED
from wire.point_bus import Screen


def notice_row(board: Board, now_ms: int, unreadable: int, width: int, t: Translate) -> Row:
    """What lasts: the bus away, nobody on duty, a fault. How the point is, where there is room."""
    text = "  ".join(_notices(board, now_ms, unreadable, t))
    well = line(board.screen, t) if board.screen is not None and board.bus_up else ""
    if cell_len(text) + cell_len(well) + 4 > width:
        return (Span(fit(f" {text}", width), "notice" if text else ""),)
    left = Span(f" {text}" + "  " * bool(text), "notice" if text else "")
    return (left, Span(fit(well, width - cell_len(left.text))))


def key_rows(board: Board, width: int, t: Translate) -> list[Row]:
    """What each key does now."""
    if board.refusing:
        words = (
            t(_("1 mixed   2 bag not opened   3 wrong bin   4 other reason")),
            t(_("Any other key: cancel")),
        )
    elif board.listed:
        words = (t(_("Enter: accept all of them")), t(_("Any other key: cancel")))
    else:
        words = (
            t(_("1 accepted   2 rejected   3 unclear   4 accepted after correction")),
            t(_("0 undo   + − move ▶   Enter twice: accept all   . no card   * again   / menu")),
        )
    return [(Span(fit(f" {row}", width), "keys"),) for row in words]


def _notices(board: Board, now_ms: int, unreadable: int, t: Translate) -> Iterator[str]:
    if not board.bus_up:
        yield t(_("No connection to the point's computer: keys wait until it is back"))
        return
    if unanswering(board, now_ms):
        yield t(_("The point's computer does not answer: please wait"))
    if board.screen is not None:
        yield from _of_the_point(board.screen, t)
    if unreadable:
        yield t(_("{count} messages could not be read")).format(count=unreadable)


def _of_the_point(screen: Screen, t: Translate) -> Iterator[str]:
    if screen.maintenance:
        yield t(_("Maintenance: taps do not count; the technician's card ends it"))
    if screen.full:
        yield t(_("The store is full: taps are refused, call the technician"))
    if screen.shift is None:
        yield t(_("Nobody is on duty: tap a supervisor's card, or press *"))
    if screen.roster == 0:
        yield t(_("No roster yet: every card shows as unregistered"))
    if not screen.reader_ok:
        yield t(_("Card reader at fault: call the technician"))
    faulty = [str(b.no) for b in screen.bins if b.state in {"faulty", "silent"}]
    if faulty:
        yield t(_("Scale {bins} at fault, rewards are not affected")).format(
            bins=t(_(", ")).join(faulty)
        )
    if screen.trust not in TRUSTED:
        yield t(_("The clock is not certain"))
