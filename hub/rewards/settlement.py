"""Settle a day: read in bulk, judge by the pure rules, write in bulk what changed.

The same function makes the first run, a supplement after late facts or decisions, and a
restatement under another policy. Running it again at once changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.bulk import insert_rows
from hub.ledger.journal import DayBooks, Draft, book, day_books, take_turn
from hub.rewards.by_hand import moved_since
from hub.rewards.digest import CANONICAL, FIRST_DIGEST, run_digest
from hub.rewards.load import decided_since, load_day
from hub.rewards.model import DayInput, DayResult, EntryOut, Policy
from hub.rewards.outcomes import changes, day_rows, known_outcomes, visit_rows
from hub.rewards.pause import uncollected
from hub.rewards.policy import policy_for
from hub.rewards.rules import entries_for, judge_day
from hub.rewards.settled import known_now, remember, settled_by
from hub.rewards.tables import DayOutcome, SettlementRun, VisitOutcomeRow
from hub.rewards.watermarks import newest_fact
from hub.visits.tables import PointDay, PointState
from wire.day import business_day

_run = table(SettlementRun).c


@dataclass(frozen=True)
class Settlement:
    """What one call did: ``run`` is the run it wrote, or the day's newest if nothing changed."""

    run: int
    day: date
    entries: int
    amount_fen: int
    held: int
    absent_points: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class _Change:
    """What a run has to write."""

    policy: Policy | None
    given: DayInput
    outcomes: DayResult
    entries: list[EntryOut]
    held: int


def settle_day(
    session: Session,
    community: str,
    day: date,
    now_ms: int,
    *,
    early: bool = False,
    restate: bool = False,
) -> Settlement:
    """Bring the ledger to what the day is worth by everything known now.

    The session must be a write session; the caller commits.
    """
    with uncollected():
        return _settle(session, community, day, now_ms, early=early, restate=restate)


def _settle(
    session: Session, community: str, day: date, now_ms: int, *, early: bool, restate: bool
) -> Settlement:
    take_turn(session)
    latest = latest_run(session, community, day)
    watermark = newest_fact(session, community, day)  # before the facts: more may come meanwhile
    known = known_now(session, community, watermark)
    held = None if restate else settled_by(session, community, day)
    if latest is not None and held == (latest["run"], known):
        return _settlement(latest, entries=0, amount_fen=0)
    books = day_books(session, community, day)
    change = _look(session, community, day, books, restate=restate, first=latest is None)
    if latest is not None and _unchanged(latest, change, watermark):
        remember(session, community, change.given, latest["run"], known)
        return _settlement(latest, entries=0, amount_fen=0)
    kind = "restatement" if restate else "supplement" if latest else "first"
    number, previous = newest_run(session, community)
    head = {
        "community": community,
        "run": number + 1,
        "day": day,
        "kind": kind,
        "early": early,
        "started_ms": now_ms,
        "watermark": watermark,
        "absent_points": ",".join(_absent(session, community, day)),
        "previous_digest": previous,
    }
    row = _write(session, head, change, books)
    remember(session, community, change.given, row["run"], known)
    return _settlement(row, entries=row["entries"], amount_fen=row["amount_fen"])


def would_change(session: Session, community: str, day: date) -> DayResult | None:
    """What a run would say anew by what is known; None while something waits for a run.

    For a day that has one. Facts and decisions since then wait, and are no contradiction.
    """
    latest = latest_run(session, community, day)
    if latest is None or latest["watermark"] != newest_fact(session, community, day):
        return None
    books = day_books(session, community, day)
    change = _look(session, community, day, books, restate=False, first=False)
    visits = {visit.visit for visit in change.given.visits}
    if decided_since(session, community, latest["started_ms"], visits):
        return None
    if change.given.by_hand and moved_since(session, community, day, latest["run"]):
        return None
    return change.outcomes


def _look(
    session: Session, community: str, day: date, books: DayBooks, *, restate: bool, first: bool
) -> _Change:
    policy = policy_for(session, community, day, restate=restate)
    given = load_day(session, community, day, policy, books)
    result = judge_day(given)
    return _Change(
        policy,
        given,
        changes(known_outcomes(session, community, day), result),
        list(entries_for(result.households, books.net_fen, first_run=first)),
        sum(outcome.held for outcome in result.visits),
    )


def latest_run(session: Session, community: str, day: date) -> dict[str, Any] | None:
    """The day's newest run; None = never settled."""
    row = session.execute(
        select(table(SettlementRun))
        .where(_run.community == community, _run.day == day)
        .order_by(_run.run.desc())
        .limit(1)
    ).first()
    return dict(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name


def _unchanged(latest: dict[str, Any], change: _Change, watermark: int) -> bool:
    outcomes = change.outcomes
    return (
        not (change.entries or outcomes.households or outcomes.visits)
        and latest["watermark"] == watermark
        and latest["policy_id"] == (change.policy.policy if change.policy else None)
    )


def _write(
    session: Session, head: dict[str, Any], change: _Change, books: DayBooks
) -> dict[str, Any]:
    community, day, run = head["community"], head["day"], head["run"]
    days = day_rows(community, day, run, change.outcomes.households)
    visits = visit_rows(community, day, run, change.outcomes.visits)
    entries = book(
        session,
        community,
        list(_drafts(day, change, books)),
        run=run,
        booked_on=business_day(head["started_ms"]),
        created_ms=head["started_ms"],
    )
    row = head | {
        "policy_id": change.policy.policy if change.policy else None,
        "visits": len(change.given.visits),
        "households": len(change.outcomes.households),
        "entries": len(entries),
        "amount_fen": sum(entry.amount_fen for entry in entries),
        "held": change.held,
        "canonical": CANONICAL,
    }
    row["digest"] = run_digest(
        row["previous_digest"], row, entries, days, visits, policy=change.policy
    )
    session.execute(insert(table(SettlementRun)), [row])
    insert_rows(session, DayOutcome, days)
    insert_rows(session, VisitOutcomeRow, visits)
    return row


def _drafts(day: date, change: _Change, books: DayBooks) -> Iterable[Draft]:
    """A reversal names what it reverses and counts under that entry's policy."""
    policy = change.policy.policy if change.policy else None
    for household, kind, amount_fen, reason, visit in change.entries:
        reverses, under = None, policy
        if kind == "reversal":
            reverses, under = books.last_credit[household]
        yield Draft(day, household, kind, amount_fen, str(reason), visit, reverses, under)


def newest_run(session: Session, community: str) -> tuple[int, str]:
    """Its number and digest."""
    row = session.execute(
        select(_run.run, _run.digest)
        .where(_run.community == community)
        .order_by(_run.run.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else (0, FIRST_DIGEST)


def _absent(session: Session, community: str, day: date) -> list[str]:
    """Points that have not said that they reported the whole day."""
    state, ended = table(PointState).c, table(PointDay).c
    reported = select(ended.point).where(ended.community == community, ended.day == day)
    return list(
        session.scalars(
            select(state.point)
            .where(state.community == community, state.point.not_in(reported))
            .order_by(state.point)
        )
    )


def _settlement(row: dict[str, Any], *, entries: int, amount_fen: int) -> Settlement:
    absent = tuple(name for name in row["absent_points"].split(",") if name)
    return Settlement(
        row["run"], row["day"], entries, amount_fen, row["held"], absent, row["digest"]
    )
