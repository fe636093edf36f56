"""What a GeoReport request asks for, read from its query or form. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.open311.errors import GeoReportError
from wire.day import SHANGHAI, utc_ms

MOST_ROWS = 1000
MOST_DAYS = 90
MOST_TEXT = 4000
_DAY_MS = 86_400_000
_REPEATED = re.compile(r"^attribute\[([^\[\]]{1,64})\](\[\])?$")
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=SHANGHAI), datetime(2100, 1, 1, tzinfo=SHANGHAI)
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Wanted:
    """Which requests; ``ids`` override everything else."""

    ids: tuple[int, ...] | None
    codes: tuple[str, ...]
    open: bool | None
    from_ms: int
    to_ms: int
    page: int
    size: int
    notes: bool


@dataclass(frozen=True)
class Report:
    """A posted request; ``place`` is in words whatever named it."""

    service_code: str
    place: str
    address_id: str | None
    text: str
    attributes: Mapping[str, list[str]]
    name: str | None
    phone: str | None


def once(pairs: Pairs) -> dict[str, str]:
    """Parameters by name; a 400 for one that stands twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise GeoReportError(400, f"{name[:40]} stands twice; expected it once")
        found[name] = value.strip()
    return found


def wanted(given: Mapping[str, str], now_ms: int) -> Wanted:
    """A query of requests: at most 90 days, and the last ones of a longer span."""
    end_ms = _moment(given, "end_date")
    begin_ms = _moment(given, "start_date")
    if end_ms is None:
        end_ms = now_ms if begin_ms is None else min(now_ms, begin_ms + MOST_DAYS * _DAY_MS)
    begin_ms = max(begin_ms or 0, end_ms - MOST_DAYS * _DAY_MS)
    return Wanted(
        ids=_numbers(given.get("service_request_id", "")),
        codes=_words(given.get("service_code", "")),
        open=_status(given.get("status", "")),
        from_ms=begin_ms,
        to_ms=end_ms,
        page=_count(given, "page", 1, 1_000_000),
        size=_count(given, "page_size", MOST_ROWS, MOST_ROWS),
        notes=given.get("extensions", "") == "true",
    )


def report(pairs: Pairs) -> Report:
    """A posted form; ``email``, ``device_id`` and ``account_id`` are not kept."""
    attributes: dict[str, list[str]] = {}
    plain = []
    for name, value in pairs:
        if matched := _REPEATED.match(name):
            attributes.setdefault(matched[1], []).append(_line(value))
        else:
            plain.append((name, value))
    given = once(plain)
    if not given.get("service_code"):
        raise GeoReportError(400, "service_code was not provided")
    address_id = given.get("address_id") or None
    return Report(
        service_code=given["service_code"],
        place=_place(given, address_id),
        address_id=address_id,
        text=_text(given),
        attributes=attributes,
        name=_bounded("name", _name(given), 40),
        phone=_bounded("phone", _line(given.get("phone", "")), 20),
    )


def _place(given: Mapping[str, str], address_id: str | None) -> str:
    if given.get("address_string"):
        return _bounded("address_string", _line(given["address_string"]), 200) or ""
    if "lat" in given and "long" in given:
        return f"坐标 {_degrees(given, 'lat', 90):.6f},{_degrees(given, 'long', 180):.6f}"
    if address_id is not None:
        return _bounded("address_id", _line(address_id), 40) or ""
    raise GeoReportError(400, "expected lat and long, address_string or address_id")


def _degrees(given: Mapping[str, str], name: str, most: int) -> float:
    try:
        value = float(given[name])
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        msg = f"{name}: found {given[name][:40]}; expected degrees from -{most} to {most}"
        raise GeoReportError(400, msg)
    return value


def _text(given: Mapping[str, str]) -> str:
    text = given.get("description", "")
    if len(text) > MOST_TEXT:
        msg = f"description has {len(text)} characters; expected at most {MOST_TEXT}"
        raise GeoReportError(400, msg)
    lines = [_line(line) for line in text.splitlines()]
    if url := given.get("media_url"):
        if not re.fullmatch(r"https?://[!-~]{1,500}", url):
            raise GeoReportError(400, "media_url: expected an http or https address")
        lines.append(url)
    return "\n".join(line for line in lines if line)


def _name(given: Mapping[str, str]) -> str:
    """Family name first where neither part is in Latin letters."""
    first, last = _line(given.get("first_name", "")), _line(given.get("last_name", ""))
    if (first + last).isascii():
        return f"{first} {last}".strip()
    return last + first


def _bounded(name: str, value: str, most: int) -> str | None:
    if len(value) > most:
        msg = f"{name} has {len(value)} characters; expected at most {most}"
        raise GeoReportError(400, msg)
    return value or None


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _moment(given: Mapping[str, str], name: str) -> int | None:
    """With its offset, else the compound's; a ``+`` that arrived as a space is one."""
    text = given.get(name, "")
    if not text:
        return None
    if "T" in text:
        text = text.replace(" ", "+")
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{name}: found {text[:40]}; expected a moment as 2026-05-01T00:00:00+08:00"
        raise GeoReportError(400, msg) from None
    read = read if read.tzinfo else read.replace(tzinfo=SHANGHAI)
    if not _FIRST <= read <= _LAST:
        raise GeoReportError(400, f"{name}: found {text[:40]}; expected the years 2000 to 2099")
    return utc_ms(read)


def _numbers(text: str) -> tuple[int, ...] | None:
    words = _words(text)
    if not words:
        return None
    if len(words) > MOST_ROWS:
        msg = f"service_request_id names {len(words)}; expected at most {MOST_ROWS}"
        raise GeoReportError(400, msg)
    return tuple(number(word) for word in words)


def number(text: str) -> int:
    """A service request's number."""
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise GeoReportError(400, f"service_request_id: found {text[:40]}; expected a number")
    return int(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


def _status(text: str) -> bool | None:
    words = set(_words(text.lower()))
    if strangers := words - {"open", "closed"}:
        found = min(strangers)[:40]
        raise GeoReportError(400, f"status: found {found}; expected open, closed or both")
    return None if len(words) != 1 else words == {"open"}


def _count(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise GeoReportError(400, f"{name}: found {text[:40]}; expected 1 to {most}")
    return int(text)
