"""What a resident takes home of a matter: plain text for a 58 mm printer. Pure.

Nobody's name who reported it can stand here: there is no field for one.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from wire.day import local_time

COLUMNS = 32
"""Half-width columns of 58 mm paper at 12 × 24 dots."""
_INDENT = 5
_RULE = "-" * COLUMNS
_NEVER_FIRST = ",。、;:!?)》」…"
_WEEKDAYS = "一二三四五六日"
TITLE = "合署办公 受理单"


@dataclass(frozen=True)
class Slip:
    """``belongs`` is 归属 in words, ``ask`` where to ask; without ``due_ms`` it has no deadline."""

    community: str
    number: int
    kind: str
    place: str
    belongs: str
    person: str
    phone: str
    due_ms: int | None
    received_ms: int
    ask: str

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Label and value of everything but the title."""
        return [
            ("编号", str(self.number)),
            ("类别", tidy(self.kind)),
            ("地点", tidy(self.place)),
            ("归属", tidy(self.belongs)),
            ("责任", tidy(self.person)),
            ("电话", tidy(self.phone)),
            ("期限", "—" if self.due_ms is None else moment(self.due_ms)),
            ("受理", moment(self.received_ms)),
            ("查询", tidy(self.ask)),
        ]


def plain(slip: Slip) -> str:
    """Lines of at most 32 columns, no wide character cut."""
    lines = [*_centred(tidy(slip.community)), *_centred(TITLE), _RULE]
    for label, value in slip.rows:
        begins, *rest = _broken(value, COLUMNS - _INDENT) or [""]
        lines += [f"{label} {begins}".rstrip(), *(" " * _INDENT + more for more in rest)]
    return "\n".join([*lines, _RULE, ""])


def moment(at_ms: int) -> str:
    """``2026-04-21 周二 17:30``."""
    at = local_time(at_ms)
    return f"{at:%Y-%m-%d} 周{_WEEKDAYS[at.weekday()]} {at:%H:%M}"


def tidy(text: str) -> str:
    """One line without what would steer a printer."""
    return " ".join("".join(" " if _steers(letter) else letter for letter in text).split())


def columns_of(text: str) -> int:
    """How wide a printer for Chinese makes a text; what is ambiguous elsewhere is wide there."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WFA" else 1


def _steers(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _broken(text: str, columns: int) -> list[str]:
    return list(_pieces(text, columns))


def _pieces(text: str, columns: int) -> Iterator[str]:
    piece, used = "", 0
    for letter in text:
        more = _columns(letter)
        if used + more > columns:
            carried = piece[-1] if letter in _NEVER_FIRST and len(piece) > 1 else ""
            yield piece[: len(piece) - len(carried)].rstrip()
            piece, used = carried, columns_of(carried)
        if piece or letter != " ":
            piece, used = piece + letter, used + more
    if piece.strip():
        yield piece.rstrip()


def _centred(text: str) -> list[str]:
    return [" " * ((COLUMNS - columns_of(piece)) // 2) + piece for piece in _broken(text, COLUMNS)]
