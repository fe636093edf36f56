"""The baseline of the intake: the rows it wrote, written once more by bare SQLite in its groups."""

import re
import shutil
import sqlite3
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GROUP = re.compile(r"intake accepted=(\d+) upto=(\d+)")
BY_ARRIVAL = (
    "fact", "visit", "point_verdict", "deposit", "assignment", "shift_event", "boot_clock",
)  # fmt: skip
Row = tuple[Any, ...]


def groups(log: Path, after: int) -> list[int]:
    """The last arrival of every group that the hub committed after this one."""
    found = [int(upto) for _, upto in GROUP.findall(log.read_text(encoding="utf-8"))]
    return [upto for upto in found if upto > after]


@dataclass
class Group:
    """Statements of one transaction with their rows."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


class ReadyRows:
    """Reads what a hub wrote, and writes it into a store of the same schema."""

    def __init__(self, hub_store: Path, empty_store: Path, own: Path) -> None:
        shutil.copy(empty_store, own)
        self._hub = hub_store
        self._db = sqlite3.connect(own, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        self._db.close()

    def take(self, after: int, ends: list[int]) -> list[Group]:
        """The rows of the groups that end at these arrivals, ready to be bound."""
        made = []
        uri = f"file:{self._hub}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as db:
            for end in ends:
                made.append(_group(db, after, end))
                after = end
        return made

    def write(self, made: list[Group]) -> float:
        """Seconds, a commit a group."""
        begun_s = time.perf_counter()
        for group in made:
            self._db.execute("BEGIN IMMEDIATE")
            for statement, rows in group.rows.items():
                self._db.executemany(statement, rows)
            self._db.execute("COMMIT")
        return time.perf_counter() - begun_s


def _group(db: sqlite3.Connection, after: int, end: int) -> Group:
    group, span = Group(), (after, end)
    for name in BY_ARRIVAL:
        rows = db.execute(f"SELECT * FROM {name} WHERE arrival > ? AND arrival <= ?", span)
        _add(group, name, rows.fetchall(), "")
    facts = "SELECT community, point, epoch, max(seq) FROM fact WHERE arrival > ? AND arrival <= ?"
    for community, point, epoch, upto in db.execute(f"{facts} GROUP BY point, epoch", span):
        state = db.execute(
            "SELECT * FROM epoch_state WHERE community = ? AND point = ? AND epoch = ?",
            (community, point, epoch),
        ).fetchone()
        columns = [item[1] for item in db.execute("PRAGMA table_info(epoch_state)")]
        row = dict(zip(columns, state, strict=True)) | {"upto": upto}
        _add(group, "epoch_state", [tuple(row.values())], " OR REPLACE")
    levels = (
        "SELECT community, point, bin, level_g, max(arrival) FROM deposit"
        " WHERE arrival > ? AND arrival <= ? GROUP BY point, bin"
    )
    _add(group, "bin_level", db.execute(levels, span).fetchall(), " OR REPLACE")
    days = (
        "SELECT community, day, max(arrival) FROM visit"
        " WHERE arrival > ? AND arrival <= ? GROUP BY day"
    )
    _add(group, "touched_day", db.execute(days, span).fetchall(), " OR REPLACE")
    ended = "SELECT * FROM point_day WHERE arrival > ? AND arrival <= ?"
    _add(group, "point_day", db.execute(ended, span).fetchall(), " OR REPLACE")
    return group


def _add(group: Group, name: str, rows: list[Row], how: str) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        group.rows[f"INSERT{how} INTO {name} VALUES ({marks})"] = rows
