"""What people write in spreadsheets, brought to one form. Pure; never guesses what is missing."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from wire.day import SHANGHAI

_LINES = "‐‑‒–—―−﹣ー~/\\·.、"
_DASHES = str.maketrans(dict.fromkeys(_LINES, "-"))
_BUILDING = re.compile(r"(?:号楼|#楼|号院|栋|幢|座|楼|#|号(?=.))-?")
_BUILDING_END = re.compile(r"(?:号楼|#楼|栋|幢|座|楼|#|号)$")
_UNIT = re.compile(r"(?:单元|门)-?")
_UNIT_END = re.compile(r"(?:单元|门)$")
_ROOM_END = re.compile(r"(?:室|房|号)$")
_DASH = rf"[-{re.escape(_LINES)}]"
_DOOR = re.compile(
    rf"(?<![0-9a-z])[0-9a-z]{{1,3}} *(?:(?:号楼|#楼|号院|栋|幢|座|楼|#|号) *{_DASH}?|{_DASH}) *"
    rf"[0-9]{{1,2}} *(?:(?:单元|门) *{_DASH}?|{_DASH}) *"
    r"(?![0-9]{1,2}[楼层])[a-z]?[0-9]{1,5}[a-z]?(?![0-9a-z])(?:室|房|号)?",
    re.IGNORECASE,
)
"""A whole door amid other words; its three parts are read by ``door``."""
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_AS_DAY = re.compile(r"^(19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?$")


def tidy(value: object) -> str:
    """Text of a cell: full-width forms narrowed, white space at the ends gone."""
    if isinstance(value, str):
        return " ".join((value if value.isascii() else _narrow(value)).split())
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@lru_cache(4096)
def _packed(text: str) -> str:
    return tidy(text).replace(" ", "")


def building(text: str) -> str:
    """``11`` of 11, 11#, 11号楼, 11栋, 11幢, 11座."""
    return _BUILDING_END.sub("", _packed(text))


def unit(text: str) -> str:
    """``1`` of 1, 1单元, 1门."""
    return _UNIT_END.sub("", _packed(text))


def room(text: str) -> str:
    """``102`` of 102, 102室, 102房, 102号."""
    return _ROOM_END.sub("", _packed(text))


def door_parts(text: str) -> list[str]:
    """The parts that a door's text has, three when it is whole; a last empty one after a dash."""
    plain = _packed(text).translate(_DASHES)
    plain = _BUILDING.sub("-", plain, count=1)
    plain = _UNIT.sub("-", plain, count=1)
    plain = re.sub("-+", "-", _ROOM_END.sub("", plain))
    return plain.split("-")


def door(text: str) -> tuple[str, str, str]:
    """Building, unit and room; ValueError in words when one is missing or there are more."""
    if _AS_DAY.match(_packed(text)):
        msg = (
            "is a day, as spreadsheets make of 11-1-2; expected building, unit and room, as 11#-1-2"
        )
        raise ValueError(msg)
    parts = [part for part in door_parts(text) if part]
    if len(parts) != 3:
        msg = f"has {len(parts)} parts; expected building, unit and room, as 11#-1-102"
        raise ValueError(msg)
    return parts[0], parts[1], parts[2]


def doors_in(narrowed: str) -> Iterator[tuple[int, int, tuple[str, str, str]]]:
    """Whole doors amid a text without full-width forms: from, to, and building, unit and room.

    A date is none, since no building has four digits, and neither is a floor of a staircase.
    Several may share characters: ``1、11-1-110`` may begin with the number of a list.
    """
    found = _DOOR.search(narrowed)
    while found is not None:
        yield found.start(), found.end(), door(found[0])
        found = _DOOR.search(narrowed, found.start() + 1)


@lru_cache(4096)
def day(text: str) -> str:
    """ISO form of 2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日; else the text as it is."""
    found = _DAY.match(_packed(text))
    if found is None:
        return tidy(text)
    year, month, number = found.groups()
    return f"{year}-{int(month):02d}-{int(number):02d}"


def moment(value: Any) -> Any:
    """A moment with its zone; a day or a time of day without one is the compound's."""
    text = tidy(value)
    first, _, rest = text.partition(" ")
    text = day(first) + (f"T{rest}" if rest else "")
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)
