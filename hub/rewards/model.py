"""What the reward rules read and say. Values only: no table, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple


class Reason(StrEnum):
    """Why a household has what it has on a day, ranked low to high: the highest is shown."""

    NO_EVENT = "no_event"
    HOUSEHOLD_INACTIVE = "household_inactive"
    CARD_UNKNOWN = "card_unknown"
    CARD_BLOCKED = "card_blocked"
    ALL_REJECTED = "all_rejected"
    BELOW_MIN_WEIGHT = "below_min_weight"
    LATE_BEYOND_LIMIT = "late_beyond_limit"
    CLOCK_UNTRUSTED = "clock_untrusted"
    UNATTENDED_HOLD = "unattended_hold"
    SELF_VERDICT_HOLD = "self_verdict_hold"
    VERDICT_PENDING = "verdict_pending"
    MANUAL_OVER_CAP = "manual_over_cap"
    REJECTED_PRESENT = "rejected_present"
    PREDECESSOR_PAID = "predecessor_paid"
    TOTAL_CAP = "total_cap"
    DAY_CAP = "day_cap"
    PAID = "paid"
    NO_POLICY = "no_policy"


RANK: dict[str, int] = {reason: rank for rank, reason in enumerate(Reason)}

HOLDS: frozenset[str] = frozenset(
    {
        Reason.LATE_BEYOND_LIMIT,
        Reason.CLOCK_UNTRUSTED,
        Reason.UNATTENDED_HOLD,
        Reason.SELF_VERDICT_HOLD,
        Reason.VERDICT_PENDING,
        Reason.MANUAL_OVER_CAP,
    }
)
"""Reasons that wait for somebody: the office is asked to decide."""

QUALIFIED = "qualified"
REJECTED = "rejected"
TEST = "test"
DOOR_UNKNOWN = "door_unknown"
"""What one visit may be besides a reason of its household."""

CARD = "card"
STAFF, VOLUNTEER, ATTESTED = "staff", "volunteer", "attested"
"""Whose a verdict is; an attested one is what an officer says that somebody saw."""


@dataclass(frozen=True)
class Policy:
    """What a day pays and under which conditions; ``to_day`` is exclusive."""

    policy: str
    amount_fen: int = 30
    combine: Literal["any", "none_rejected"] = "any"
    unattended: Literal["hold", "approve", "reject"] = "hold"
    self_verdict: Literal["hold", "allow"] = "hold"
    day_cap_fen: int | None = None
    total_cap_fen: int | None = None
    late_limit_days: int = 31
    min_grams: int | None = None
    manual_per_month: int | None = None
    manual_per_shift: int | None = None


class VisitIn(NamedTuple):
    """One visit as intake placed it. A named tuple: thousands are made from rows each run."""

    visit: str
    point: str
    source: str
    card: str | None
    door: str | None
    shift: str | None
    occurred_ms: int
    trusted: bool
    received_ms: int
    weight_g: int | None
    test: bool
    assigned: date | None = None
    home: str | None = None
    """The household that staff says it is."""


class VerdictIn(NamedTuple):
    """One verdict; ``role`` is volunteer, staff or attested, ``arrival`` breaks ties of ``at_ms``.

    ``verdict`` is its id, which another's ``replaces`` may name; an officer's has none.
    """

    visit: str
    value: str
    reason: str | None
    by: str
    role: str
    at_ms: int
    arrival: int
    undone: bool = False
    verdict: str | None = None
    replaces: str | None = None


class BindingIn(NamedTuple):
    """A card belongs to a household from ``from_ms`` until the next binding or ``to_ms``."""

    card: str
    from_ms: int
    to_ms: int | None
    household: str


class BlockIn(NamedTuple):
    """Taps of a card at or after ``from_ms`` and before ``until_ms`` do not count."""

    card: str
    from_ms: int
    until_ms: int | None


class HouseholdIn(NamedTuple):
    """A household with its half-open dates; ``door`` is building-unit-room."""

    household: str
    door: str
    from_day: date
    to_day: date | None
    successor_of: str | None

    def active(self, day: date) -> bool:
        """From inclusive, to exclusive."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)


@dataclass(frozen=True)
class ByHand:
    """What visits without a card have used of their caps (R28)."""

    month: Mapping[str, int] = field(default_factory=dict)
    """Per household, on the other days of the month."""
    shift: Mapping[str, int] = field(default_factory=dict)
    """Per shift, on other days."""
    counted: frozenset[str] = frozenset()
    """Visits of this day that count by the newest run: they are never displaced."""


@dataclass(frozen=True)
class DayInput:
    """Everything one business day is judged by."""

    day: date
    policy: Policy | None
    visits: Sequence[VisitIn]
    verdicts: Sequence[VerdictIn] = ()
    bindings: Sequence[BindingIn] = ()
    blocks: Sequence[BlockIn] = ()
    households: Sequence[HouseholdIn] = ()
    homes: Mapping[str, str] = field(default_factory=dict)
    """Where a person who judges lives (R9)."""
    booked_fen: Mapping[str, int] = field(default_factory=dict)
    """What the ledger already holds for this day, net, per household."""
    policy_fen: int = 0
    """What the ledger holds under this policy on all other days."""
    by_hand: ByHand | None = None
    """None on a day without visits by hand, and where the policy has no cap for them."""


class VisitOutcome(NamedTuple):
    """What became of one visit. ``held``: deciding it can still change what the day pays."""

    visit: str
    household: str | None
    reason: str
    verdict: str | None
    verdict_reason: str | None
    by_role: str | None
    held: bool


class HouseholdOutcome(NamedTuple):
    """What one household is to have for the day, why, and by which visit."""

    household: str
    amount_fen: int
    reason: str
    visit: str | None


@dataclass(frozen=True)
class DayResult:
    """The judgement of one day, in a fixed order."""

    households: Sequence[HouseholdOutcome]
    visits: Sequence[VisitOutcome]


class EntryOut(NamedTuple):
    """A change the ledger needs so that it holds what the day is worth."""

    household: str
    kind: Literal["reward", "supplement", "reversal"]
    amount_fen: int
    reason: str
    visit: str | None
