"""The journal guards itself, and verify names the first thing that does not agree."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hub.db import table, write_session
from hub.ledger.journal import EntryRow
from hub.ledger.tables import LedgerEntry
from hub.ledger.verify import verify
from hub.rewards.outcomes import DayRow, VisitRow
from hub.rewards.settlement import settle_day
from hub.rewards.tables import DayOutcome, VisitOutcomeRow
from hub.web.deps import Hub
from tests.hub.rewards.test_api import DAY, world

GUARDED = (
    "ledger_entry", "ledger_posting", "settlement_run", "staff_verdict", "assign_day", "payout",
    "payout_result", "redemption",
)  # fmt: skip


@pytest.fixture
def settled(hub: Hub, client: TestClient) -> Hub:
    world(hub)
    with write_session(hub.engine) as session:
        for day in (DAY, DAY + timedelta(days=1)):
            settle_day(session, hub.community, day, hub.now_ms())
    return hub


def _differences(hub: Hub) -> list[str]:
    with Session(hub.engine) as session:
        return verify(session, hub.community)


def test_bulk_rows_have_the_columns_of_their_tables() -> None:
    for model, row in (
        (LedgerEntry, EntryRow), (DayOutcome, DayRow), (VisitOutcomeRow, VisitRow)
    ):  # fmt: skip
        assert tuple(column.name for column in table(model).columns) == row._fields


def test_what_was_settled_agrees(settled: Hub) -> None:
    assert _differences(settled) == []


@pytest.mark.parametrize("name", GUARDED)
def test_no_row_is_changed_or_removed(settled: Hub, name: str) -> None:
    with settled.engine.begin() as connection:
        triggers = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"),
            {"name": name},
        )
        assert set(triggers.scalars()) == {f"{name}_no_update", f"{name}_no_delete"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_fen = 60",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_posting SET amount_fen = 60",
        "DELETE FROM ledger_posting",
        "UPDATE settlement_run SET digest = 'x'",
        "DELETE FROM settlement_run",
    ],
)
def test_the_store_itself_refuses(settled: Hub, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), settled.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert _differences(settled) == []


def test_fen_are_whole(settled: Hub) -> None:
    odd = "INSERT INTO ledger_posting VALUES ('lhyy', 1, 'shop', 0.5)"
    with pytest.raises(IntegrityError, match="whole_fen"), settled.engine.begin() as connection:
        connection.exec_driver_sql(odd)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger_entry SET amount_fen = 60", "entry 1: postings"),
        ("UPDATE ledger_entry SET sequence = 2", "entry 1: sequence 2, expected 1"),
        ("DELETE FROM ledger_posting WHERE account = 'rewards'", "entry 1: postings"),
        ("INSERT INTO ledger_posting VALUES ('lhyy', 9, 'shop', 5)", "entry 9: has postings"),
        ("UPDATE settlement_run SET held = 7 WHERE run = 1", "run 1: rows give digest"),
        ("UPDATE settlement_run SET entries = 2 WHERE run = 1", "run 1: says 2 entries"),
        ("UPDATE settlement_run SET previous_digest = 'x' WHERE run = 2", "run 2: does not follow"),
        ("DELETE FROM settlement_run WHERE run = 1", "run 2: does not follow"),
        ("UPDATE day_outcome SET reason = 'paid'", "run 1: rows give digest"),
        ("UPDATE visit_outcome SET household_id = '1-1-1'", "run 1: rows give digest"),
        ("UPDATE day_outcome SET amount_fen = 60 WHERE amount_fen = 30", "run 1: rows give"),
    ],
)
def test_verify_names_what_was_changed_behind_the_triggers(
    settled: Hub, statement: str, said: str
) -> None:
    with settled.engine.begin() as connection:
        for name in GUARDED:
            for action in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}_no_{action}")
        connection.exec_driver_sql(statement)
    assert any(line.startswith(said) for line in _differences(settled)), _differences(settled)
