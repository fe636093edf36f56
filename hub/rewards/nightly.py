"""At 03:00 in Shanghai: yesterday's settlement, and what came late for the days before.

``hub serve`` calls ``stop = start_nightly(hub)`` once the store is migrated and ``stop()`` at its
end. A hub that was down at 03:00 catches up when it starts.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from hub.db import table, write_session
from hub.intake.failpoints import reached
from hub.review.looking import review_day
from hub.rewards.boots import date_arrivals
from hub.rewards.policy import policy_for
from hub.rewards.settlement import Settlement, latest_run, settle_day
from hub.rewards.tables import AssignedDay, SettlementRun, VisitOutcomeRow
from hub.rewards.watermarks import given_days, given_last, touched_days
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
    touched: Mapping[date, int],
    seen: Mapping[date, int],
    *,
    assigned: Collection[date] = (),
    late_limit_days: int = LATE_LIMIT_DAYS,
) -> list[date]:
    """The days to settle now, oldest first; none if this night has been ``checked``.

    ``touched`` has the newest arrival of each day, ``seen`` that of its newest run, ``assigned``
    days that staff gave to visits and no run has counted. Days within the late limit are looked
    at again even if no fact touched them: a binding or a household's dates may have been corrected.
    """
    night = night_of(now_ms)
    if checked == night:
        return []
    past = {day for day in touched if day < night}
    changed = {day for day in past if day not in seen or touched[day] > seen[day]}
    window = (night - timedelta(days=number) for number in range(1, late_limit_days + 2))
    again = {day for day in window if day >= min(past, default=night)}
    return sorted(again | changed | {day for day in assigned if day < night})


def settle_due(hub: Hub, checked: date | None) -> date:
    """Settle what is due, each day in a transaction of its own; the night that is done."""
    now_ms = hub.now_ms()
    if checked == night_of(now_ms):
        return checked
    for day in due_now(hub, checked):
        done = settle_one(hub, day, now_ms)
        if done.entries:
            _log.info("settled %s: run %d, %d entries", day, done.run, done.entries)
    return night_of(now_ms)


def due_now(hub: Hub, checked: date | None = None) -> list[date]:
    """The days that the store says are due; visits of dated boots that came since are dated."""
    now_ms = hub.now_ms()
    with write_session(hub.engine) as session:
        date_arrivals(session, hub.community, now_ms)
        touched, seen = touched_days(session, hub.community), _seen(session, hub.community)
        assigned = _assigned(session, hub.community, touched, seen)
        policy = policy_for(session, hub.community, night_of(now_ms), restate=False)
    limit = policy.late_limit_days if policy else LATE_LIMIT_DAYS
    return due_days(now_ms, checked, touched, seen, assigned=assigned, late_limit_days=limit)


def settle_one(hub: Hub, day: date, now_ms: int) -> Settlement:
    """Settle a day and look at what it shows, in one transaction: killed, it is not begun."""
    with write_session(hub.engine) as session:
        before = latest_run(session, hub.community, day)
        done = settle_day(session, hub.community, day, now_ms)
        if before is None or before["run"] != done.run:
            review_day(session, hub.community, day, now_ms)
        reached("settled-uncommitted")
    return done


def unsettled_days(session: Session, community: str) -> list[date]:
    """Days that something touched since their newest run, or that have none, oldest first."""
    touched, seen = touched_days(session, community), _seen(session, community)
    changed = {day for day, arrival in touched.items() if seen.get(day, -1) < arrival}
    return sorted(changed | _assigned(session, community, touched, seen))


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


def _seen(session: Session, community: str) -> dict[date, int]:
    c = table(SettlementRun).c
    newest = select(func.max(c.run)).where(c.community == community).group_by(c.day)
    rows = session.execute(
        select(c.day, c.watermark).where(c.community == community, c.run.in_(newest))
    )
    return {day: watermark for day, watermark in rows}  # noqa: C416


def _assigned(
    session: Session, community: str, touched: Mapping[date, int], seen: Mapping[date, int]
) -> set[date]:
    """Days of the newest word about a visit that no run has counted there, or not its last fact."""
    c, said = table(AssignedDay).c, table(VisitOutcomeRow).c
    counted = exists().where(
        said.community == c.community, said.day == c.day, said.visit_id == c.visit_id
    )
    uncounted = select(c.day).where(c.community == community, given_last(), ~counted).distinct()
    newer = given_days(session, community, touched)
    behind = {day for day, arrival in newer.items() if seen.get(day, -1) < arrival}
    return behind.union(session.scalars(uncounted))
