"""The schema by migration is the schema of the tables, and goes up and down."""

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import Session, SQLModel

from hub.db import write_session
from hub.meta import ensure_generation
from hub.migrations import migrate, migrate_down
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
