"""Days settled again on somebody's order: corrected, under another policy, or for a card."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import Session

from hub.db import table
from hub.registry.editing import edit
from hub.registry.rows import CardRow
from hub.rewards.moves import Moves, moved
from hub.rewards.office_tables import Restatement
from hub.rewards.record import append, by
from hub.rewards.settlement import Settlement, settle_day
from hub.rewards.staff import require_paying, settle_over
from hub.visits.tables import Visit
from hub.web.deps import Caller, Hub
from hub.web.problem import ProblemError
from wire.day import business_day, local_time

MOST_DAYS = 31
MOST_CARD_DAYS = 92
_visit = table(Visit).c


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included; ``restate`` takes the policy in force now."""

    first: date
    last: date
    restate: bool = False

    def days(self) -> list[date]:
        """Oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Rebinding:
    """A card that was another household's from a moment on."""

    card: str
    household: str
    from_ms: int
    reason: str


def check_span(session: Session, community: str, span: Span, now_ms: int) -> None:
    """A problem unless all of its days are over and can pay."""
    today = business_day(now_ms)
    if not timedelta(0) <= span.last - span.first < timedelta(days=MOST_DAYS):
        detail = (
            f"from {span.first} to {span.last}; expected from ≤ to and at most {MOST_DAYS} days"
        )
        raise ProblemError(422, "bad-range", detail)
    if span.last >= today:
        detail = f"{span.last} is not over; expected days before {today}"
        raise ProblemError(409, "day-not-over", detail)
    require_paying(session, community, span.first)


def settle_span(session: Session, community: str, span: Span, now_ms: int) -> list[Settlement]:
    """Every day of it."""
    return [
        settle_day(session, community, day, now_ms, restate=span.restate) for day in span.days()
    ]


def rebind(session: Session, hub: Hub, caller: Caller, asked: Rebinding) -> list[date]:
    """Correct the binding and settle every day on which the card was tapped since; those days."""
    given = {
        "card": asked.card,
        "household": asked.household,
        "from": local_time(asked.from_ms),
    }
    row = CardRow.model_validate(given)
    edit(session, hub, caller, asked.reason, corrects=True, cards=[row])
    days = card_days(session, hub.community, asked)
    settle_over(session, hub.community, days, hub.now_ms())
    return days


def card_days(session: Session, community: str, asked: Rebinding) -> list[date]:
    """The days on which a card was tapped since."""
    found = session.scalars(
        select(_visit.day)
        .where(
            _visit.community == community,
            _visit.card == asked.card,
            _visit.day >= business_day(asked.from_ms),
        )
        .distinct()
    )
    days = sorted(found)
    if len(days) > MOST_CARD_DAYS:
        detail = f"the card was tapped on {len(days)} days since; expected at most {MOST_CARD_DAYS}"
        raise ProblemError(422, "bad-range", detail)
    return days


def ordered(
    session: Session,
    hub: Hub,
    caller: Caller,
    *,
    what: str,
    days: Callable[[], list[date]],
    reason: str,
    about: tuple[object, ...],
) -> Moves:
    """Do it, and write down who ordered what moved; ``days`` does it and says which days."""
    settled: list[date] = []
    moves = moved(session, hub.community, lambda: settled.extend(days()), *about)
    none = [business_day(hub.now_ms())]
    word = {"what": what, "first_day": min(settled or none), "last_day": max(settled or none)}
    word |= {"moves": moves.digest}
    append(session, hub.community, Restatement, word | by(caller, reason, hub.now_ms()))
    return moves


def apply_span(session: Session, hub: Hub, caller: Caller, span: Span, reason: str) -> Moves:
    """Settle days again and write down on whose order."""
    check_span(session, hub.community, span, hub.now_ms())

    def days() -> list[date]:
        return [run.day for run in settle_span(session, hub.community, span, hub.now_ms())]

    what = "restate" if span.restate else "settle"
    return ordered(
        session, hub, caller, what=what, days=days, reason=reason, about=(span,)
    )  # fmt: skip
