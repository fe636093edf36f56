"""A migrated store for every test, on SQLite and PostgreSQL, and the application over it.

`make test` runs a module on PostgreSQL if it is marked ``both_engines``; `make test-all` runs the
others there too.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from hub.access.users import add_user
from hub.app import create_app
from hub.db import write_session
from hub.roles import Role
from hub.web.deps import Hub
from tests.hub.nodes import COMMUNITY, T_MS
from tests.hub.stores import PostgresStores, SqliteStores, Stores
from tests.postgres import Cluster, running_cluster


@dataclass
class Clock:
    """A clock that a test moves."""

    ms: int = T_MS

    def __call__(self) -> int:
        return self.ms


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stores" not in metafunc.fixturenames:
        return
    test = metafunc.definition
    both = test.get_closest_marker("both_engines")
    postgresql = pytest.param("postgresql", marks=() if both else pytest.mark.long)
    one = test.get_closest_marker("sqlite_only")
    engines = ["sqlite"] if one else ["sqlite", postgresql]
    metafunc.parametrize("stores", engines, indirect=True, scope="session")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stores:
    if request.param == "postgresql":
        return PostgresStores(request.getfixturevalue("cluster"))
    return SqliteStores(tmp_path_factory.mktemp("stores"))


@pytest.fixture
def engine(stores: Stores) -> Iterator[Engine]:
    with stores.fresh() as engine:
        yield engine


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
