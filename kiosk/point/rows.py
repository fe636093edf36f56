"""The board as rows of styled text. Pure."""

import re
from collections.abc import Iterator, Sequence

from kiosk.common.rows import Row, Span, clock, fit, spread
from kiosk.point.board import Board
from kiosk.point.sentences import (
    CATEGORY_WORDS,
    VALUE_SIGNS,
    door_of,
    verdict_words,
)
from kiosk.point.waiting import silent
from kiosk.words import Translate
from kiosk.words import mark as _
from wire.point_bus import ScreenBin, ScreenJudged, ScreenVisit

VISIT_WIDTH = 38
BIN_WIDTH = 10


def top_row(board: Board, title: str, now_ms: int, width: int, t: Translate) -> Row:
    """Point, duty, link, clock."""
    screen = board.screen
    shift = screen.shift if screen else None
    duty = (
        t(_("on duty since {time}")).format(time=clock(shift.since_ms))
        if shift
        else t(_("unattended"))
    )
    left = f" {title}  {duty}" if screen else f" {title}"
    right = f"{_link(board, now_ms, t)}   {clock(board.node_ms(now_ms))} "
    style = "away" if not board.bus_up or silent(board, now_ms) else "top"
    return (Span(spread(left, right, width), style),)


def visit_rows(board: Board, width: int, height: int, t: Translate) -> list[Row]:
    """The list in columns, oldest first, the part of it that holds ▶."""
    visits = board.visits
    if not visits or height < 1:
        return []
    columns = max(1, width // VISIT_WIDTH)
    cell = width // columns
    shown = _window(visits, board.arrow, columns * height)
    rows = [
        tuple(_visit_span(board, v, cell, t) for v in shown[row::height]) for row in range(height)
    ]
    return [row for row in rows if row]


def count_row(board: Board, width: int, room: int, t: Translate) -> Row:
    """How many wait, and how many of them are not on this page."""
    waiting = len(board.visits)
    text = t(_("Waiting for a verdict: {count}")).format(count=waiting)
    if board.pending:
        text += "  " + t(_("being recorded: {count}")).format(count=len(board.pending))
    hidden = waiting - min(waiting, room)
    right = t(_("{count} more: + −")).format(count=hidden) if hidden > 0 else ""
    return (Span(spread(f" {text}", f"{right} ", width), "head"),)


def detail_rows(board: Board, t: Translate) -> list[str]:
    """Beside the large door: number, time of the tap, what went into which bin."""
    visit = board.target
    if visit is None:
        return []
    words = _category_of(board, t)
    bins = " ".join(f"{words.get(no, '')}{no}" for no in visit.bins)
    tapped = t(_("No. {no}  tapped {time}")).format(
        no=visit.no, time=clock(visit.tapped_ms, "%H:%M:%S")
    )
    return [tapped, *filter(None, [bins, _weight(visit.grams)])]


def judged_rows(board: Board, width: int, height: int, t: Translate) -> list[Row]:
    """What was judged last, newest first, shortened to the room."""
    judged = board.screen.judged if board.screen else ()
    columns = max(1, width // VISIT_WIDTH)
    cell = width // columns
    shown = judged[: columns * height]
    rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    return [tuple(_judged_span(j, cell, t) for j in row) for row in rows]


def bin_rows(board: Board, width: int, t: Translate) -> list[Row]:
    """Colour, word and number above, weight or fault below; as many bins a row as fit."""
    bins = board.screen.bins if board.screen else ()
    if not bins:
        return []
    per_row = min(len(bins), max(1, (width + 1) // (BIN_WIDTH + 1)))
    per_row = -(-len(bins) // -(-len(bins) // per_row))
    cell = width // per_row
    rows: list[Row] = []
    for start in range(0, len(bins), per_row):
        part = bins[start : start + per_row]
        rows.append(tuple(_joined(_bin_names(part, cell, t))))
        rows.append(tuple(_joined(_bin_states(part, cell, t))))
    return rows


def room_of(door: str | None, t: Translate) -> str:
    """The room alone: beside a queue no row tells who was judged how."""
    return door.rsplit("-", 1)[-1] if door else t(_("unregistered card"))


def large(door: str | None) -> str | None:
    """The door if it can stand in large digits; None for words."""
    return door if door and re.fullmatch(r"[0-9-]{1,16}", door) else None


def _link(board: Board, now_ms: int, t: Translate) -> str:
    if not board.bus_up:
        return t(_("✗ point's computer away"))
    if board.screen is None:
        return t(_("… waiting for the point's computer"))
    if silent(board, now_ms):
        return t(_("✗ point's computer silent"))
    link = board.screen.link
    if link.up:
        text = t(_("● online"))
        return text + ("  " + t(_("{count} to send")).format(count=link.waiting)) * (
            link.waiting > 0
        )
    return t(_("○ offline, {count} kept")).format(count=link.waiting)


def _window(
    visits: tuple[ScreenVisit, ...], arrow: str | None, room: int
) -> tuple[ScreenVisit, ...]:
    """Whole pages, so that rows do not slide under the eye."""
    place = next((i for i, v in enumerate(visits) if v.visit == arrow), 0)
    start = place // room * room
    return visits[start : start + room]


def _visit_span(board: Board, visit: ScreenVisit, cell: int, t: Translate) -> Span:
    at_arrow = board.target is not None and visit.visit == board.target.visit
    waits = board.under_way(visit.visit)
    lead = "▶" if at_arrow else "…" if waits else " "
    right = f"{clock(visit.tapped_ms)} "
    text = spread(f"{lead}{visit.no:>3} {door_of(visit, t)}", right, cell - 1) + " "
    return Span(text, "arrow" if at_arrow else "waits" if waits else "visit")


def _judged_span(judged: ScreenJudged, cell: int, t: Translate) -> Span:
    words = verdict_words(judged.value, judged.reason, t)
    text = f" {VALUE_SIGNS[judged.value]} {room_of(judged.door, t)} {words}"
    return Span(spread(text, f"{clock(judged.at_ms)} ", cell - 1) + " ", judged.value)


def _bin_names(bins: Sequence[ScreenBin], cell: int, t: Translate) -> Iterator[Span]:
    for bin_ in bins:
        word = t(CATEGORY_WORDS[bin_.category]) if bin_.category in CATEGORY_WORDS else "?"
        yield Span(fit(f" {word}{bin_.no}", cell - 1), f"bin:{bin_.category}")


def _bin_states(bins: Sequence[ScreenBin], cell: int, t: Translate) -> Iterator[Span]:
    words = {"faulty": t(_("fault")), "silent": t(_("silent"))}
    for bin_ in bins:
        text = words.get(bin_.state) or _weight(bin_.grams) or "—"
        moving = "~" if bin_.state == "moving" else ""
        style = "fault" if bin_.state in words else "weight"
        yield Span(fit(f" {text}{moving}", cell - 1), style)


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    for span in spans:
        yield span
        yield Span(" ")


def _category_of(board: Board, t: Translate) -> dict[int, str]:
    bins = board.screen.bins if board.screen else ()
    return {b.no: t(CATEGORY_WORDS[b.category]) for b in bins if b.category in CATEGORY_WORDS}


def _weight(grams: int | None) -> str:
    """Empty when missing: nobody is asked about weight, and missing is never 0."""
    if grams is None:
        return ""
    sign = "-" if grams < 0 else ""
    return f"{sign}{abs(grams) // 1000}.{abs(grams) % 1000 // 10:02d}kg"


def listed_rows(board: Board, width: int, height: int, t: Translate) -> list[Row]:
    """The visits under confirmation, in the columns of the list."""
    columns = max(1, width // VISIT_WIDTH)
    cell = width // columns
    return [
        tuple(Span(fit(f" {v.no:>3} {door_of(v, t)}", cell)) for v in board.listed[row::height])
        for row in range(min(height, len(board.listed)))
    ]
