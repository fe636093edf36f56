"""Redemptions (R27): set aside, then posted or void, each once; never an overdraft."""

from typing import Any, Literal

from sqlalchemy import and_, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.accounts import balance
from hub.ledger.aside import Aside, Closed, Result, close
from hub.ledger.journal import Draft, Unit, book, take_turn
from hub.ledger.links import insert_linked
from hub.ledger.tables import Redemption, RedemptionResult
from hub.web.problem import ProblemError
from wire.day import business_day

Reserved = Literal["accepted", "duplicate", "conflict", "refused"]
_redemption, _result = table(Redemption).c, table(RedemptionResult).c


def reserve(
    session: Session,
    community: str,
    household: str,
    amount_fen: int,
    *,
    key: str,
    now_ms: int,
    unit: Unit = "fen",
) -> Reserved:
    """Set aside once per key; the same key for something else is a conflict."""
    take_turn(session)
    known = _find(session, community, key)
    if known is not None:
        same = (known.household_id, known.amount_fen, known.unit) == (household, amount_fen, unit)
        return "duplicate" if same else "conflict"
    if not 0 < amount_fen <= balance(session, community, household, unit).available_fen:
        return "refused"
    row = {"key": key, "household_id": household, "amount_fen": amount_fen, "unit": unit}
    insert_linked(session, community, Redemption, [row | {"at_ms": now_ms}])
    return "accepted"


def close_redemption(
    session: Session, community: str, key: str, result: Result, *, now_ms: int
) -> Closed:
    """Post or void what was set aside under a key; afterwards nothing changes it."""
    take_turn(session)
    known = _find(session, community, key)
    if known is None:
        raise ProblemError(404, "no-redemption", f"nothing was set aside under {key[:80]!r}")
    if known.result is not None:
        return "already_posted" if known.result == "posted" else "already_void"
    aside = Aside(
        RedemptionResult,
        {"key": key},
        known.household_id,
        "redemption",
        known.amount_fen,
        known.unit,
    )
    return close(session, community, aside, result, now_ms=now_ms)


def redeem(
    session: Session,
    community: str,
    household: str,
    amount_fen: int,
    *,
    key: str,
    now_ms: int,
    unit: Unit = "fen",
) -> Reserved:
    """Set aside and post at once, as over a counter."""
    said = reserve(session, community, household, amount_fen, key=key, now_ms=now_ms, unit=unit)
    if said == "accepted":
        close_redemption(session, community, key, "posted", now_ms=now_ms)
    return said


def grant(
    session: Session, community: str, household: str, points: int, *, reason: str, now_ms: int
) -> int:
    """Points that the office gives; the number of their entry. Money is never granted."""
    take_turn(session)
    today = business_day(now_ms)
    draft = Draft(today, household, "grant", points, reason, unit="point")
    (row,) = book(session, community, [draft], run=None, booked_on=today, created_ms=now_ms)
    return row.entry


def _find(session: Session, community: str, key: str) -> Any:
    return session.execute(
        select(_redemption.household_id, _redemption.amount_fen, _redemption.unit, _result.result)
        .outerjoin(
            table(RedemptionResult),
            and_(_result.community == _redemption.community, _result.key == _redemption.key),
        )
        .where(_redemption.community == community, _redemption.key == key)
    ).first()
