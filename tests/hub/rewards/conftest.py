"""One migrated store for all cases: every case lives in a community of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from hub.db import make_engine
from hub.migrations import migrate


def _unsynced(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # no power cut is simulated here


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path: Path = tmp_path_factory.mktemp("store") / "hub.db"
    engine = make_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _unsynced)
    migrate(engine)
    yield engine
    engine.dispose()
