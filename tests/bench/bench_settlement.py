"""A settlement of 3,281 households, a quarter of days to plain SQL, and why after two years."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from hub.access.tokens import issue
from hub.app import create_app
from hub.db import make_engine, write_session
from hub.rewards.settlement import settle_day
from hub.web.deps import Hub
from tests.bench import compound
from tests.bench.bench_point_memory import memory_mb
from tests.bench.harness import Figure, Place, percentile
from tests.hub.test_serve import serving, write_config
from wire.day import day_start_ms

DAY_LIMIT_MS, WHY_LIMIT_MS, MEMORY_LIMIT_MB = 100, 30, 100
SQL_LIMIT = 5.0
"""At least a fifth of the household-days a second of SQL that writes the same rows."""
QUARTER, ASKED = 91, 400
WRITTEN = (
    "ledger_posting", "ledger_entry", "settlement_run", "day_outcome", "visit_outcome",
)  # fmt: skip
"""In the order that the store's guards ask for."""
LATER_MS = 2 * 86_400_000


def figures(place: Place) -> Iterator[Figure]:
    """A store is made once and copied for each pair; both sides commit a day at a time."""
    yield _at_rest(place)
    template = place.folder / "template.db"
    days = compound.days(QUARTER)
    engine = compound.new_store(template)
    with write_session(engine) as session:
        for day in days:
            compound.add_day(session.connection(), day)
    _close(engine)
    yield from _one_day(place, template, days[0])
    yield _quarter(place, template, days)
    template.unlink()
    yield _why(place)


def settle(engine: Engine, day: date) -> tuple[float, float]:
    """Milliseconds with the commit, by the clock and of this process."""
    begun, used = time.perf_counter(), time.process_time()
    with write_session(engine) as session:
        settle_day(session, compound.COMMUNITY, day, day_start_ms(day) + LATER_MS)
    return (time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000


def _one_day(place: Place, template: Path, day: date) -> Iterator[Figure]:
    first, again, bare = [], [], []
    for _ in range(place.pairs):
        engine = _copy(place, template)
        first.append(settle(engine, day))
        again.append(settle(engine, day))
        _close(engine)
        bare.append(_sql(place, template, [day]) * 1000)
    title = f"a day of {compound.HOUSEHOLDS} households"
    walls = [wall for wall, _ in first]
    yield Figure(f"{title} to SQL that writes the same rows", "ms", walls, SQL_LIMIT, bare)
    for what, taken in ((f"{title}, first run", first), (f"{title}, again", again)):
        note = f"of it this process {min(cpu for _, cpu in taken):.0f} ms at best"
        yield Figure(what, "ms", [wall for wall, _ in taken], DAY_LIMIT_MS, note=note)


def _quarter(place: Place, template: Path, days: list[date]) -> Figure:
    ours, bare = [], []
    for _ in range(max(1, place.pairs // 3)):
        engine = _copy(place, template)
        ours.append(sum(settle(engine, day)[0] for day in days) / 1000)
        _close(engine)
        bare.append(_sql(place, template, days))
    count = compound.HOUSEHOLDS * len(days)
    rate = ", ".join(f"{count / taken:,.0f}/s" for taken in (min(ours), min(bare)))
    what = f"{count:,} household-days to SQL that writes the same rows"
    return Figure(what, "s", ours, SQL_LIMIT, bare, f"best {rate}")


def _sql(place: Place, template: Path, days: list[date]) -> float:
    """``INSERT … SELECT`` of what was settled just now, under the same guards, a day a commit."""
    done, other = place.folder / "copy.db", place.folder / "sql.db"
    shutil.copy(template, other)
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS done", (str(done),))
        begun = time.perf_counter()
        for run, _ in enumerate(days, 1):
            connection.execute("BEGIN IMMEDIATE")
            for name in WRITTEN:
                mine = f"FROM done.{name} WHERE run = {run}"
                if name == "ledger_posting":
                    entries = f"SELECT entry FROM done.ledger_entry WHERE run = {run}"
                    mine = f"FROM done.{name} WHERE entry IN ({entries})"
                connection.execute(f"INSERT INTO main.{name} SELECT * {mine}")
            connection.execute("COMMIT")
        taken = time.perf_counter() - begun
    other.unlink()
    return taken


def _why(place: Place) -> Figure:
    """One day of one household over HTTP with its look-up written down, after two years."""
    engine = compound.two_years(place.folder / "years.db")
    now_ms = day_start_ms(compound.LAST) + LATER_MS
    hub = Hub(engine, compound.COMMUNITY, lambda: now_ms, b"s" * 32)
    token = issue(hub.secret, hub.community, "li.fang", "office", now_ms)
    days, taken = compound.days(compound.YEARS_DAYS), []
    with TestClient(create_app(hub), headers={"Authorization": f"Bearer {token}"}) as client:
        for number in range(ASKED):
            day = days[number * 7 % len(days)]
            url = f"/households/{compound.home(number * 31 % compound.HOUSEHOLDS)}/days"
            begun = time.perf_counter()
            answer = client.get(f"{url}?from={day}&to={day}")
            taken.append((time.perf_counter() - begun) * 1000)
            assert answer.json()["days"][0]["run"], answer.text
    _close(engine)
    note = f"p50 {percentile(taken, 50):.1f} ms of {ASKED}"
    return Figure("why, p99 with two years", "ms", [percentile(taken, 99)], WHY_LIMIT_MS, note=note)


def _at_rest(place: Place) -> Figure:
    """The serving process with the compound in its store, seconds after it began to serve."""
    folder = place.folder / "rest"
    (folder / "data").mkdir(parents=True)
    _close(compound.new_store(folder / "data" / "hub.db"))
    with serving(write_config(folder)) as process:
        time.sleep(5)
        taken = memory_mb(process.pid)["VmRSS"]
    return Figure("resident at rest", "MB", [taken], MEMORY_LIMIT_MB)


def _copy(place: Place, template: Path) -> Engine:
    path = place.folder / "copy.db"
    for old in place.folder.glob("copy.db*"):
        old.unlink()
    shutil.copy(template, path)
    return make_engine(f"sqlite:///{path}")


def _close(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
