"""The file under the outbox: one owner, transactions that hold or leave nothing, their errors."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import IO


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


class Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK and StoreFullError when the disk refuses."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise self._refused(error) from error

    def __exit__(self, _type: object, failed: BaseException | None, _trace: object) -> None:
        if failed is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._roll_back()
                raise self._refused(error) from error
            return
        self._roll_back()
        if isinstance(failed, sqlite3.OperationalError):
            raise self._refused(failed) from failed

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _refused(self, error: sqlite3.OperationalError) -> StoreFullError:
        return StoreFullError(
            f"{self._path}: nothing written: {error}; free space or replace the card"
        )
