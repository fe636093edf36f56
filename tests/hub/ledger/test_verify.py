"""`verify` finds one changed value in any column of any table that it recomputes."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from hub.db import table
from hub.disputes.tables import Dispute, DisputeResult
from hub.intake.tables import EpochState, FactAlias, FactRow
from hub.ledger.links import LedgerLink
from hub.ledger.tables import (
    LedgerEntry,
    LedgerPosting,
    Payout,
    PayoutResult,
    Redemption,
    RedemptionResult,
)
from hub.money.tables import MoneyOrder
from hub.rewards.office_tables import (
    AssignedHome,
    BootDate,
    MonthClose,
    Restatement,
    ShiftAttest,
)
from hub.rewards.tables import (
    AssignedDay,
    DayOutcome,
    RewardPolicy,
    SettlementRun,
    StaffVerdict,
    VisitOutcomeRow,
)
from hub.visits.project import PROJECTIONS
from tests.hub.ledger.ledger_world import fill, first_difference, unguarded

TABLES: tuple[type[SQLModel], ...] = (
    FactRow, FactAlias, EpochState, *PROJECTIONS, LedgerLink, LedgerEntry, LedgerPosting, Payout,
    PayoutResult, Redemption, RedemptionResult, SettlementRun, DayOutcome, VisitOutcomeRow,
    StaffVerdict, AssignedDay, AssignedHome, ShiftAttest, BootDate, Restatement, MonthClose,
    Dispute, DisputeResult, MoneyOrder, RewardPolicy,
)  # fmt: skip
SESSION = {"state", "nonce", "superseded", "node", "boot", "boot_id", "software", "hello_ms"}
"""Of an epoch: what the newest hello said, which nothing else in the store repeats."""


def flips(value: Any, kind: type) -> list[Any]:
    """One bit less or more, where a value has bits; the first may name another row."""
    if value is None:
        return [{int: 1, bytes: b"x", date: date(2026, 5, 9)}.get(kind, "x")]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value ^ 1, value ^ 1 << 20]
    if isinstance(value, date):
        return [value + timedelta(days=1), value + timedelta(days=64)]
    if isinstance(value, bytes):
        return [value[:-1] + bytes([value[-1] ^ 1])]
    return [value[:-1] + chr(ord(value[-1]) ^ bit) for bit in (1, 8, 16)] if value else ["x"]


def test_a_store_that_was_left_alone_agrees_with_itself(engine: Engine) -> None:
    fill(engine)
    assert first_difference(engine) is None


@pytest.mark.long
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__tablename__)
def test_one_changed_value_is_found(filled: Engine, model: type[SQLModel]) -> None:
    target = table(model)
    with filled.connect() as connection:
        rows = connection.execute(select(target).order_by(*target.primary_key)).mappings().all()
    assert rows, "the world has a row of it"
    row, missed = rows[-1], []
    for column in target.columns:
        if model is EpochState and column.name in SESSION:
            continue
        for value in flips(row[column.name], column.type.python_type):
            with unguarded(filled) as connection:
                if changed(connection, model, row, {column.name: value}):
                    if first_difference(connection) is None:
                        missed.append((column.name, row[column.name], value))
                    break
    assert missed == []


def changed(
    connection: Connection, model: type[SQLModel], row: Any, values: dict[str, Any]
) -> bool:
    """False when the store itself has no place for such a row, whatever its triggers say."""
    mine = [key == row[key.name] for key in table(model).primary_key]
    try:
        connection.execute(update(table(model)).where(*mine).values(values))
    except IntegrityError:
        return False
    return True


def test_what_verify_covers_and_what_not(filled: Engine) -> None:
    every = set(inspect(filled).get_table_names())
    covered = {str(model.__tablename__) for model in TABLES}
    assert covered <= every
    assert {"user_account", "dead_letter", "hub_meta", "point_state"} <= every - covered


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE fact SET received_ms = 5 WHERE arrival = 2", "fact "),
        ("DELETE FROM fact WHERE arrival = 3", "fact "),
        ("UPDATE visit SET card = 'k1.x' WHERE weight_g = 700", "visit "),
        ("DELETE FROM deposit", "deposit "),
        ("UPDATE ledger_entry SET amount_fen = 60 WHERE entry = 1", "entry 1: postings"),
        ("UPDATE ledger_entry SET sequence = 9 WHERE entry = 1", "entry 1: sequence 9, expected 1"),
        ("DELETE FROM ledger_posting WHERE account = 'rewards' AND entry = 1", "entry 1: postings"),
        ("INSERT INTO ledger_posting VALUES ('lhyy', 99, 'shop', 5, 'fen')", "entry 99: has"),
        ("UPDATE settlement_run SET held = 7 WHERE run = 1", "run 1: rows give digest"),
        ("UPDATE settlement_run SET entries = 4 WHERE run = 1", "run 1: says 4 entries"),
        ("DELETE FROM settlement_run WHERE run = 1", "run 2: does not follow"),
        ("UPDATE reward_policy SET late_limit_days = 30", "link 1: reward_policy p1 was"),
        ("UPDATE visit_outcome SET household_id = '1-1-1'", "run 1: rows give digest"),
        ("UPDATE staff_verdict SET reason = 'x' WHERE sequence = 1", "link 2: staff_verdict 1 was"),
        ("DELETE FROM payout_result", "link "),
        ("UPDATE card_binding SET household_id = '1-1-102'", "2026-05-03: 1-1-101 is worth"),
    ],
)  # fmt: skip
def test_the_first_difference_names_the_place(filled: Engine, statement: str, said: str) -> None:
    with unguarded(filled) as connection:
        connection.exec_driver_sql(statement)
        found = first_difference(connection)
    assert found is not None
    assert found.startswith(said), found


@pytest.mark.sqlite_only
def test_a_bit_that_makes_a_value_unreadable_is_named(filled: Engine) -> None:
    for statement in (
        "UPDATE ledger_entry SET day = '2026-0\u00e9-03' WHERE entry = 1",
        "UPDATE visit SET card = CAST(x'ff' AS TEXT)",
        "UPDATE ledger_entry SET amount_fen = 'x0' WHERE entry = 1",
    ):
        with unguarded(filled) as connection:
            connection.exec_driver_sql(statement)
            assert first_difference(connection), statement
