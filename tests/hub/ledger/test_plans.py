"""Nothing that is asked every day reads a table from its beginning: SQLite's own plans say so."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from hub.db import write_session
from hub.ledger.accounts import balance, entries_after
from hub.registry.tables import Household
from hub.rewards.days import household_days
from hub.rewards.held import Which, held_counts, held_page
from hub.rewards.settlement import settle_day
from tests.hub.ledger.ledger_world import DAY, HOME, NOW
from tests.hub.nodes import COMMUNITY

GROW = "visit|point_verdict|visit_outcome|day_outcome|ledger_entry|ledger_posting|fact|deposit"
WHOLE = re.compile(rf"^SCAN \b({GROW})\b|^SEARCH ({GROW}) .*\(community=\?\)$")
FEW = ("visit_outcome_held",)
"""A partial index: all of it is what is wanted."""


@contextmanager
def plans(engine: Engine) -> Iterator[list[str]]:
    """The steps of every question that read all rows of a table that grows."""
    found: list[str] = []

    def explain(_c: Any, cursor: Any, asked: str, given: Any, _context: Any, many: bool) -> None:
        if many or not asked.startswith("SELECT") or "max(" in asked[:60]:
            return
        steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {asked}", given).fetchall()
        found.extend(
            f"{step[3]}: {asked}"
            for step in steps
            if WHOLE.match(step[3]) and not any(name in step[3] for name in FEW)
        )

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


@pytest.mark.sqlite_only
def test_no_question_of_every_day_grows_with_the_store(filled: Engine) -> None:
    with plans(filled) as whole, write_session(filled) as session:
        settle_day(session, COMMUNITY, DAY, NOW)
        home = session.get_one(Household, (COMMUNITY, HOME))
        household_days(session, home, DAY, DAY + timedelta(days=3))
        household_days(session, home, date(2026, 5, 20), date(2026, 5, 21))
        held_page(session, COMMUNITY, Which(), NOW, after=None, limit=50)
        held_counts(session, COMMUNITY, Which(until=DAY))
        balance(session, COMMUNITY, HOME)
        for household, day in ((HOME, None), (None, DAY)):
            entries_after(session, COMMUNITY, household=household, day=day, after=0, limit=50)
        session.rollback()
    assert whole == []
