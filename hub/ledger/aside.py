"""What was set aside for a household is posted with its entry or void, once."""

from typing import Any, Literal, NamedTuple

from sqlmodel import Session, SQLModel

from hub.ledger.journal import Draft, Unit, book, next_entry
from hub.ledger.links import insert_linked
from wire.day import business_day

Result = Literal["posted", "void"]
Closed = Literal["posted", "void", "already_posted", "already_void"]


class Aside(NamedTuple):
    """A payout or redemption; ``results`` keeps how it ended under ``key``."""

    results: type[SQLModel]
    key: dict[str, Any]
    household: str
    kind: Literal["payout", "redemption"]
    amount_fen: int
    unit: Unit


def close(session: Session, community: str, aside: Aside, result: Result, *, now_ms: int) -> Closed:
    """Write how it ended, and then the entry: the store books only what was set aside."""
    entry = next_entry(session, community) if result == "posted" else None
    row = aside.key | {"result": result, "entry": entry, "at_ms": now_ms}
    insert_linked(session, community, aside.results, [row])
    if result == "posted":
        today = business_day(now_ms)
        draft = Draft(
            today, aside.household, aside.kind, -aside.amount_fen, aside.kind, unit=aside.unit
        )
        book(session, community, [draft], run=None, booked_on=today, created_ms=now_ms)
    return result
