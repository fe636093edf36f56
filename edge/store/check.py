"""Whether an outbox can be believed: asked at every start and after every failed write."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from edge.store.carve import committed_beyond, crc_of
from edge.store.schema import COLUMNS, OBJECTS, columns, meta, meta_is_whole

SMALLEST_PAGE_BYTES = 512


def wal_of(path: Path) -> Path:
    """SQLite's write-ahead log beside a database."""
    return path.with_name(f"{path.name}-wal")


def damage_before_opening(path: Path) -> str | None:
    """What SQLite would not report but make worse: it deletes the log of an empty database."""
    log = wal_of(path)
    if path.exists() and path.stat().st_size < SMALLEST_PAGE_BYTES:
        return f"the file has {path.stat().st_size} bytes"
    if not path.exists() and log.exists() and log.stat().st_size:
        return "the file is gone and its write-ahead log is there"
    return None


def damage(db: sqlite3.Connection, path: Path) -> str | None:
    """What is wrong with the content, None if nothing; reads every row, writes nothing.

    Raises sqlite3.Error where SQLite itself cannot go on.
    """
    return _structure(db) or _rows(db) or _keys(db) or _log(db, path)


def forget_cached(path: Path) -> None:
    """After a failed write the kernel may hold what is not on the disk: read that again."""
    for file in (path, wal_of(path)):
        if file.exists():
            with file.open("rb") as opened:
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _structure(db: sqlite3.Connection) -> str | None:
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    if not names:
        return None
    known = {name for name in names if not name.startswith("sqlite_autoindex")}
    if known != OBJECTS:
        return f"holds {sorted(known)}, expected {sorted(OBJECTS)}"
    if tuple(columns(db)) not in (COLUMNS, COLUMNS[:-1]):
        return f"columns {columns(db)}, expected {list(COLUMNS)}"
    verdict = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    return None if verdict == "ok" else verdict


def _rows(db: sqlite3.Connection) -> str | None:
    if len(columns(db)) < len(COLUMNS):
        return None
    with closing(db.execute("SELECT n, wall_ms, line, crc FROM fact ORDER BY n")) as rows:
        for n, wall_ms, line, crc in rows:
            whole = isinstance(line, bytes) and crc in (None, crc_of(n, wall_ms, line))
            if not whole:
                return f"fact n={n} is not what was written"
    return None


def _keys(db: sqlite3.Connection) -> str | None:
    """The rows of the epoch follow each other, and none of an earlier one waits."""
    if not columns(db):
        return None
    if not meta_is_whole(db):
        return "meta is not what was written"
    epoch = meta(db).get("epoch", "")
    count, first, last = db.execute(
        "SELECT count(*), min(seq), max(seq) FROM fact WHERE epoch = ?", (epoch,)
    ).fetchone()
    if count and last - first + 1 != count:
        return f"epoch {epoch} has {count} facts between {first} and {last}"
    astray = db.execute(
        "SELECT count(*) FROM fact WHERE acked_ms IS NULL AND epoch != ?", (epoch,)
    ).fetchone()[0]
    return f"{astray} facts wait in an earlier epoch" if astray else None


def _log(db: sqlite3.Connection, path: Path) -> str | None:
    """SQLite silently ends its log at the first frame whose sum is wrong."""
    log = wal_of(path)
    if not log.exists():
        return None
    newest = db.execute("SELECT max(n) FROM fact").fetchone()[0] if columns(db) else 0
    page_bytes = int(db.execute("PRAGMA page_size").fetchone()[0])
    lost = committed_beyond(log.read_bytes(), page_bytes, newest or 0)
    return f"fact n={lost} stands in the log, not in the file" if lost else None
