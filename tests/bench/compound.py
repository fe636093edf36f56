"""A hub's store with the whole compound and days of visits, written as rows and not as facts."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert
from sqlmodel import SQLModel

from hub.db import make_engine, table, write_session
from hub.migrations import migrate
from hub.registry.tables import CardBinding, Household
from hub.rewards.policy import ensure_default_policy
from hub.store import expect_points
from hub.visits.tables import PointDay, PointVerdict, TouchedDay, Visit
from wire.day import day_start_ms

COMMUNITY = "lhyy"
HOUSEHOLDS, POINTS = 3281, 12
VISITS_A_DAY = 1.67
GOOD = 0.85
FIRST = date(2026, 1, 1)
YEARS_DAYS = 731
LAST = FIRST + timedelta(days=YEARS_DAYS - 1)
MANY = 5_000


def home(number: int) -> str:
    """11-1-102 and the like; every number another."""
    return f"{number % 23 + 1}-1-{number // 23 + 101}"


def card(number: int) -> str:
    """Of a household."""
    return "k1." + f"{number:052d}".translate(str.maketrans("0123456789", "abcdefghij"))


def new_store(path: Path) -> Engine:
    """Migrated, with every household, card and point."""
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with write_session(engine) as session:
        ensure_default_policy(session, COMMUNITY, FIRST)
        expect_points(session, COMMUNITY, [f"p{n:02d}" for n in range(POINTS)])
        _put(session.connection(), Household, map(_household, range(HOUSEHOLDS)))
        _put(session.connection(), CardBinding, map(_binding, range(HOUSEHOLDS)))
    return engine


def add_day(connection: Connection, day: date) -> int:
    """A day's visits and verdicts, all points have reported; how many visits."""
    chance = random.Random(str(day))
    count = round(HOUSEHOLDS * VISITS_A_DAY)
    begin = day_start_ms(day) + 7 * 3_600_000
    visits = [_visit(day, number, begin, chance) for number in range(count)]
    _put(connection, Visit, iter(visits))
    _put(connection, PointVerdict, (_verdict(visit, chance) for visit in visits))
    _put(connection, PointDay, (_reported(day, f"p{n:02d}") for n in range(POINTS)))
    touched = {"community": COMMUNITY, "day": day, "arrival": day.toordinal() * count}
    _put(connection, TouchedDay, iter([touched]))
    return count


def days(count: int) -> list[date]:
    """The first days of the store."""
    return [FIRST + timedelta(days=number) for number in range(count)]


def two_years(path: Path) -> Engine:
    """What ``why`` reads, at its full size, written by the store itself: minutes instead of hours.

    One visit or two a household and day, and a run a day that nobody could verify.
    """
    engine = new_store(path)
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1500000"):
            connection.execute(f"PRAGMA {pragma}")
        for number, day in enumerate(days(YEARS_DAYS), 1):
            begin = day_start_ms(day) + 7 * 3_600_000
            given = {"day": str(day), "run": number, "begin": begin, "c": COMMUNITY}
            connection.execute("BEGIN IMMEDIATE")
            for statement in _YEARS:
                connection.execute(statement, given)
            connection.execute("COMMIT")
    return engine


_HOMES = """
    (SELECT b.rowid AS n, b.household_id, b.card, v.value AS v FROM card_binding b,
     (SELECT 0 AS value UNION SELECT 1) v WHERE v.value = 0 OR b.rowid % 3 < 2)
"""
_ID = (
    "printf('%08x%024x', (n * 7919 + v * 31 + :run * 104729) * 2654435761 % 4294967296, "
    ":run * 8000 + n * 2 + v)"
)
_YEARS = (
    f"""
    INSERT INTO visit (community, visit_id, source, card, shift, occurred_ms, trusted, day,
        deposits, weight_doubt, test, point, boot_id, up_ms, wall_ms, clock_trust, received_ms,
        arrival)
    SELECT :c, {_ID}, 'card', card, 's', :begin + n * 9000 + v, 1, :day, 0, 0, 0,
        'p' || (n % 12), 'b', 1, :begin, 'kernel', :begin + 1000, :run * 10000 + n * 2 + v
    FROM {_HOMES}
    """,
    f"""
    INSERT INTO visit_outcome (community, day, visit_id, run, household_id, reason, verdict,
        by_role, held)
    SELECT :c, :day, {_ID}, :run, household_id, 'qualified', 'accepted', 'volunteer', 0
    FROM {_HOMES}
    """,
    f"""
    INSERT INTO day_outcome (community, day, household_id, run, amount_fen, reason, visit_id)
    SELECT :c, :day, household_id, :run, 30, 'paid', {_ID} FROM {_HOMES} WHERE v = 0
    """,
    """
    INSERT INTO settlement_run (community, run, day, kind, early, policy_id, started_ms,
        watermark, visits, households, entries, amount_fen, held, absent_points, canonical,
        previous_digest, digest)
    SELECT :c, :run, :day, 'first', 0, 'p1', :begin, 1, 1, 1, 0, 0, 0, '', 3,
        CASE :run WHEN 1 THEN printf('%064d', 0) ELSE printf('%064d', :run - 1) END,
        printf('%064d', :run)
    """,
)


def _put(connection: Connection, model: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, MANY)):
        connection.execute(insert(table(model)), part)


def _household(number: int) -> dict[str, Any]:
    building, unit, room = home(number).split("-")
    return {
        "community": COMMUNITY, "household_id": home(number), "building": building, "unit": unit,
        "room": room, "kind": "residence", "from_day": date(2020, 1, 1), "to_day": None,
        "successor_of": None,
    }  # fmt: skip


def _binding(number: int) -> dict[str, Any]:
    return {
        "community": COMMUNITY, "card": card(number), "from_ms": 0, "to_ms": None,
        "household_id": home(number), "serial": f"{number:06d}",
    }  # fmt: skip


def _timed(day: date, number: int, at_ms: int, point: str) -> dict[str, Any]:
    return {
        "community": COMMUNITY, "point": point, "boot_id": "boot-1", "up_ms": 1, "wall_ms": at_ms,
        "clock_trust": "kernel", "received_ms": at_ms + 1000,
        "arrival": day.toordinal() * 10_000 + number,
    }  # fmt: skip


def _visit(day: date, number: int, begin_ms: int, chance: random.Random) -> dict[str, Any]:
    at_ms = begin_ms + chance.randrange(12 * 3_600_000)
    household = number if number < HOUSEHOLDS else chance.randrange(HOUSEHOLDS)
    return _timed(day, number, at_ms, f"p{household % POINTS:02d}") | {
        "visit_id": f"{chance.getrandbits(128):032x}", "source": "card", "card": card(household),
        "door": None, "shift": "5" * 32, "occurred_ms": at_ms, "trusted": True, "day": day,
        "deposits": 0, "weight_g": None, "weight_doubt": False, "test": False,
    }  # fmt: skip


def _verdict(visit: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    good = chance.random() < GOOD
    timed = {name: visit[name] for name in _timed(FIRST, 0, 0, "")}
    return timed | {
        "verdict_id": f"{chance.getrandbits(128):032x}", "visit_id": visit["visit_id"],
        "value": "accepted" if good else "rejected", "reason": None if good else "mixed",
        "by_person": "v01", "shift": "5" * 32, "mode": "single", "replaces": None,
        "at_ms": visit["occurred_ms"] + 20_000, "undone": False,
    }  # fmt: skip


def _reported(day: date, point: str) -> dict[str, Any]:
    return {
        "community": COMMUNITY, "point": point, "day": day, "taps": 0, "deposits": 0,
        "verdicts": 0, "unjudged": 0, "received_ms": 0, "arrival": day.toordinal(),
    }  # fmt: skip
