"""A migrated store for every test, and the application over it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from hub.access.users import add_user
from hub.app import create_app
from hub.db import make_engine, write_session
from hub.migrations import migrate
from hub.roles import Role
from hub.store import expect_points
from hub.web.deps import Hub
from tests.hub.nodes import COMMUNITY, POINTS, T_MS


@dataclass
class Clock:
    """A clock that a test moves."""

    ms: int = T_MS

    def __call__(self) -> int:
        return self.ms


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("migrated") / "hub.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with write_session(engine) as session:
        expect_points(session, COMMUNITY, POINTS)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "hub.db"
    shutil.copy(migrated, path)
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(engine: Engine, clock: Clock) -> Hub:
    return Hub(engine, COMMUNITY, clock, b"s" * 32)


@pytest.fixture
def client(hub: Hub) -> Iterator[TestClient]:
    with TestClient(create_app(hub)) as client:
        yield client


def bearer(client: TestClient, hub: Hub, role: Role) -> dict[str, str]:
    """Headers of a new user with a role."""
    with write_session(hub.engine) as session:
        password = add_user(session, COMMUNITY, f"a-{role}", role, hub.now_ms())
    form = {"username": f"a-{role}", "password": password}
    answer = client.post("/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
