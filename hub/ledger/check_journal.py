"""What is booked, recomputed: entries to postings to balances, runs to digests."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from hub.db import table
from hub.ledger.journal import COUNTER_ACCOUNT, REWARD_KINDS, EntryRow, household_account, legs
from hub.ledger.tables import LedgerEntry, LedgerPosting
from hub.rewards.digest import FIRST_DIGEST, run_digest
from hub.rewards.model import Policy
from hub.rewards.outcomes import DayRow, VisitRow
from hub.rewards.policy import policies
from hub.rewards.tables import DayOutcome, SettlementRun, VisitOutcomeRow

Made = TypeVar("Made", EntryRow, DayRow, VisitRow)
Posting = tuple[str, int, str]


class _Journal(NamedTuple):
    entries: list[EntryRow]
    postings: dict[int, list[Posting]]
    runs: list[dict[str, Any]]
    days: list[DayRow]
    visits: list[VisitRow]
    policies: dict[str, Policy]


def differences(session: Session, community: str) -> Iterator[str]:
    """In the order of the journal, so that the first names the place."""
    journal = _read(session, community)
    for check in (_entries, _postings, _balances, _runs, _days):
        yield from check(journal)


def _read(session: Session, community: str) -> _Journal:
    posting = table(LedgerPosting).c
    postings: dict[int, list[Posting]] = defaultdict(list)
    for entry, *leg in session.execute(
        select(posting.entry, posting.account, posting.amount_fen, posting.unit).where(
            posting.community == community
        )
    ):
        postings[entry].append((leg[0], leg[1], leg[2]))
    run = table(SettlementRun)
    runs = session.execute(select(run).where(run.c.community == community).order_by(run.c.run))
    return _Journal(
        sorted(_rows(session, community, LedgerEntry, EntryRow), key=lambda row: row.entry),
        postings,
        [dict(row) for row in runs.mappings()],
        _rows(session, community, DayOutcome, DayRow),
        _rows(session, community, VisitOutcomeRow, VisitRow),
        policies(session, community),
    )


def _rows(session: Session, community: str, model: type[SQLModel], make: type[Made]) -> list[Made]:
    target = table(model)
    found = session.execute(select(target).where(target.c.community == community)).all()
    return [make(*row) for row in found]


def _entries(journal: _Journal) -> Iterator[str]:
    """Sequences without gaps; a reversal takes back exactly one credit of its day."""
    by_number = {row.entry: row for row in journal.entries}
    used: Counter[tuple[object, str]] = Counter()
    for row in journal.entries:
        used[row.day, row.household_id] += 1
        expected = used[row.day, row.household_id]
        if row.sequence != expected:
            yield f"entry {row.entry}: sequence {row.sequence}, expected {expected}"
        if row.kind == "reversal":
            taken = by_number.get(row.reverses or 0)
            same = taken and (taken.day, taken.household_id) == (row.day, row.household_id)
            if taken is None or not same or taken.amount_fen != -row.amount_fen:
                yield f"entry {row.entry}: reverses {row.reverses}, which is not its credit"


def _postings(journal: _Journal) -> Iterator[str]:
    for row in journal.entries:
        if row.kind not in COUNTER_ACCOUNT:
            yield f"entry {row.entry}: unknown kind {row.kind}"
            continue
        expected = sorted(leg[2:] for leg in legs(row))
        found = sorted(journal.postings.get(row.entry, []))
        if found != expected:
            yield f"entry {row.entry}: postings {found}, expected {expected}"
    for entry in sorted(journal.postings.keys() - {row.entry for row in journal.entries}):
        yield f"entry {entry}: has postings but does not exist"


def _balances(journal: _Journal) -> Iterator[str]:
    """Of each account in each unit; units never meet."""
    booked, posted = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in journal.entries:
        booked[household_account(row.household_id), row.unit] += row.amount_fen
    for postings in journal.postings.values():
        for account, amount, unit in postings:
            posted[account, unit] += amount
    for unit in sorted({unit for _, unit in posted}):
        total = sum(amount for (_, of_unit), amount in posted.items() if of_unit == unit)
        if total:
            yield f"all postings: sum {total} {unit}, expected 0"
    for account, unit in sorted(booked):
        found, expected = posted[account, unit], booked[account, unit]
        if found != expected:
            yield f"{account}: postings {found} {unit}, entries {expected} {unit}"


def _runs(journal: _Journal) -> Iterator[str]:
    """Each run covers its rows and the run before."""
    entries, days, visits = _by_run(journal.entries), _by_run(journal.days), _by_run(journal.visits)
    previous = FIRST_DIGEST
    for run in journal.runs:
        number = run["run"]
        mine = entries[number]
        total = sum(row.amount_fen for row in mine)
        if (run["entries"], run["amount_fen"]) != (len(mine), total):
            yield (
                f"run {number}: says {run['entries']} entries, {run['amount_fen']} fen; "
                f"found {len(mine)}, {total} fen"
            )
        if run["previous_digest"] != previous:
            yield f"run {number}: does not follow the run before it"
        yield from _strays(run, mine, days[number], visits[number])
        policy = journal.policies.get(run["policy_id"])
        digest = run_digest(
            run["previous_digest"], run, mine, days[number], visits[number], policy=policy
        )
        if digest != run["digest"]:
            yield f"run {number}: rows give digest {digest[:16]}, recorded {run['digest'][:16]}"
        previous = run["digest"]
    known = {run["run"] for run in journal.runs}
    for number in sorted((entries.keys() | days.keys() | visits.keys()) - known - {0}):
        yield f"run {number}: has rows but does not exist"


def _strays(run: dict[str, Any], *rows: Sequence[EntryRow | DayRow | VisitRow]) -> Iterator[str]:
    """Rows of a run stand under its day; the digest does not say the day of each."""
    for row in (row for group in rows for row in group if row.day != run["day"]):
        yield f"run {run['run']}: of {run['day']}, has {type(row).__name__} of {row.day}"


def _by_run(rows: list[Made]) -> dict[int, list[Made]]:
    """Rows of no run (payouts, redemptions) under 0."""
    found: dict[int, list[Made]] = defaultdict(list)
    for row in rows:
        found[row.run or 0].append(row)
    return found


def _days(journal: _Journal) -> Iterator[str]:
    """Net per household and day is what the newest outcome says."""
    net: Counter[tuple[object, str]] = Counter()
    for row in journal.entries:
        if row.kind in REWARD_KINDS:
            net[row.day, row.household_id] += row.amount_fen
    said: dict[tuple[object, str], int] = {}
    for outcome in sorted(journal.days, key=lambda row: row.run):
        said[outcome.day, outcome.household_id] = outcome.amount_fen
    for key in sorted(net.keys() | said.keys(), key=str):
        if net[key] != said.get(key):
            yield f"{key[1]} on {key[0]}: entries {net[key]} fen, outcome {said.get(key)} fen"
