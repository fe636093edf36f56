"""The outbox as SQLite sees it: tables, connection, rows in and their check sums."""

import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.store.carve import crc_of

COLUMNS = ("n", "epoch", "seq", "id", "wall_ms", "line", "chain", "acked_ms", "crc")
OBJECTS = {"fact", "fact_waiting", "meta", "sqlite_sequence"}
SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  id TEXT NOT NULL UNIQUE,
  wall_ms INTEGER NOT NULL,
  line BLOB NOT NULL,
  chain BLOB NOT NULL,
  acked_ms INTEGER,
  crc INTEGER,
  UNIQUE (epoch, seq)
);
CREATE INDEX IF NOT EXISTS fact_waiting ON fact (n) WHERE acked_ms IS NULL;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_SUM = "sum"


@dataclass(frozen=True)
class NewFact:
    """A line to record; encoded once, by the caller."""

    id: str
    wall_ms: int
    line: bytes


def connect(path: Path) -> sqlite3.Connection:
    """A connection; nothing is read or written yet. Text that is none is damage, not an error."""
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = lambda text: text.decode(errors="replace")
    return db


def make_durable(db: sqlite3.Connection) -> None:
    """Commits survive a power cut; what is deleted does not come back from a damaged file."""
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA secure_delete=ON")


def create(db: sqlite3.Connection) -> None:
    """Tables, if they are not there; a column more, if they are older than it."""
    db.executescript(SCHEMA)
    if "crc" not in columns(db):
        db.execute("ALTER TABLE fact ADD COLUMN crc INTEGER")


def columns(db: sqlite3.Connection) -> list[str]:
    """Of the table of facts; none when there is no such table."""
    return [str(row[1]) for row in db.execute("PRAGMA table_info(fact)")]


def insert(
    db: sqlite3.Connection, n: int, key: tuple[str, int], fact: NewFact, chain: bytes
) -> None:
    """One fact under its key (epoch, seq)."""
    db.execute(
        "INSERT INTO fact (n, epoch, seq, id, wall_ms, line, chain, crc)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (n, *key, fact.id, fact.wall_ms, fact.line, chain, crc_of(n, fact.wall_ms, fact.line)),
    )


def meta(db: sqlite3.Connection) -> dict[str, str]:
    """Everything but the facts."""
    found = dict(db.execute("SELECT key, value FROM meta"))
    found.pop(_SUM, None)
    return found


def set_meta(db: sqlite3.Connection, changes: dict[str, str]) -> None:
    """Within a transaction: the values and the check sum over all of them."""
    rows = changes | {_SUM: _sum_of(meta(db) | changes)}
    db.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", rows.items())


def meta_is_whole(db: sqlite3.Connection) -> bool:
    """Whether the values are what was written; true of a file older than the check sum."""
    found = db.execute("SELECT value FROM meta WHERE key = ?", (_SUM,)).fetchone()
    return found is None or found[0] == _sum_of(meta(db))


def _sum_of(values: Mapping[str, str]) -> str:
    return str(zlib.crc32("\n".join(f"{key}={values[key]}" for key in sorted(values)).encode()))
