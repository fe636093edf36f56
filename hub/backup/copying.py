"""SQLite's online backup, read back before it is believed; an older copy put back as a new hub.

Facts that came after the copy are at the points for 90 days: under a new generation every node
compares what it has with what is held here and sends the rest again.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url

from hub.config import HubConfig
from hub.store import StartError, shown_url

NO_FILE = (
    "is no SQLite file; back it up with pg_dump and restore it with pg_restore, then run "
    "lianxin-hub restore without a file: the points must learn that it is an older store"
)


class Held(NamedTuple):
    """By what a copy is told from another."""

    facts: int
    mark: bytes
    entries: int


def store_file(config: HubConfig) -> Path | None:
    """Where the store is; None when it is a server's."""
    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def back_up(config: HubConfig, target: Path) -> Held:
    """Write a copy beside the running hub, read it back, and only then give it its name."""
    source = store_file(config)
    if source is None:
        raise StartError(f"store {shown_url(config)} {NO_FILE}")
    if not source.exists():
        raise StartError(f"{source}: no store; expected one that lianxin-hub init made")
    fresh = target.with_name(f"{target.name}.new")
    _copy(source, fresh)
    held = look(fresh, config.community)
    fresh.replace(target)
    _sync(target.parent)
    return held


def put_back(config: HubConfig, copy: Path) -> tuple[Held, Path | None]:
    """Put a copy in the store's place; what was there stays beside it under a dated name."""
    target = store_file(config)
    if target is None:
        raise StartError(f"store {shown_url(config)} {NO_FILE}")
    held = look(copy, config.community)
    config.data.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    _copy(copy, fresh)
    if look(fresh, config.community) != held:
        raise StartError(f"{fresh}: what was written reads otherwise than {copy}; try another disk")
    aside = _set_aside(target) if target.exists() else None
    fresh.replace(target)
    _sync(target.parent)
    return held, aside


def look(path: Path, community: str) -> Held:
    """Read a copy whole; StartError when it is torn, no store, or somebody else's."""
    if not path.is_file():
        raise StartError(f"{path}: no such file; expected a copy that lianxin-hub backup wrote")
    with _open(path) as db:
        try:
            verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                found = " ".join(str(verdict).split())
                raise StartError(f"{path}: damaged ({found}); take an older copy")
            here = {row[0] for row in db.execute("SELECT DISTINCT community FROM point_state")}
            if here and community not in here:
                found = ", ".join(sorted(here))
                raise StartError(f"{path}: a store of {found}, expected {community}")
            facts, mark = db.execute(
                "SELECT arrival, mark FROM fact WHERE community = ? ORDER BY arrival DESC LIMIT 1",
                (community,),
            ).fetchone() or (0, b"")
            entries = db.execute("SELECT count(*) FROM ledger_entry").fetchone()[0]
        except sqlite3.Error as error:
            raise StartError(f"{path}: no store of a hub: {error}; take another copy") from error
    return Held(facts, bytes(mark), entries)


def _copy(source: Path, target: Path) -> None:
    """As one file without a journal beside it, on the disk, for its owner alone."""
    target.unlink(missing_ok=True)
    try:
        target.touch(mode=0o600)
        with _open(source) as from_, contextlib.closing(sqlite3.connect(target)) as to:
            from_.backup(to)
            to.execute("PRAGMA journal_mode=DELETE")
        with target.open("rb") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise StartError(f"{target}: not written: {error}; check space and permissions") from error


@contextlib.contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=15)
    except sqlite3.Error as error:
        raise StartError(f"{path}: {error}; check permissions") from error
    with contextlib.closing(db):
        yield db


def _set_aside(store: Path) -> Path:
    """With the journal that belongs to it: together they are the store."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = store.with_name(f"{store.name}.before-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        beside = store.with_name(f"{store.name}{suffix}")
        if beside.exists():
            beside.rename(aside.with_name(f"{aside.name}{suffix}"))
    return aside


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
