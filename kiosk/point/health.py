"""How the point is: reader, scales, loudspeaker, clock, roster, each with its remedy. Pure."""

from dataclasses import dataclass

from kiosk.words import Translate
from kiosk.words import mark as _
from wire.base import TRUSTED
from wire.point_bus import Screen

OK, BAD, NONE = "✓", "✗", "–"


@dataclass(frozen=True)
class Check:
    """One line of the opening: its word, its sign, and what to do when it is not well."""

    word: str
    sign: str
    remedy: str = ""


def checks(screen: Screen) -> list[Check]:
    """Untranslated, in the order a supervisor meets them."""
    good = sum(bin_.state in ("ok", "moving") for bin_ in screen.bins)
    speaker = {"ok": OK, "failed": BAD}.get(screen.speaker or "none", NONE)
    found = [
        Check(_("reader"), _sign(ok=screen.reader_ok),
              _("look at the reader's plug and light; judge by door with the . key meanwhile")),
        Check(_("scales"), f"{good}/{len(screen.bins)}",
              _("rewards are not affected; report it: / 1")),
        Check(_("speaker"), speaker, _("no sound: look at the screen; report it: / 1")),
        Check(_("clock"), _sign(ok=screen.trust in TRUSTED),
              _("go on judging: the office dates these visits")),
    ]  # fmt: skip
    if screen.roster == 0:
        found.append(Check(_("roster"), BAD,
                           _("cards show as unregistered until the hub is reached")))  # fmt: skip
    return [check if _unwell(check) else Check(check.word, check.sign) for check in found]


def all_well(screen: Screen) -> bool:
    """Whether nothing needs a word."""
    return not any(check.remedy for check in checks(screen))


def line(screen: Screen, t: Translate) -> str:
    """读卡 ✓  秤 13/14  喇叭 ✓  时钟 ✓."""
    return "  ".join(f"{t(check.word)} {check.sign}" for check in checks(screen))


def _sign(*, ok: bool) -> str:
    return OK if ok else BAD


def _unwell(check: Check) -> bool:
    if "/" in check.sign:
        good, _slash, total = check.sign.partition("/")
        return good != total
    return check.sign == BAD
