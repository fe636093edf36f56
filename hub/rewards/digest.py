"""The digest of a run: what was decided, in a form that never changes. Pure.

Runs are chained, not rows: rows inside a run have no natural order, so they are sorted.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from hub.ledger.journal import EntryRow
from hub.rewards.model import Policy
from hub.rewards.outcomes import DayRow, VisitRow

CANONICAL = 3
"""Form 2 has the policy's values too, form 3 also its caps, and is JSON, which takes a fifth of the
time. Older runs are checked by their own form."""
FIRST_DIGEST = "0" * 64

_RUN = (
    "community", "run", "day", "kind", "early", "policy_id", "started_ms", "watermark", "visits",
    "households", "entries", "amount_fen", "held", "absent_points",
)  # fmt: skip
_ENTRY = (
    "entry", "day", "household_id", "sequence", "kind", "amount_fen", "unit", "policy_id",
    "visit_id", "reverses", "booked_on", "created_ms", "reason",
)  # fmt: skip
_DAY = ("household_id", "amount_fen", "reason", "visit_id")
_VISIT = ("visit_id", "household_id", "reason", "verdict", "verdict_reason", "by_role", "held")
_POLICY = (
    "amount_fen", "combine", "unattended", "self_verdict", "day_cap_fen", "total_cap_fen",
    "late_limit_days", "min_grams",
)  # fmt: skip
_CAPS = ("manual_per_month", "manual_per_shift")


def run_digest(
    previous: str,
    run: Mapping[str, Any],
    entries: Iterable[EntryRow],
    days: Iterable[DayRow],
    visits: Iterable[VisitRow],
    *,
    policy: Policy | None,
) -> str:
    """SHA-256 over the previous digest and every row the run wrote."""
    form = run["canonical"]
    told = [[run[name] for name in _RUN]]
    if form > 1 and policy is not None:
        fields = _POLICY + _CAPS if form > 2 else _POLICY
        told.append([getattr(policy, name) for name in fields])
    rows = [
        [*map(itemgetter(*map(kind._fields.index, names)), some)]
        for kind, some, names in (
            (EntryRow, entries, _ENTRY), (DayRow, days, _DAY), (VisitRow, visits, _VISIT)
        )
    ]  # fmt: skip
    head = f"lianxin run {form}\t{previous}"
    text = _lines(head, told, rows) if form < 3 else _json(head, told, rows)
    return hashlib.sha256(text.encode()).hexdigest()


def _json(head: str, told: list[list[Any]], rows: list[list[tuple[Any, ...]]]) -> str:
    """Each row begins with what names it, so that sorting meets no value that may be absent."""
    return json.dumps(
        [head, told, [sorted(group) for group in rows]],
        ensure_ascii=False, separators=(",", ":"), default=str,
    )  # fmt: skip


def _lines(head: str, told: list[list[Any]], rows: list[list[tuple[Any, ...]]]) -> str:
    """Forms 1 and 2: tab-separated."""
    lines = [line for group in rows for line in sorted(map(_line, group))]
    return "\n".join([head, *map(_line, told), *lines])


def _line(values: Iterable[object]) -> str:
    return "\t".join(["" if value is None else str(value) for value in values])
