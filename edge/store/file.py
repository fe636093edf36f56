"""The file under the outbox: one owner, transactions that hold or leave nothing, their errors."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import IO

_REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DOUBTFUL = (*_DAMAGED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_PRIMARY_CODE = 0xFF


class OutboxError(Exception):
    """The outbox cannot be used; the message says what to do."""


class StoreFullError(OutboxError):
    """Nothing was written: there is no space, or the disk refuses. Refuse the tap aloud."""


def only_one(folder: Path) -> IO[bytes]:
    """Held while a daemon works in this folder; the kernel frees it when the process dies."""
    lock = (folder / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        msg = f"{folder}: another lianxin-edge works in this folder; stop it first"
        raise OutboxError(msg) from None
    return lock


def sync_folder(folder: Path) -> None:
    """Names made, changed or gone in this folder survive a power cut from now on."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file's content is wrong."""
    return _code(error) in _DAMAGED


def is_doubtful(error: sqlite3.Error) -> bool:
    """Whether what SQLite holds in memory may differ from the disk from now on."""
    return _code(error) in _DOUBTFUL


def refused(path: Path, error: Exception) -> StoreFullError:
    """The words for a write that did not happen."""
    return StoreFullError(f"{path}: nothing written: {error}; free space or replace the card")


def cannot_open(path: Path, error: sqlite3.Error | OSError) -> OutboxError:
    """StoreFullError for what passes (space, a read-only disk); else what a technician must do."""
    if _passes(path, error):
        return refused(path, error)
    return OutboxError(f"{path}: cannot be opened: {error}; check space and permissions")


def _passes(path: Path, error: sqlite3.Error | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno in _REFUSED
    allowed = all(
        os.access(item, os.R_OK | os.W_OK) for item in (path.parent, path) if item.exists()
    )
    # The superuser may write anywhere, and yet not on a read-only disk.
    return allowed or bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)


def _of_the_disk(error: sqlite3.DatabaseError) -> bool:
    """And not of our own statement."""
    return isinstance(error, sqlite3.OperationalError) or is_damage(error)


def _code(error: sqlite3.Error) -> int:
    # Python raises some of its own, without a code of SQLite.
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


class Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK and StoreFullError when the disk refuses.

    ``in_doubt`` is called before that error when nothing in memory can be believed any more.
    """

    def __init__(
        self, db: sqlite3.Connection, path: Path, in_doubt: Callable[[], None] = lambda: None
    ) -> None:
        self._db = db
        self._path = path
        self._in_doubt = in_doubt

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            raise self._refused(error) from error

    def __exit__(self, _type: object, failed: BaseException | None, _trace: object) -> None:
        if failed is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                self._roll_back()
                raise self._refused(error) from error
            return
        self._roll_back()
        if isinstance(failed, sqlite3.DatabaseError) and _of_the_disk(failed):
            raise self._refused(failed) from failed

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.DatabaseError:
            self._in_doubt()

    def _refused(self, error: sqlite3.DatabaseError) -> StoreFullError:
        if is_doubtful(error):
            self._in_doubt()
        return refused(self._path, error)
