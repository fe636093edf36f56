"""The store refuses what the ledger must never hold, whoever writes it, on both engines."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from hub.db import table, write_session
from hub.ledger.bulk import insert_rows
from hub.ledger.journal import EntryRow
from hub.ledger.tables import LedgerEntry, LedgerPosting
from hub.rewards.outcomes import DayRow, VisitRow
from hub.rewards.tables import DayOutcome, VisitOutcomeRow
from tests.hub.ledger.ledger_world import first_difference

pytestmark = pytest.mark.both_engines
GUARDED = (
    "ledger_entry", "ledger_posting", "settlement_run", "staff_verdict", "assign_day", "payout",
    "payout_result", "redemption", "redemption_result", "ledger_link",
)  # fmt: skip
NAMES = (
    "community, entry, day, household_id, sequence, kind, amount_fen, unit, run, policy_id, "
    "visit_id, reverses, booked_on, created_ms, reason"
)
RUN = (
    "INSERT INTO settlement_run SELECT community, {run}, '{day}', kind, early, policy_id, "
    "started_ms, watermark, visits, households, {entries}, {fen}, held, absent_points, canonical, "
    "{previous}, 'd' FROM settlement_run WHERE run = (SELECT MAX(run) FROM settlement_run)"
)


def entry(number: int, rest: str) -> list[str]:
    """An entry of the first household and its postings, as text after the sequence."""
    kind, amount, unit, more = rest.split(" ", 3)
    posting = f"INSERT INTO ledger_posting VALUES ('lhyy', {number}, "
    row = f"'lhyy', {number}, '2026-05-03', '1-1-101', 9, '{kind}', {amount}, '{unit}', {more}"
    return [
        f"{posting}'household:1-1-101', {amount}, '{unit}')",
        f"{posting}'shop', {-int(amount)}, '{unit}')",
        f"INSERT INTO ledger_entry ({NAMES}) VALUES ({row}, '2026-06-02', 1, 'by hand')",
    ]


def refused(engine: Engine, statements: list[str], why: str) -> None:
    """By a statement, or at the commit."""
    with pytest.raises(IntegrityError, match=why):
        write(engine, statements)


def write(engine: Engine, statements: list[str]) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def newest_run(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT MAX(run) FROM settlement_run").scalar_one())


def test_bulk_rows_have_the_columns_of_their_tables() -> None:
    for model, row in (
        (LedgerEntry, EntryRow), (DayOutcome, DayRow), (VisitOutcomeRow, VisitRow)
    ):  # fmt: skip
        assert tuple(column.name for column in table(model).columns) == row._fields


def test_rows_in_bulk_are_refused_with_the_same_error(filled: Engine) -> None:
    with pytest.raises(IntegrityError, match="booked already"), write_session(filled) as session:
        insert_rows(session, LedgerPosting, [("lhyy", 1, "shop", 1, "fen")])


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("statement", ["UPDATE {} SET community = 'x'", "DELETE FROM {}"])
def test_no_row_is_changed_or_removed(filled: Engine, name: str, statement: str) -> None:
    refused(filled, [statement.format(name)], f"{name} is append-only")


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("reward 30 fen NULL, 'p1', 'v', NULL", "ledger_entry_kind"),
        ("reward 30 fen 9, NULL, 'v', NULL", "ledger_entry_kind"),
        ("reward 30 fen 9, 'p1', NULL, NULL", "ledger_entry_kind"),
        ("reward -30 fen 9, 'p1', 'v', NULL", "ledger_entry_kind"),
        ("reversal -30 fen 9, 'p1', 'v', NULL", "take back a credit|ledger_entry_kind"),
        ("grant 30 fen NULL, NULL, NULL, NULL", "ledger_entry_kind"),
        ("gift 30 fen NULL, NULL, NULL, NULL", "ledger_entry_kind"),
        ("grant 30 yuan NULL, NULL, NULL, NULL", "ledger_entry_unit|ledger_entry_kind"),
        ("reward 0 fen 9, 'p1', 'v', NULL", "ledger_entry_moves|ledger_entry_kind"),
        ("reversal -30 fen 9, 'p1', 'v', 4", "take back a credit of its day"),
        ("reversal -29 fen 9, 'p1', 'v', 1", "take back a credit of its day"),
        ("reward 30 fen 1, 'p1', 'v', NULL", "its run is closed"),
        ("reward 30 fen 9, 'p1', 'v', NULL", "(?i)foreign key"),
        ("redemption -5 fen NULL, NULL, NULL, NULL", "nothing was set aside"),
        ("payout -30 fen NULL, NULL, NULL, NULL", "nothing was set aside"),
    ],
)
def test_no_entry_of_its_own_making(filled: Engine, rest: str, why: str) -> None:
    refused(filled, entry(99, rest), why)


def test_an_entry_needs_postings_that_balance_and_stay_as_they_are(filled: Engine) -> None:
    first, second, booked = entry(99, "grant 7 point NULL, NULL, NULL, NULL")
    refused(filled, [first, booked], "postings do not balance")
    uneven = second.replace("-7", "-8")
    refused(filled, [first, uneven, booked], "postings do not balance")
    refused(filled, [first, second], "(?i)foreign key")
    refused(filled, [first, second.replace("'point'", "'fen'"), booked], "(?i)foreign key")
    more = second.replace("'shop'", "'rewards'")
    refused(filled, [first, second, booked, more], "booked already")


@pytest.mark.sqlite_only  # a BIGINT of PostgreSQL holds nothing else
def test_fen_are_whole(filled: Engine) -> None:
    odd = "INSERT INTO ledger_posting VALUES ('lhyy', 99, 'shop', 0.5, 'fen')"
    refused(filled, [odd], "whole_fen")


PREVIOUS = "(SELECT digest FROM settlement_run ORDER BY run DESC LIMIT 1)"


@pytest.mark.parametrize(
    ("day", "entries", "fen", "why"),
    [
        ("2026-05-03", 0, 0, "does not follow"),
        ("2026-05-03", 2, 30, "its count, sum and day|more or less than one"),
        ("2026-05-03", 1, 31, "its count, sum and day|more or less than one"),
        ("2026-05-02", 1, 30, "its count, sum and day"),
        ("2026-05-03", 1, 30, "more or less than one"),
    ],
)
def test_a_run_seals_what_its_entries_say(
    filled: Engine, day: str, entries: int, fen: int, why: str
) -> None:
    number = newest_run(filled) + 1
    drafts = entry(99, f"reward 30 fen {number}, 'p1', 'v', NULL") if entries else []
    previous = "'x'" if why == "does not follow" else PREVIOUS
    run = RUN.format(run=number, day=day, entries=entries, fen=fen, previous=previous)
    refused(filled, [*drafts, run], why)


@pytest.mark.parametrize(
    ("cap", "why"),
    [("day_cap_fen", "cap of the day"), ("total_cap_fen", "total cap of the policy")],
)
def test_a_run_keeps_to_the_caps(filled: Engine, cap: str, why: str) -> None:
    run = RUN.format(
        run=newest_run(filled) + 1, day="2026-05-03", entries=0, fen=0, previous=PREVIOUS
    )
    refused(filled, [f"UPDATE reward_policy SET {cap} = 29", run], why)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO payout VALUES ('lhyy', 99, '2026-05', '1-1-102', 1, 1)",
        "INSERT INTO redemption VALUES ('lhyy', 'new', '1-1-102', 1, 1, 'fen')",
        "INSERT INTO redemption VALUES ('lhyy', 'new', '1-1-102', 5, 1, 'point')",
    ],
)
def test_nothing_is_set_aside_beyond_what_is_available(filled: Engine, statement: str) -> None:
    refused(filled, [statement], "more than is available")


def test_a_result_is_of_something_and_books_what_was_set_aside(filled: Engine) -> None:
    for result, why in (
        ("redemption_result VALUES ('lhyy', 'r1', 'posted', NULL, 1)", "redemption_result_entry"),
        ("redemption_result VALUES ('lhyy', 'r1', 'void', 1, 1)", "redemption_result_entry"),
        ("redemption_result VALUES ('lhyy', 'nix', 'void', NULL, 1)", "(?i)foreign key"),
        ("redemption_result VALUES ('lhyy', 'r1', 'posted', 99, 1)", "(?i)foreign key"),
        ("payout_result VALUES ('lhyy', 77, 'void', NULL, 1)", "(?i)foreign key"),
    ):
        refused(filled, [f"INSERT INTO {result}"], why)
    other = entry(99, "redemption -9 point NULL, NULL, NULL, NULL")
    said = "INSERT INTO redemption_result VALUES ('lhyy', 'r1', 'posted', 99, 1)"
    refused(filled, [said, *other], "nothing was set aside")


def test_after_all_that_nothing_has_changed(filled: Engine) -> None:
    assert first_difference(filled) is None
