"""Opening a dispute, and answering it by a decision about a visit."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from hub.disputes.tables import Dispute, DisputeResult
from hub.ledger.journal import take_turn
from hub.ledger.links import insert_linked
from hub.rewards.moves import Moves, moved
from hub.rewards.record import Word, by, next_number
from hub.rewards.staff import Decision, decide
from hub.visits.tables import Visit
from hub.web.deps import Caller, Hub
from hub.web.problem import ProblemError
from wire.day import business_day


@dataclass(frozen=True)
class Answer:
    """Upheld: a visit is judged anew, or is another household's. Dismissed: nothing changes."""

    outcome: str
    reason: str
    visit: str | None = None
    value: str | None = None
    household: str | None = None


def open_dispute(
    session: Session,
    hub: Hub,
    caller: Caller,
    *,
    household: str,
    day: date,
    visit: str | None,
    claim: str,
) -> Dispute:
    """Write down what somebody says of a day; it moves nothing."""
    take_turn(session)
    now_ms = hub.now_ms()
    if day > business_day(now_ms):
        raise ProblemError(422, "future-day", f"{day} has not begun; expected a past day")
    if visit is not None and session.get(Visit, (hub.community, visit)) is None:
        raise ProblemError(409, "no-visit", f"visit {visit[:80]} is not known")
    number = next_number(session, hub.community, Dispute, "dispute")
    row = {
        "dispute": number, "household_id": household, "day": day, "visit_id": visit,
        "claim": claim, "user": caller.user, "role": caller.role, "at_ms": now_ms,
    }  # fmt: skip
    insert_linked(session, hub.community, Dispute, [row])
    return session.get_one(Dispute, (hub.community, number))


def answer(session: Session, hub: Hub, caller: Caller, dispute: Dispute, said: Answer) -> Moves:
    """Decide it, once; entries follow at once. What moved."""
    take_turn(session)
    key = (dispute.community, dispute.dispute)
    if session.get(DisputeResult, key) is not None:
        detail = f"dispute {dispute.dispute} was answered already; open another one"
        raise ProblemError(409, "dispute-answered", detail)
    about = ("dispute", dispute.dispute, said.outcome, said.visit, said.value, said.household)
    moves = moved(
        session, hub.community, lambda: _apply(session, hub, caller, dispute, said), *about
    )
    _record(session, dispute, said, moves, by(caller, said.reason, hub.now_ms()))
    return moves


def _apply(session: Session, hub: Hub, caller: Caller, dispute: Dispute, said: Answer) -> None:
    if said.outcome == "dismissed":
        return
    name = said.visit or dispute.visit_id
    visit = session.get(Visit, (dispute.community, name)) if name else None
    if visit is None:
        detail = (
            f"dispute {dispute.dispute} names no visit that is known; "
            "name one of the household's or of another's, or dismiss it"
        )
        raise ProblemError(409, "no-visit", detail)
    decision = Decision(
        said.value or "accepted",
        said.reason,
        None if visit.trusted else dispute.day,
        said.household,
    )
    decide(session, visit, caller, hub.now_ms(), decision)


def _record(session: Session, dispute: Dispute, said: Answer, moves: Moves, by_whom: Word) -> None:
    row: dict[str, Any] = {
        "dispute": dispute.dispute,
        "outcome": said.outcome,
        "visit_id": said.visit or dispute.visit_id,
        "value": said.value,
        "household_id": said.household,
        "moves": moves.digest,
    }
    insert_linked(session, dispute.community, DisputeResult, [row | by_whom])
