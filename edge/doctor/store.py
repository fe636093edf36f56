"""What the point keeps: the outbox and the roster, only looked at."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge.config import EdgeConfig
from edge.doctor.finding import HOUR_MS, Finding, age
from edge.link.roster_cache import RosterCache
from edge.store.mend import evidence
from wire.codec import BadMessageError, decode
from wire.roster import RosterManifest

LONG_WAIT_MS = HOUR_MS
OLD_ROSTER_MS = 7 * 24 * HOUR_MS
MENDS_ITSELF = "if it is damaged, restart the daemon: it keeps the file and saves what is whole"
_BUSY_S = 2.0


def outbox(config: EdgeConfig, wall_ms: int) -> Finding:
    """Read-only, so that a running daemon does not notice."""
    path = config.data / "outbox.db"
    if not path.exists():
        return Finding("warn", f"outbox: no {path}", "normal before the daemon's first start")
    try:
        with closing(_open(path)) as db:
            return _judge(db, path, f"{config.community}/{config.point}", wall_ms)
    except sqlite3.Error as error:
        remedy = f"check permissions; {MENDS_ITSELF}"
        return Finding("fail", f"outbox: {path}: {error}", remedy)


def damaged(config: EdgeConfig) -> Iterator[Finding]:
    """Files that the daemon set aside; its fault stays open until somebody has looked."""
    for path in evidence(config.data):
        remedy = "copy it away with its -wal for whoever asks, then delete both; replace the card"
        yield Finding("warn", f"outbox: it was damaged and mended: {path.name}", remedy)


def _open(path: Path) -> sqlite3.Connection:
    # Without a write-ahead log nobody has it open; then not even an index file may be left behind.
    closed = not path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro&immutable=1" if closed else "mode=ro"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, timeout=_BUSY_S)


def _judge(db: sqlite3.Connection, path: Path, owner: str, wall_ms: int) -> Finding:
    verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        return Finding("fail", f"outbox: {path}: damaged ({verdict})", MENDS_ITSELF)
    found = db.execute("SELECT value FROM meta WHERE key = 'owner'").fetchone()
    if found is not None and found[0] != owner:
        remedy = "set data to another folder"
        return Finding("fail", f"outbox: {path} belongs to {found[0]}, expected {owner}", remedy)
    waiting, oldest_ms = db.execute(
        "SELECT count(*), min(wall_ms) FROM fact WHERE acked_ms IS NULL"
    ).fetchone()
    return waiting_finding(waiting, wall_ms - (oldest_ms or wall_ms))


def waiting_finding(waiting: int, oldest_age_ms: int) -> Finding:
    """Facts may wait for weeks, but somebody should know."""
    if not waiting:
        return Finding("ok", "outbox: nothing waits for the hub")
    what = f"outbox: {waiting} facts wait for the hub, the oldest for {age(oldest_age_ms)}"
    if oldest_age_ms < LONG_WAIT_MS:
        return Finding("ok", what)
    return Finding("warn", what, "nothing is lost; see hub_broker, and whether the daemon runs")


def roster(config: EdgeConfig, wall_ms: int) -> Finding:
    """Which cards the point knows, and since when."""
    remedy = "start the daemon with the hub in reach; until then every card is unknown"
    path = config.data / "roster" / "manifest.json"
    try:
        manifest = decode(path.read_bytes(), RosterManifest)
    except FileNotFoundError:
        return Finding("warn", "roster: none yet", remedy)
    except (OSError, BadMessageError) as error:
        return Finding("warn", f"roster: {path}: {error}", remedy)
    cache = RosterCache(config.data)
    if cache.version != manifest.version:
        return Finding("warn", f"roster: pages of version {manifest.version} are damaged", remedy)
    age_ms = wall_ms - manifest.made_ms
    what = f"roster: version {cache.version}, {len(cache.doors)} cards, {age(age_ms)} old"
    if age_ms > OLD_ROSTER_MS:
        return Finding("warn", what, "new cards are unknown here until the hub is reached")
    return Finding("ok", what)
