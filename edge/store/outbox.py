"""The outbox: one SQLite file whose commits survive a power cut.

A row keeps its number ``n`` and its bytes for ever; its key (epoch, seq) and its chain may be given
anew when the hub knows more than this file does, that is, when an older image was restored.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.failpoints import reached
from edge.store.carve import crc_of
from edge.store.file import OutboxError, StoreFullError, Transaction, is_doubtful, refused
from edge.store.mend import KEEP_MS, UNSAID, as_unsaid, unsaid
from edge.store.opening import locked, opened
from edge.store.schema import NewFact, insert, meta, set_meta
from wire.codec import chain_next, chain_seed
from wire.facts import Void

__all__ = ["KEEP_MS", "NewFact", "Outbox", "Row"]


@dataclass(frozen=True)
class Row:
    """A recorded fact under its present key."""

    n: int
    seq: int
    line: bytes


class Outbox:
    """Owned by one thread. Opening it starts a new boot of the node, committed.

    Closed (``usable`` is False) while the disk lets nothing be written, and after a failed write,
    until :meth:`reopen` has read it again from the disk: meanwhile it refuses everything.
    """

    def __init__(self, path: Path, community: str, point: str) -> None:
        self.path = path
        self._owner = f"{community}/{point}"
        self._lock: ExitStack | None = None
        self._open: sqlite3.Connection | None = None
        self.epoch = ""
        self.boot = 0
        self._chain = b""
        self._n: int | None = None
        self.next_seq = 1
        self.acked = 0
        self.waiting = 0
        self.trouble = ""
        """Why it is closed."""
        self.reopen()

    @property
    def usable(self) -> bool:
        """Whether facts can be written and read."""
        return self._open is not None

    def reopen(self) -> bool:
        """Open it if it is closed; False when the disk still refuses. Raises OutboxError."""
        if self._open is not None:
            return True
        try:
            self._lock = self._lock or locked(self.path.parent)
            self._open = opened(self.path, self._owner, self._n)
            self._start_boot()
            self._load_tail()
        except StoreFullError as error:
            self._close(str(error))
            return False
        except OutboxError:
            self.close()
            raise
        self.trouble = ""
        return True

    def close(self) -> None:
        """Everything is committed already; this frees the file and its folder."""
        self._close(f"{self.path}: closed")
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _close(self, why: str) -> None:
        self.trouble = why
        if self._open is not None:
            self._open.close()
            self._open = None

    def _start_boot(self) -> None:
        """The same process goes on with its number."""
        boot = self.boot or int(self._meta("boot") or 0) + 1
        fresh = {} if self._meta("epoch") else {"epoch": secrets.token_hex(16)}
        with self._transaction():
            set_meta(self._db, {"boot": str(boot)} | fresh)
        self.boot = boot

    @property
    def _db(self) -> sqlite3.Connection:
        if self._open is None:
            raise StoreFullError(self.trouble)
        return self._open

    def append(self, facts: list[NewFact]) -> list[int]:
        """Commit the facts and return their numbers ``n``; StoreFullError records none of them."""
        chain, seq = self._chain, self.next_seq
        newest = self._n or 0
        numbers = range(newest + 1, newest + 1 + len(facts))
        reached("edge-before-commit")
        with self._transaction():
            for n, fact in zip(numbers, facts, strict=True):
                chain = chain_next(chain, fact.line)
                insert(self._db, n, (self.epoch, seq), fact, chain)
                seq += 1
        reached("edge-after-commit")
        self._chain, self.next_seq = chain, seq
        self._n = newest + len(facts)
        self.waiting += len(facts)
        return list(numbers)

    def probe(self) -> None:
        """Write something that changes nothing: StoreFullError when facts would be refused."""
        with self._transaction():
            set_meta(self._db, {"boot": str(self.boot)})

    def pending(self, from_seq: int, limit: int) -> list[Row]:
        """Rows of the present epoch from ``from_seq`` on, in order."""
        rows = self._rows(
            "SELECT n, wall_ms, line, crc, seq FROM fact WHERE epoch = ? AND seq >= ?"
            " ORDER BY seq LIMIT ?",
            (self.epoch, from_seq, limit),
        )
        return [Row(n, seq, line) for n, line, seq in rows]

    def lines_since(self, wall_ms: int) -> Iterator[tuple[int, bytes]]:
        """``(n, line)`` from the first row at or after a wall time on, to rebuild the state."""
        first = self._one("SELECT min(n) FROM fact WHERE wall_ms >= ?", (wall_ms,))[0]
        rows = self._rows(
            "SELECT n, wall_ms, line, crc, seq FROM fact WHERE n >= ? ORDER BY n", (first or 0,)
        )
        yield from ((n, line) for n, line, _ in rows)

    def _rows(self, sql: str, values: tuple[object, ...]) -> Iterator[tuple[int, bytes, int]]:
        """``(n, line, seq)``; a line that is not what was written is not handed out."""
        with self._believing():
            for n, wall_ms, line, crc, seq in self._db.execute(sql, values):
                if crc is not None and crc != crc_of(n, wall_ms, line):
                    self._doubt()
                    msg = f"{self.path}: fact n={n} is not what was written"
                    raise StoreFullError(msg)
                yield n, line, seq

    def _one(self, sql: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
        with self._believing():
            found: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return found or (None,)

    @contextmanager
    def _believing(self) -> Iterator[None]:
        """What cannot be read may be damaged: closed, and looked at when it is opened again."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if is_doubtful(error):
                self._doubt()
            raise refused(self.path, error) from error

    def _doubt(self) -> None:
        self._close(f"{self.path}: closed after an error; it is read again")

    def chain_at(self, upto: int) -> bytes | None:
        """The chain after row ``upto`` of the present epoch; None when there is no such row."""
        if upto == 0:
            return chain_seed(self.epoch)
        chain = self._one("SELECT chain FROM fact WHERE epoch = ? AND seq = ?", (self.epoch, upto))[
            0
        ]
        return None if chain is None else bytes(chain)

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

    def new_epoch(self, *, everything: bool = False, lost: Sequence[Void] = ()) -> int:
        """Give every row not known to be at the hub a key in a new epoch; how many.

        ``everything``: the hub has lost its store, so no row counts as known any more. It drops by
        id the ones it still has. ``lost``: what is to be recorded of it.
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
            set_meta(self._db, {"epoch": epoch} | self._with_unsaid(lost))
        self._load_tail()
        return seq

    def unsaid(self) -> list[Void]:
        """Facts to record about facts that can no longer be had; then call :meth:`said`."""
        return unsaid(self._meta(UNSAID)) if self.usable else []

    def said(self) -> None:
        """They are recorded; a kill before this records them twice, which harms nobody."""
        with self._transaction():
            set_meta(self._db, {UNSAID: as_unsaid([])})

    def _with_unsaid(self, lost: Sequence[Void]) -> dict[str, str]:
        return {UNSAID: as_unsaid([*self.unsaid(), *lost])} if lost else {}

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
            set_meta(self._db, {"hub_generation": generation})

    @property
    def newest_wall_ms(self) -> int | None:
        """The clock floor."""
        newest: int | None = None
        if self.usable:
            newest = self._one("SELECT max(wall_ms) FROM fact")[0]
        return newest

    def oldest_waiting_ms(self) -> int | None:
        """Wall time of the oldest fact without a receipt."""
        oldest: int | None = None
        if self.usable:
            sql = "SELECT wall_ms FROM fact WHERE acked_ms IS NULL ORDER BY n LIMIT 1"
            oldest = self._one(sql)[0]
        return oldest

    def _load_tail(self) -> None:
        self.epoch = self._meta("epoch") or ""
        seq, self.acked = self._one(
            "SELECT coalesce(max(seq), 0),"
            " coalesce(max(seq) FILTER (WHERE acked_ms IS NOT NULL), 0)"
            " FROM fact WHERE epoch = ?",
            (self.epoch,),
        )
        self.next_seq = seq + 1
        self._chain = self.chain_at(seq) or chain_seed(self.epoch)
        self._n, self.waiting = self._one(
            "SELECT coalesce(max(n), 0), count(*) FILTER (WHERE acked_ms IS NULL) FROM fact"
        )

    def _meta(self, key: str) -> str | None:
        with self._believing():
            return meta(self._db).get(key)

    def _transaction(self) -> Transaction:
        return Transaction(self._db, self.path, self._doubt)
