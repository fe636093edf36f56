"""Opening an outbox: its content is whole, it is ours, and it is on the disk."""

import sqlite3
from contextlib import ExitStack
from pathlib import Path

from edge.store import mend
from edge.store.check import damage, damage_before_opening, forget_cached
from edge.store.file import (
    OutboxError,
    StoreFullError,
    Transaction,
    cannot_open,
    is_damage,
    only_one,
)
from edge.store.schema import connect, create, make_durable, meta, set_meta


def locked(folder: Path) -> ExitStack:
    """Make the folder and be its only daemon; raises OutboxError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as lock:
            lock.callback(only_one(folder).close)
            return lock.pop_all()
    except OSError as error:
        raise cannot_open(folder, error) from error


def opened(path: Path, owner: str, confirmed: int | None) -> sqlite3.Connection:
    """A connection to a whole outbox; raises OutboxError, StoreFullError for what may pass.

    ``confirmed``: after a failed write, the newest fact that was answered "recorded". What stands
    behind it was refused aloud, and goes.
    """
    with ExitStack() as unless_whole:
        try:
            if confirmed is not None:
                forget_cached(path)
            db, mended = _whole(path, owner)
            unless_whole.callback(db.close)
            make_durable(db)
            create(db)
            _own(db, path, owner)
            if confirmed is not None and not mended:
                _settle(db, path, confirmed)
        except (sqlite3.Error, OSError) as error:
            raise cannot_open(path, error) from error
        unless_whole.pop_all()
        return db


def _whole(path: Path, owner: str) -> tuple[sqlite3.Connection, bool]:
    """A connection that can be believed, and whether the file had to be mended for it."""
    mend.finish(path)
    why, db = damage_before_opening(path), None
    if why is None:
        db = connect(path)
        why = _looked_at(db, path)
    if db is not None and why is None:
        return db, False
    mend.mend(path, why or "", owner, db)
    return connect(path), True


def _looked_at(db: sqlite3.Connection, path: Path) -> str | None:
    try:
        return damage(db, path)
    except UnicodeDecodeError:  # Python cannot decode SQLite's message: it quotes damaged bytes
        return "SQLite's message quotes bytes that are no text"
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        db.close()
        raise


def _own(db: sqlite3.Connection, path: Path, owner: str) -> None:
    found = meta(db).get("owner")
    if found is None:
        with Transaction(db, path):
            set_meta(db, {"owner": owner})
    elif found != owner:
        msg = f"{path}: belongs to {found}, expected {owner}; set data to another folder"
        raise OutboxError(msg)


def _settle(db: sqlite3.Connection, path: Path, confirmed: int) -> None:
    """Write again what stands only in the log, so that a sync that works holds all of it."""
    busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        msg = f"{path}: another program reads it; it is opened when that has ended"
        raise StoreFullError(msg)
    with Transaction(db, path):
        db.execute("DELETE FROM fact WHERE n > ?", (confirmed,))
        db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'fact'", (confirmed,))
