"""What a meeting talks about, and in which order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

DAY_MS = 86_400_000
MOST = 200
Why = Literal["to_confer", "watch_due", "overdue", "reopened"]


@dataclass(frozen=True)
class Item:
    """A matter that somebody has to talk about."""

    matter: int
    urgent: bool
    overdue_ms: int
    received_ms: int
    why: Why


def ordered(items: Iterable[Item]) -> list[Item]:
    """Safety first, then whole days overdue, then age."""
    return sorted(items, key=_place)[:MOST]


def _place(item: Item) -> tuple[bool, int, int, int]:
    days = max(0, item.overdue_ms) // DAY_MS
    return not item.urgent, -days, item.received_ms, item.matter


def reason(
    state: str, next_check: str | None, held_on: date, *, overdue: bool, reopened: bool
) -> Why | None:
    """Why a matter is on the agenda; None when it is not."""
    if state == "to_confer":
        return "to_confer"
    if reopened:
        return "reopened"
    if overdue:
        return "overdue"
    return "watch_due" if next_check is not None and next_check <= held_on.isoformat() else None


def next_chair(bodies: list[str], last: str | None) -> str:
    """The chair goes round; the first body begins."""
    if last not in bodies:
        return bodies[0]
    return bodies[(bodies.index(last) + 1) % len(bodies)]
