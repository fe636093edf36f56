"""A migrated store for every test, on SQLite and PostgreSQL, and the application over it.

`make test` runs a module on PostgreSQL if it is marked ``both_engines``; `make test-all` runs the
others there too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine

from hub.access.tokens import issue
from hub.app import create_app, work_on
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
    app = _app()
    work_on(app, hub)
    with TestClient(app) as client:
        yield client


@cache
def _app() -> FastAPI:
    """One for all: making its routes takes longer than most tests."""
    return create_app(Hub(create_engine("sqlite://"), COMMUNITY, Clock(), b"s" * 32))


def bearer(hub: Hub, role: Role) -> dict[str, str]:
    """Headers of somebody with a role, as after a login; a password's hash takes a while."""
    token = issue(hub.secret, hub.community, f"a-{role}", role, hub.now_ms())
    return {"Authorization": f"Bearer {token}"}
