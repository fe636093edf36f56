"""The digest of a run: what was decided, in a form that never changes. Pure.

Runs are chained, not rows: rows inside a run have no natural order, so they are sorted.
"""

import hashlib
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from hub.ledger.journal import EntryRow
from hub.rewards.model import Policy
from hub.rewards.outcomes import DayRow, VisitRow

CANONICAL = 3
"""Form 2 has the policy's values too, form 3 also its caps; older runs are checked by theirs."""
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
    """SHA-256 over the previous digest and every row the run wrote, as tab-separated lines."""
    form = run["canonical"]
    text = [f"lianxin run {form}\t{previous}", _line(run[name] for name in _RUN)]
    if form > 1 and policy is not None:
        fields = _POLICY + _CAPS if form > 2 else _POLICY
        text.append(_line(getattr(policy, name) for name in fields))
    for kind, rows, names in (
        (EntryRow, entries, _ENTRY), (DayRow, days, _DAY), (VisitRow, visits, _VISIT)
    ):  # fmt: skip
        pick = itemgetter(*map(kind._fields.index, names))
        text += sorted(_line(pick(row)) for row in rows)
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def _line(values: Iterable[object]) -> str:
    return "\t".join(["" if value is None else str(value) for value in values])
