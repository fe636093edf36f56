"""At 03:00 in Shanghai: yesterday's settlement, and what came late for the days before.

``hub serve`` calls ``stop = start_nightly(hub)`` once the store is migrated and ``stop()`` at its
end. A hub that was down at 03:00 catches up when it starts.
"""

import logging
import threading
from collections.abc import Callable, Collection
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from hub.db import table, write_session
from hub.rewards.policy import policy_for
from hub.rewards.settlement import settle_day
from hub.rewards.tables import SettlementRun
from hub.visits.tables import Visit
from hub.web.deps import Hub
from wire.day import business_day

HOUR_MS = 3_600_000
RUNS_AT_MS = 3 * HOUR_MS
LATE_LIMIT_DAYS = 31
CHECK_EVERY_S = 20.0
_log = logging.getLogger(__name__)


def night_of(now_ms: int) -> date:
    """The date whose 03:00 has passed last."""
    return business_day(now_ms - RUNS_AT_MS)


def due_days(
    now_ms: int,
    checked: date | None,
    visited: Collection[date],
    settled: Collection[date],
    late_limit_days: int = LATE_LIMIT_DAYS,
) -> list[date]:
    """The days to settle now, oldest first; none if this night has been ``checked``.

    Days within the late limit are looked at again even if no fact touched them: a binding or a
    household's dates may have been corrected. Older ones only if they were visited and missed.
    """
    night = night_of(now_ms)
    past = sorted(day for day in visited if day < night)
    if not past or checked == night:
        return []
    window = (night - timedelta(days=number) for number in range(1, late_limit_days + 2))
    due = {day for day in window if day >= past[0]}
    return sorted(due | (set(past) - set(settled)))


def settle_due(hub: Hub, checked: date | None) -> date:
    """Settle what is due, each day in a transaction of its own; the night that is done."""
    now_ms = hub.now_ms()
    with Session(hub.engine) as session:
        visited, settled = _known(session, hub.community)
        policy = policy_for(session, hub.community, night_of(now_ms), restate=False)
    limit = policy.late_limit_days if policy else LATE_LIMIT_DAYS
    for day in due_days(now_ms, checked, visited, settled, limit):
        with write_session(hub.engine) as session:
            done = settle_day(session, hub.community, day, now_ms)
        if done.entries:
            _log.info("settled %s: run %d, %d entries", day, done.run, done.entries)
    return night_of(now_ms)


def start_nightly(hub: Hub) -> Callable[[], None]:
    """A thread that settles what is due; call the result to end it."""
    ended = threading.Event()

    def work() -> None:
        checked: date | None = None
        while not ended.is_set():
            try:
                checked = settle_due(hub, checked)
                hub.health.problems.pop("nightly", None)
            except SQLAlchemyError as error:
                hub.health.problems["nightly"] = f"settlement failed, will try again: {error}"
                _log.warning("nightly settlement failed, will try again: %s", error)
            ended.wait(CHECK_EVERY_S)

    thread = threading.Thread(target=work, name="nightly")
    thread.start()

    def stop() -> None:
        ended.set()
        thread.join()

    return stop


def _known(session: Session, community: str) -> tuple[set[date], set[date]]:
    visit, run = table(Visit).c, table(SettlementRun).c
    visited = session.scalars(
        select(visit.day).where(visit.community == community, visit.day.is_not(None)).distinct()
    )
    settled = session.scalars(select(run.day).where(run.community == community).distinct())
    return set(visited), set(settled)
