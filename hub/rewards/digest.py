"""The digest of a run: what was decided, in a form that never changes. Pure.

Runs are chained, not rows: rows inside a run have no natural order, so they are sorted.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

CANONICAL = 1
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

Row = Mapping[str, Any]


def run_digest(
    previous: str, run: Row, entries: Iterable[Row], days: Iterable[Row], visits: Iterable[Row]
) -> str:
    """SHA-256 over the previous digest and every row the run wrote, as tab-separated lines."""
    text = [f"lianxin run {CANONICAL}\t{previous}", _line(run, _RUN)]
    for rows, fields in ((entries, _ENTRY), (days, _DAY), (visits, _VISIT)):
        text += sorted(_line(row, fields) for row in rows)
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def _line(row: Row, fields: tuple[str, ...]) -> str:
    return "\t".join(["" if row[name] is None else str(row[name]) for name in fields])
