"""The schema by migration is the schema of the tables, and goes up and down."""

import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Engine, MetaData, insert, inspect, select
from sqlmodel import Session, SQLModel

from hub.db import upsert, write_session
from hub.meta import ensure_generation
from hub.migrations import migrate, migrate_down
from hub.rewards.tables import RewardPolicy
from hub.store import read_secret
from tests.hub.stores import Stores

pytestmark = pytest.mark.both_engines


def test_the_migrated_store_is_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_down_leaves_nothing_and_up_works_again(stores: Stores) -> None:
    with stores.empty() as engine:
        migrate(engine)
        full = set(inspect(engine).get_table_names())
        migrate_down(engine, "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        migrate(engine)
        assert set(inspect(engine).get_table_names()) == full


FIRST_ROWS: dict[str, dict[str, Any]] = {
    "settlement_run": {"run": 1, "entries": 1, "amount_fen": 30, "policy_id": "p1"},
    "ledger_entry": {"entry": 1, "run": 1, "kind": "reward", "amount_fen": 30, "unit": "fen"},
    "ledger_posting": {"entry": 1, "amount_fen": 30, "account": "household:h"},
    "payout": {"payout": 1, "amount_fen": 1},
    "payout_result": {"payout": 1, "result": "void", "entry": None},
    "redemption": {"key": "k", "entry": 1},
}
"""What rows must say to be rows of a ledger; the other columns hold anything of their type."""


def _anything(column: Column[Any]) -> Any:
    made = {
        "VARCHAR": "h", "BIGINT": 7, "INTEGER": 7, "BOOLEAN": True, "DATE": date(2026, 5, 3),
        "BLOB": b"x", "BYTEA": b"x",
    }  # fmt: skip
    return None if column.name == "reverses" else made[str(column.type).split("(")[0]]


def _rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as it stands; the number of a revision is no row."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(select(target)).mappings()]
            for name, target in tables.tables.items()
            if name != "alembic_version"
        }


def _one_row_each(engine: Engine) -> None:
    tables = MetaData()
    tables.reflect(engine)
    with engine.execution_options(writes=True).begin() as connection:
        for name, target in tables.tables.items():
            if name == "alembic_version":
                continue
            row = {column.name: _anything(column) for column in target.columns}
            row |= FIRST_ROWS.get(name, {})
            connection.execute(insert(target), [row])
            if name == "ledger_posting":
                other = {"account": "rewards", "amount_fen": -30}
                connection.execute(insert(target), [row | other])


@pytest.mark.long
def test_rows_of_an_older_store_come_up_and_go_down_whole(stores: Stores) -> None:
    with stores.empty() as engine:
        migrate(engine, "0002")
        _one_row_each(engine)
        before = _rows(engine)
        assert all(before.values()), "a row in every table"
        migrate(engine)
        after = _rows(engine)
        for name, rows in before.items():
            for old, now in zip(rows, after[name], strict=True):
                assert {key: now[key] for key in old if key in now} == {
                    key: old[key] for key in old if key in now
                }
        assert [row["entry"] for row in after["redemption_result"]] == [1]
        assert len(after["ledger_link"]) == 7, "each word, payout and redemption has its link"
        migrate_down(engine, "0002")
        assert _rows(engine) == before


def test_a_store_keeps_its_generation(engine: Engine) -> None:
    with write_session(engine) as session:
        born = ensure_generation(session.connection())
    with Session(engine) as session:
        assert ensure_generation(session.connection()) == born
    assert len(bytes.fromhex(born)) == 16


def test_the_secret_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    secret = read_secret(tmp_path)
    assert (len(secret), read_secret(tmp_path)) == (32, secret)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_row_put_again_keeps_what_it_does_not_name(engine: Engine) -> None:
    row = {"community": "lhyy", "policy_id": "p", "version": 1, "from_day": date(2026, 5, 1),
           "published_ms": 0}  # fmt: skip
    with engine.execution_options(writes=True).begin() as connection:
        upsert(connection, RewardPolicy, [row | {"amount_fen": 50, "to_day": None}])
        upsert(connection, RewardPolicy, [row | {"to_day": date(2026, 6, 1)}])
    with Session(engine) as session:
        held = session.get_one(RewardPolicy, ("lhyy", "p"))
    assert (held.amount_fen, held.to_day, held.combine) == (50, date(2026, 6, 1), "any")
