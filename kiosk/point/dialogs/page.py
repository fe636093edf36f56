"""An open dialog as rows: what it asks, what it shows, what its keys do. Pure."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from kiosk.common.rows import clock
from kiosk.point.board import Board
from kiosk.point.dialogs.choosing import judged_page, judged_with
from kiosk.point.dialogs.dialog import Dialog, DialogName
from kiosk.point.health import checks
from kiosk.point.sentences import (
    CATEGORY_WORDS,
    MATTER_WORDS,
    UNKNOWN_CARD,
    VALUE_SIGNS,
    door_of,
    verdict_words,
)
from kiosk.words import Translate
from kiosk.words import mark as _
from wire.session import PortStatus

Lines = Iterator[str]
VERDICT_KEYS = _("1 accepted   2 rejected   3 unclear   4 accepted after correction")
REASON_KEYS = _("1 mixed   2 bag not opened   3 wrong bin   4 other reason")
CLOSE = _("/ close")
TYPE_KEYS = _("digits: type   − take back   Enter: go on   / close")
CONFIRM_KEYS = _("Enter: record it   − take back   / close")
PORT_ROWS = 9


def title(dialog: Dialog, t: Translate) -> str:
    """The question."""
    return t(_TITLES[dialog.name])


def large(dialog: Dialog) -> str:
    """What is being typed, for the large digits; a PIN is not shown."""
    if dialog.name == "check_in" and dialog.stage == 1:
        return "-" * len(dialog.text)
    return dialog.text if dialog.name in ("manual", "bin", "check_in") else ""


def lines(board: Board, dialog: Dialog, t: Translate) -> list[str]:
    """What it shows below the question."""
    show = _SHOWS.get(dialog.name)
    return list(show(board, dialog, t)) if show else []


def keys(board: Board, dialog: Dialog, t: Translate) -> list[str]:
    """What the keys do now, one line or two."""
    if dialog.name in ("manual", "bin", "check_in"):
        typed = dialog.name != "check_in" and dialog.stage == 1
        return [t(CONFIRM_KEYS if typed else TYPE_KEYS)]
    if dialog.name == "rejudge":
        choose = _("1 to 9: choose   + − more   / close")
        return [t((choose, VERDICT_KEYS, REASON_KEYS)[dialog.stage])]
    if dialog.name == "hand_over":
        ready = dialog.stage == 1 or not board.undecided
        return [t(_("Enter: hand over   / stay")) if ready else t(_("1 to 3: choose   / stay"))]
    if dialog.name == "report" and dialog.stage == 1:
        return [t(_("Enter: send it   − choose again   / close"))]
    if dialog.name == "devices":
        return [t(_("+ − more   / close"))]
    return [
        t(_("Any key: back to the list")) if dialog.name in ("opening", "summary") else t(CLOSE)
    ]


def _menu(_board: Board, _dialog: Dialog, t: Translate) -> Lines:
    yield t(_("1 report   2 change a bin   3 hand over"))
    yield t(_("4 summary   5 broadcast   6 devices"))


def _report(board: Board, dialog: Dialog, t: Translate) -> Lines:
    if dialog.stage == 1:
        yield t(_("{matter}, here at this point: send it?")).format(
            matter=_matter(dialog.chosen, t)
        )
        return
    matters = (board.screen.matters if board.screen else None) or ()
    for number, code in enumerate(matters, start=1):
        yield f"{number} {_matter(code, t)}"


def _bin(board: Board, dialog: Dialog, t: Translate) -> Lines:
    bins = board.screen.bins if board.screen else ()
    if dialog.stage == 1:
        found = next((b for b in bins if str(b.no) == str(int(dialog.text))), None)
        word = (
            t(CATEGORY_WORDS[found.category]) if found and found.category in CATEGORY_WORDS else ""
        )
        yield t(_("{category} {no}: another bin stands there now?")).format(
            category=word, no=dialog.text
        )
        return
    yield t(_("Number of the bin, 1 to {last}")).format(last=max((b.no for b in bins), default=0))


def _manual(_board: Board, dialog: Dialog, t: Translate) -> Lines:
    if dialog.stage == 0:
        yield t(_("Building . unit . room, for example 11.1.102"))
    elif dialog.known:
        yield t(_("{door} is on the roster. Does this household throw now?")).format(
            door=dialog.text
        )
    else:
        yield t(_("{door} is not on the roster: the office will check it")).format(door=dialog.text)


def _check_in(_board: Board, dialog: Dialog, t: Translate) -> Lines:
    yield t(_("Your PIN, then Enter")) if dialog.stage else t(_("Your number, then Enter"))


def _hand_over(board: Board, dialog: Dialog, t: Translate) -> Lines:
    waiting = board.undecided
    if not waiting:
        yield t(_("Everybody has been judged"))
    elif dialog.chosen == "all_accepted":
        yield t(_("{count} visits will be accepted")).format(count=len(dialog.listed))
    elif dialog.chosen == "left":
        yield t(_("{count} visits will be left to the office")).format(count=len(waiting))
    else:
        yield t(_("{count} visits wait for a verdict:")).format(count=len(waiting))
        yield t(_("1 accept all   2 one by one   3 leave them to the office"))
    yield "  ".join(door_of(visit, t) for visit in waiting[:24])
    yield from _summary(board, dialog, t)


def _summary(board: Board, _dialog: Dialog, t: Translate) -> Lines:
    counts = board.screen.counts if board.screen else None
    if counts is None:
        return
    yield t(_("Taps {taps}   without card {manual}   deposits {deposits}")).format(
        taps=counts.taps, manual=counts.manual, deposits=counts.deposits
    )
    yield t(_("Accepted {accepted} (in bulk {bulk})   after correction {corrected}")).format(
        accepted=counts.accepted, bulk=counts.bulk, corrected=counts.corrected
    )
    yield t(_("Rejected {rejected}   unclear {unclear}   waiting {waiting}")).format(
        rejected=counts.rejected, unclear=counts.unclear, waiting=len(board.visits)
    )


def _broadcast(_board: Board, _dialog: Dialog, t: Translate) -> Lines:
    yield t(_("1 play it now   2 silence"))


def _rejudge(board: Board, dialog: Dialog, t: Translate) -> Lines:
    if dialog.stage:
        judged = judged_with(board, dialog.chosen)
        yield (judged.door if judged else None) or t(UNKNOWN_CARD)
        return
    for number, item in enumerate(judged_page(board, dialog), start=1):
        words = verdict_words(item.value, item.reason, t)
        door = item.door or t(UNKNOWN_CARD)
        yield f"{number} {clock(item.at_ms)} {VALUE_SIGNS[item.value]} {door}  {words}"


def _opening(board: Board, _dialog: Dialog, t: Translate) -> Lines:
    for check in checks(board.screen) if board.screen else []:
        remedy = f"  {t(check.remedy)}" if check.remedy else ""
        yield f"{t(check.word)} {check.sign}{remedy}"


def _devices(board: Board, dialog: Dialog, t: Translate) -> Lines:
    ports = (board.screen.ports if board.screen else None) or ()
    yield from _opening(board, dialog, t)
    first = min(dialog.page * PORT_ROWS, max(0, (len(ports) - 1) // PORT_ROWS * PORT_ROWS))
    for port in ports[first : first + PORT_ROWS]:
        yield _port(port, t)


def _port(port: PortStatus, t: Translate) -> str:
    counters = t(_("bytes {bytes} frames {frames} errors {errors}")).format(
        bytes=port.bytes, frames=port.frames, errors=port.errors
    )
    sign = "✓" if port.up else "✗"
    return f"{sign} {port.name} {port.kind}  {counters}  {port.last_error}".rstrip()


def _matter(code: str, t: Translate) -> str:
    return t(MATTER_WORDS[code]) if code in MATTER_WORDS else code


_TITLES: Mapping[DialogName, str] = MappingProxyType({
    "menu": _("Menu"),
    "report": _("What is to be reported?"),
    "bin": _("Which bin was changed?"),
    "hand_over": _("Handing over"),
    "summary": _("This shift so far"),
    "broadcast": _("Broadcast"),
    "devices": _("Devices"),
    "manual": _("Somebody without a card"),
    "check_in": _("Going on duty without a card"),
    "rejudge": _("Judge again"),
    "opening": _("Before you begin"),
})  # fmt: skip
_SHOWS: Mapping[DialogName, Callable[[Board, Dialog, Translate], Lines]] = MappingProxyType({
    "menu": _menu, "report": _report, "bin": _bin, "manual": _manual, "check_in": _check_in,
    "hand_over": _hand_over, "summary": _summary, "broadcast": _broadcast, "rejudge": _rejudge,
    "opening": _opening, "devices": _devices,
})  # fmt: skip
