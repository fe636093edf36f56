"""Migrated stores for tests: a template for each engine, and fresh copies of it."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, event

from hub.db import make_engine, write_session
from hub.migrations import migrate
from hub.store import expect_points
from tests.hub.nodes import COMMUNITY, POINTS
from tests.postgres import Cluster

MANY_PAGES = 1_000_000


class Stores(Protocol):
    """Where fresh stores of one engine come from."""

    @contextmanager
    def fresh(self, *, hasty: bool = False) -> Iterator[Engine]:
        """A store of its own; ``hasty`` ones are not meant to survive a power cut."""

    @contextmanager
    def empty(self) -> Iterator[Engine]:
        """A database that nothing was migrated into."""

    @contextmanager
    def copied(self, engine: Engine) -> Iterator[Engine]:
        """A store as another one is now; nobody may be using that one."""

    @contextmanager
    def refusing(self, engine: Engine) -> Iterator[None]:
        """As if the disk were full, or the server away."""


class SqliteStores:
    """Copies of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._template = folder, folder / "template.db"
        engine = make_engine(f"sqlite:///{self._template}")
        _fill(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    @contextmanager
    def fresh(self, *, hasty: bool = False) -> Iterator[Engine]:
        with self._opened(self._template, hasty=hasty) as engine:
            yield engine

    @contextmanager
    def empty(self) -> Iterator[Engine]:
        with self._opened(None) as engine:
            yield engine

    @contextmanager
    def copied(self, engine: Engine) -> Iterator[Engine]:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        with self._opened(Path(str(engine.url.database))) as copy:
            yield copy

    @contextmanager
    def refusing(self, engine: Engine) -> Iterator[None]:
        pages = 1  # SQLite takes the present size for a limit that is too small

        def limit(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        event.listen(engine, "checkout", limit)
        yield
        pages = MANY_PAGES

    @contextmanager
    def _opened(self, template: Path | None, *, hasty: bool = False) -> Iterator[Engine]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / "hub.db"
            if template is not None:
                shutil.copy(template, path)
            engine = make_engine(f"sqlite:///{path}")
            if hasty:
                event.listen(engine, "connect", _hasty)
            yield engine
            engine.dispose()


class PostgresStores:
    """Databases made from a template; the cluster never syncs, so all are hasty."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._template = cluster, cluster.create()
        engine = make_engine(cluster.url(self._template))
        _fill(engine)
        engine.dispose()

    @contextmanager
    def fresh(self, *, hasty: bool = False) -> Iterator[Engine]:
        with self._opened(self._template) as engine:
            yield engine

    @contextmanager
    def empty(self) -> Iterator[Engine]:
        with self._opened("template0") as engine:
            yield engine

    @contextmanager
    def copied(self, engine: Engine) -> Iterator[Engine]:
        engine.dispose()
        with self._opened(str(engine.url.database)) as copy:
            yield copy

    @contextmanager
    def refusing(self, engine: Engine) -> Iterator[None]:
        name = str(engine.url.database)
        self._cluster.shut(name)
        yield
        self._cluster.open(name)

    @contextmanager
    def _opened(self, template: str) -> Iterator[Engine]:
        name = self._cluster.create(template)
        engine = make_engine(self._cluster.url(name))
        yield engine
        engine.dispose()
        self._cluster.drop(name)


def _fill(engine: Engine) -> None:
    migrate(engine)
    with write_session(engine) as session:
        expect_points(session, COMMUNITY, POINTS)


def _hasty(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
