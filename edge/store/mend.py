"""A damaged outbox: its files are set aside, what is whole goes on under a new epoch.

Every fact goes out again, because no mark of a damaged file can be believed; the hub drops by id
what it has. A kill at any moment leaves the old files, or the mended one, whole.
"""

import json
import logging
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from edge.failpoints import reached
from edge.store.carve import Carved, carve, gone, highest_n, newest_of_each
from edge.store.check import wal_of
from edge.store.file import sync_folder
from edge.store.schema import NewFact, connect, create, insert, make_durable, set_meta
from wire.codec import chain_next, chain_seed
from wire.facts import Void

KEEP_MS = 90 * 24 * 3600 * 1000
MOST_EVIDENCE = 5
"""A dying card is mended at every start; its space is needed for facts."""
UNSAID = "unsaid"
log = logging.getLogger(__name__)


def evidence(folder: Path) -> list[Path]:
    """Damaged files that were set aside, each with the log beside it, oldest first."""
    found = folder.glob("outbox.damaged-*")
    return sorted({path.with_name(path.name.removesuffix("-wal")) for path in found})


def mend(path: Path, why: str, owner: str, using: sqlite3.Connection | None) -> None:
    """Put a whole outbox in the place of a damaged one; raises sqlite3.Error, OSError.

    ``using`` is closed here: only a file that has moved away is left alone by its last connection.
    """
    try:
        old, log_bytes = _bytes(path), _bytes(wal_of(path))
        rows = newest_of_each([*carve(old), *carve(log_bytes)], KEEP_MS)
        lost = gone(rows, max(highest_n(old), highest_n(log_bytes)))
        _write(_mended(path), rows, owner, lost)
        reached("edge-mended")
        aside = _set_aside(path)
    finally:
        if using is not None:
            using.close()
    finish(path)
    log.error(
        "%s: damaged (%s); %d facts saved, %d gaps; evidence in %s", path, why, len(rows),
        len(lost), aside,
    )  # fmt: skip


def finish(path: Path) -> None:
    """After a kill while mending: take the mended file if the old one was set aside already."""
    mended = _mended(path)
    if not mended.exists():
        return
    if path.exists():
        _remove(mended)
        return
    if wal_of(path).exists():
        _move_log(path, max(evidence(path.parent), default=_free_name(path)))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    mended.replace(path)
    sync_folder(path.parent)


def unsaid(value: str | None) -> list[Void]:
    """What ``meta`` holds under UNSAID: facts about lost facts, still to be recorded."""
    return [Void.model_validate(item) for item in json.loads(value or "[]")]


def as_unsaid(voids: Sequence[Void]) -> str:
    """The same, to be written."""
    return json.dumps([void.model_dump(exclude_none=True) for void in voids])


def _write(mended: Path, rows: list[Carved], owner: str, lost: list[Void]) -> None:
    _remove(mended)
    epoch = secrets.token_hex(16)
    chain, n = chain_seed(epoch), 0
    with closing(connect(mended)) as db:
        make_durable(db)
        create(db)
        db.execute("BEGIN")
        for seq, row in enumerate(rows, start=1):
            chain, n = chain_next(chain, row.line), max(n + 1, row.n)
            insert(db, n, (epoch, seq), NewFact(row.id, row.wall_ms, row.line), chain)
        boot = max((row.boot for row in rows), default=0)
        known = {"owner": owner, "epoch": epoch, "boot": str(boot), UNSAID: as_unsaid(lost)}
        set_meta(db, known)
        db.execute("COMMIT")


def _set_aside(path: Path) -> Path:
    aside = _free_name(path)
    if path.exists():
        path.replace(aside)
    reached("edge-set-aside")
    if wal_of(path).exists():
        _move_log(path, aside)
    sync_folder(path.parent)
    for old in evidence(path.parent)[:-MOST_EVIDENCE]:
        _remove(old)
    return aside


def _move_log(path: Path, aside: Path) -> None:
    wal_of(path).replace(wal_of(aside))


def _free_name(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return path.with_name(f"outbox.damaged-{stamp}.db")


def _mended(path: Path) -> Path:
    return path.with_name("outbox.mended")


def _remove(path: Path) -> None:
    for file in (path, wal_of(path), path.with_name(f"{path.name}-journal")):
        file.unlink(missing_ok=True)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
