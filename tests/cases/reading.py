"""A case file as it stands, and everything in it that is not understood, by case and field."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from hub.rewards.model import Policy, Reason
from hub.visits.placing import MAX_AHEAD_MS

Case = dict[str, Any]
FORMAT = "lianxin-settlement-cases/1"
POLICY = set(Policy.__dataclass_fields__) - {"policy"} | {"to_day"}
NAME_LENGTH = 16
"""A name becomes an id of 128 bits that sorts as the name does."""

CASE = {"id", "group", "title", "note", "households", "bindings", "policies", "people", "steps",
        "expect_balances", "generate"}  # fmt: skip
NEEDED = {"id", "households", "bindings", "policies", "people", "steps"}
PARTS = {
    "households": ({"id", "building"}, {"from_day", "to_day", "successor_of"}),
    "bindings": ({"card", "household", "from"}, {"to"}),
    "people": ({"id"}, {"role", "household"}),
    "policies": ({"id", "from_day"}, POLICY | {"published_at"}),
}
STEPS = {
    "event": (
        {"id", "card", "point", "occurred_at", "received_at"},
        {"clock", "attended", "grams", "expect"},
    ),
    "verdict": ({"event", "value", "by", "role", "at"}, {"received_at"}),
    "settle": (
        {"day", "at"},
        {"expect", "explain", "unknown_events", "expect_total_fen", "expect_count", "restate"},
    ),
    "bind": ({"card", "household", "from"}, {"to", "at", "by"}),
    "block": ({"card", "at"}, {"until", "by"}),
    "close_household": ({"household", "to_day"}, {"at", "by"}),
    "policy": ({"id", "from_day"}, POLICY | {"published_at", "at", "by"}),
    "assign_day": ({"event", "day", "at"}, {"by"}),
    "payout_open": ({"month", "at", "min_fen"}, {"expect"}),
    "payout_confirm": ({"month", "household"}, {"at", "expect"}),
    "payout_fail": ({"month", "household"}, {"at", "expect"}),
    "redeem": ({"household", "fen", "key", "at"}, {"expect"}),
}
ENTRY = ({"household", "day", "fen", "kind"}, {"booked_on"})
MOMENTS = {"at", "from", "to", "until", "occurred_at", "received_at", "published_at"}
DAYS = {"day", "from_day", "to_day", "booked_on"}
WHOLE = {"fen", "min_fen", "grams", "amount_fen", "day_cap_fen", "total_cap_fen", "min_grams",
         "late_limit_days", "expect_total_fen", "expect_count"}  # fmt: skip
ONE_OF = {
    "value": {"approved", "corrected", "rejected", "unclear"},
    "clock": {"trusted", "untrusted"},
    "combine": {"any", "none_rejected"},
    "unattended": {"hold", "approve", "reject"},
    "self_verdict": {"hold", "allow"},
    "kind": {"reward", "supplement", "reversal"},
}
ROLES = {"volunteer", "staff"}


class CaseFileError(Exception):
    """Everything that is not understood, a line each."""


def read_cases(path: Path) -> list[Case]:
    """The cases with the file's defaults filled in; those told in words are spelt out."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaseFileError(f"{path}: cannot be read: {error}") from None
    problems = list(_file(found))
    if problems:
        raise CaseFileError("\n".join(f"{path}: {problem}" for problem in problems))
    defaults = found.get("defaults", {})
    return [_filled(_generated(case), defaults) for case in found["cases"]]


def _file(found: Any) -> Iterator[str]:
    if not isinstance(found, dict) or not isinstance(found.get("cases"), list):
        yield "expected an object with a list of cases"
        return
    yield from _head(found)
    ids = [case.get("id") if isinstance(case, dict) else None for case in found["cases"]]
    for name in sorted({str(name) for name in ids if ids.count(name) > 1}):
        yield f"{name}: the id stands there more than once"
    for number, case in enumerate(found["cases"]):
        where = case.get("id", f"cases[{number}]") if isinstance(case, dict) else f"cases[{number}]"
        try:
            yield from (f"{where}: {problem}" for problem in _case(case))
        except (TypeError, AttributeError) as error:
            yield f"{where}: has another shape than expected: {error}"


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    """What holds for all cases; the hub has one zone and one tolerance."""
    for name, value in (("format", FORMAT), ("timezone", "Asia/Shanghai")):
        if found.get(name, value) != value:
            yield f"{name}: found {found[name]!r}, expected {value!r}"
    defaults = found.get("defaults", {})
    yield from _unknown("defaults", defaults, {"policy", "event", "clock_skew_tolerance_s"})
    yield from _unknown("defaults.policy", defaults.get("policy", {}), POLICY)
    yield from _unknown("defaults.event", defaults.get("event", {}), {"clock", "attended"})
    skew = defaults.get("clock_skew_tolerance_s", MAX_AHEAD_MS // 1000)
    if skew * 1000 != MAX_AHEAD_MS:
        yield f"defaults.clock_skew_tolerance_s: found {skew}; the hub believes {MAX_AHEAD_MS} ms"


def _case(case: Case) -> Iterator[str]:
    yield from _unknown("case", case, CASE)
    missing = NEEDED - case.keys()
    if missing:
        yield f"misses {', '.join(sorted(missing))}"
        return
    for part, (needed, more) in PARTS.items():
        for number, item in enumerate(case[part]):
            yield from _fields(f"{part}[{number}]", item, needed, more)
    for number, step in enumerate(case["steps"]):
        op = step.get("op")
        where = f"steps[{number}] {op}"
        if op not in STEPS:
            yield f"{where}: unknown op; known: {', '.join(STEPS)}"
            continue
        needed, more = STEPS[op]
        yield from _fields(where, step, needed, more | {"op", "note"})
        yield from _step(where, step)
    if "generate" in case and _told(case["generate"]) is None:
        yield "generate: its words are not understood"


def _step(where: str, step: Case) -> Iterator[str]:
    if step["op"] == "verdict" and step.get("role") not in ROLES:
        yield f"{where}.role: found {step.get('role')!r}; expected one of {sorted(ROLES)}"
    if step["op"] == "settle":
        for number, entry in enumerate(step.get("expect", [])):
            yield from _fields(f"{where}.expect[{number}]", entry, *ENTRY)
        for household, reason in step.get("explain", {}).items():
            if reason not in set(Reason):
                yield f"{where}.explain.{household}: unknown reason {reason!r}"
    if step["op"] == "payout_open":
        for number, item in enumerate(step.get("expect", [])):
            yield from _fields(f"{where}.expect[{number}]", item, {"household", "fen"}, set())


def _fields(where: str, item: Case, needed: set[str], more: set[str]) -> Iterator[str]:
    yield from _unknown(where, item, needed | more)
    for name in sorted(needed - item.keys()):
        yield f"{where}.{name}: is missing"
    for name, value in item.items():
        problem = _value(name, value) if value is not None else None
        if problem:
            yield f"{where}.{name}: found {value!r}; {problem}"


def _value(name: str, value: Any) -> str | None:
    if name in MOMENTS:
        return _parses(
            lambda: datetime.fromisoformat(value).utcoffset(), "a moment with its offset"
        )
    if name in DAYS:
        return _parses(lambda: date.fromisoformat(value), "YYYY-MM-DD")
    if name in WHOLE and (not isinstance(value, int) or isinstance(value, bool)):
        return "expected a whole number"
    if name in ONE_OF and value not in ONE_OF[name]:
        return f"expected one of {sorted(ONE_OF[name])}"
    if name in {"id", "event", "card"} and len(str(value).encode()) > NAME_LENGTH:
        return f"expected at most {NAME_LENGTH} bytes"
    return None


def _parses(parse: Any, expected: str) -> str | None:
    try:
        good = parse() is not None
    except (ValueError, TypeError):
        good = False
    return None if good else f"expected {expected}"


def _unknown(where: str, item: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    for name in sorted(item.keys() - known):
        yield f"{where}: unknown field {name!r}; known: {', '.join(sorted(known))}"


TOLD = re.compile(
    r"household G\{i:05d\}, card GK\{i:05d\} bound from (?P<since>\d{4}-\d\d-\d\d), "
    r"one visit at (?P<at>\S+) received (?P<after_s>\d+) s later, "
    r"volunteer approval at (?P<approved>\d\d:\d\d:\d\d)$"
)


def _told(generate: Mapping[str, Any]) -> re.Match[str] | None:
    """The one kind of description there is: one approved visit of each of n households."""
    if generate.keys() != {"households", "note"} or not isinstance(generate["households"], int):
        return None
    return TOLD.search(generate["note"])


def _generated(case: Case) -> Case:
    if "generate" not in case:
        return case
    told = _told(case["generate"])
    if told is None:
        raise CaseFileError(f"{case['id']}: generate: its words are not understood")
    names = [f"{number:05d}" for number in range(case["generate"]["households"])]
    at = datetime.fromisoformat(told["at"])
    approved = datetime.combine(at, time.fromisoformat(told["approved"]), at.tzinfo)
    crowd = {
        "at": told["at"],
        "received_after_s": int(told["after_s"]),
        "approved_at": approved.isoformat(),
    }
    bound = f"{told['since']}T00:00:00+08:00"
    return case | {
        "households": [*case["households"], *({"id": f"G{n}", "building": "1"} for n in names)],
        "bindings": [
            *case["bindings"],
            *({"card": f"GK{n}", "household": f"G{n}", "from": bound} for n in names),
        ],
        "crowd": crowd | {"cards": [f"GK{n}" for n in names]},
    }


def _filled(case: Case, defaults: Mapping[str, Any]) -> Case:
    policy, event = defaults.get("policy", {}), defaults.get("event", {})
    of = {"policy": policy, "event": event}
    return case | {
        "policies": [policy | item for item in case["policies"]],
        "steps": [of.get(step["op"], {}) | step for step in case["steps"]],
    }
