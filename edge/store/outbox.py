"""The outbox: one SQLite file whose commits survive a power cut.

A row keeps its number ``n`` and its bytes for ever; its key (epoch, seq) and its chain may be given
anew when the hub knows more than this file does, that is, when an older image was restored.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from edge.failpoints import reached
from edge.store.file import OutboxError, Transaction, only_one
from wire.codec import chain_next, chain_seed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  id TEXT NOT NULL UNIQUE,
  wall_ms INTEGER NOT NULL,
  line BLOB NOT NULL,
  chain BLOB NOT NULL,
  acked_ms INTEGER,
  UNIQUE (epoch, seq)
);
CREATE INDEX IF NOT EXISTS fact_waiting ON fact (n) WHERE acked_ms IS NULL;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
KEEP_MS = 90 * 24 * 3600 * 1000


@dataclass(frozen=True)
class NewFact:
    """A line to record; encoded once, by the caller."""

    id: str
    wall_ms: int
    line: bytes


@dataclass(frozen=True)
class Row:
    """A recorded fact under its present key."""

    n: int
    seq: int
    line: bytes


class Outbox:
    """Owned by one thread. Opening it starts a new boot of the node, committed."""

    def __init__(self, path: Path, community: str, point: str) -> None:
        self._path = path
        self.epoch = ""
        self._chain = b""
        self.next_seq = 1
        self.acked = 0
        self.waiting = 0
        with ExitStack() as opened:
            self._open(opened, f"{community}/{point}")
            self._load_tail()
            self._opened = opened.pop_all()

    def _open(self, opened: ExitStack, owner: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened.callback(only_one(self._path.parent).close)
            self._db = sqlite3.connect(self._path, isolation_level=None)
            opened.callback(self._db.close)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._check()
            self._db.executescript(_SCHEMA)
            self._own(owner)
            with self._transaction():
                self.boot = int(self._meta("boot") or 0) + 1
                self._set_meta("boot", str(self.boot))
                if self._meta("epoch") is None:
                    self._set_meta("epoch", secrets.token_hex(16))
        except (sqlite3.Error, OSError) as error:
            msg = f"{self._path}: cannot be opened: {error}; check space and permissions"
            raise OutboxError(msg) from error

    def close(self) -> None:
        """Everything is committed already; this frees the file and its folder."""
        self._opened.close()

    def append(self, facts: list[NewFact]) -> list[int]:
        """Commit the facts and return their numbers ``n``; StoreFullError records none of them."""
        chain, seq = self._chain, self.next_seq
        numbers: list[int] = []
        reached("edge-before-commit")
        with self._transaction():
            for fact in facts:
                chain = chain_next(chain, fact.line)
                row = (self.epoch, seq, fact.id, fact.wall_ms, fact.line, chain)
                numbers.append(self._insert(row))
                seq += 1
        reached("edge-after-commit")
        self._chain, self.next_seq = chain, seq
        self.waiting += len(facts)
        return numbers

    def pending(self, from_seq: int, limit: int) -> list[Row]:
        """Rows of the present epoch from ``from_seq`` on, in order."""
        rows = self._db.execute(
            "SELECT n, seq, line FROM fact WHERE epoch = ? AND seq >= ? ORDER BY seq LIMIT ?",
            (self.epoch, from_seq, limit),
        )
        return [Row(*row) for row in rows]

    def lines_since(self, wall_ms: int) -> Iterator[tuple[int, bytes]]:
        """``(n, line)`` from the first row at or after a wall time on, to rebuild the state."""
        first = self._db.execute(
            "SELECT min(n) FROM fact WHERE wall_ms >= ?", (wall_ms,)
        ).fetchone()[0]
        yield from self._db.execute(
            "SELECT n, line FROM fact WHERE n >= ? ORDER BY n", (first or 0,)
        )

    def chain_at(self, upto: int) -> bytes | None:
        """The chain after row ``upto`` of the present epoch; None when there is no such row."""
        if upto == 0:
            return chain_seed(self.epoch)
        row = self._db.execute(
            "SELECT chain FROM fact WHERE epoch = ? AND seq = ?", (self.epoch, upto)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def acknowledge(self, upto: int, now_ms: int) -> None:
        """Mark rows up to ``upto`` of the present epoch as held by the hub."""
        reached("edge-before-acknowledge")
        with self._transaction():
            done = self._db.execute(
                "UPDATE fact SET acked_ms = ? WHERE epoch = ? AND seq BETWEEN ? AND ?",
                (now_ms, self.epoch, self.acked + 1, upto),
            )
        self.acked = max(self.acked, upto)
        self.waiting -= done.rowcount
        reached("edge-after-acknowledge")

    def new_epoch(self, *, everything: bool = False) -> int:
        """Give every row not known to be at the hub a key in a new epoch; how many.

        ``everything``: the hub has lost its store, so no row counts as known any more. It drops by
        id the ones it still has.
        """
        epoch = secrets.token_hex(16)
        chain, seq = chain_seed(epoch), 0
        with self._transaction():
            if everything:
                self._db.execute("UPDATE fact SET acked_ms = NULL")
            rows = self._db.execute("SELECT n, line FROM fact WHERE acked_ms IS NULL ORDER BY n")
            for n, line in rows.fetchall():
                chain, seq = chain_next(chain, line), seq + 1
                self._db.execute(
                    "UPDATE fact SET epoch = ?, seq = ?, chain = ? WHERE n = ?",
                    (epoch, seq, chain, n),
                )
            self._set_meta("epoch", epoch)
        self._load_tail()
        return seq

    def forget_after(self, upto: int) -> None:
        """A restored hub lacks the rows after ``upto`` of this epoch: they wait again."""
        with self._transaction():
            self._db.execute(
                "UPDATE fact SET acked_ms = NULL WHERE epoch = ? AND seq > ?", (self.epoch, upto)
            )
        self._load_tail()

    def prune(self, now_ms: int) -> None:
        """Drop rows acknowledged more than 90 days ago; the newest row always stays."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM fact WHERE acked_ms < ? AND n < (SELECT max(n) FROM fact)",
                (now_ms - KEEP_MS,),
            )

    @property
    def hub_generation(self) -> str | None:
        """The generation of the hub that acknowledged last."""
        return self._meta("hub_generation")

    def remember_hub(self, generation: str) -> None:
        """Commit the generation before acting on it."""
        with self._transaction():
            self._set_meta("hub_generation", generation)

    @property
    def newest_wall_ms(self) -> int | None:
        """The clock floor."""
        newest: int | None = self._db.execute("SELECT max(wall_ms) FROM fact").fetchone()[0]
        return newest

    def oldest_waiting_ms(self) -> int | None:
        """Wall time of the oldest fact without a receipt."""
        row = self._db.execute(
            "SELECT wall_ms FROM fact WHERE acked_ms IS NULL ORDER BY n LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    def _check(self) -> None:
        verdict = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            msg = f"{self._path}: damaged ({verdict}); keep the file and start with a new folder"
            raise OutboxError(msg)

    def _own(self, owner: str) -> None:
        found = self._meta("owner")
        if found is None:
            self._set_meta("owner", owner)
        elif found != owner:
            msg = f"{self._path}: belongs to {found}, expected {owner}; set data to another folder"
            raise OutboxError(msg)

    def _load_tail(self) -> None:
        self.epoch = self._meta("epoch") or ""
        seq, acked = self._db.execute(
            "SELECT coalesce(max(seq), 0),"
            " coalesce(max(seq) FILTER (WHERE acked_ms IS NOT NULL), 0)"
            " FROM fact WHERE epoch = ?",
            (self.epoch,),
        ).fetchone()
        self.next_seq = seq + 1
        self.acked = acked
        self._chain = self.chain_at(seq) or chain_seed(self.epoch)
        self.waiting = self._db.execute(
            "SELECT count(*) FROM fact WHERE acked_ms IS NULL"
        ).fetchone()[0]

    def _insert(self, row: Iterable[object]) -> int:
        cursor = self._db.execute(
            "INSERT INTO fact (epoch, seq, id, wall_ms, line, chain) VALUES (?, ?, ?, ?, ?, ?)",
            tuple(row),
        )
        return int(cursor.lastrowid or 0)

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def _transaction(self) -> Transaction:
        return Transaction(self._db, self._path)
