"""Clocks of all matters and what points say, looked at twice a minute beside the application."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from hub.db import table, write_session
from hub.desks.duty import Staff
from hub.matters.acting import find, system_acts
from hub.matters.book import Book, read_book
from hub.matters.calendar import WorkingCalendar
from hub.matters.clocks import accept_by, marks
from hub.matters.escalation import person_above
from hub.matters.from_points import PointNews
from hub.matters.model import Matter, State
from hub.matters.store import take_turn
from hub.matters.tables import MatterRow
from hub.matters.timers import Moment, due_acts
from hub.web.deps import Hub
from wire.day import business_day, day_start_ms

CHECK_EVERY_S = 30.0
AT_ONCE = 200
"""In one transaction: a backlog after a long pause holds up no desk."""
_m = table(MatterRow).c
_log = logging.getLogger(__name__)


class Seen(NamedTuple):
    """A matter of which time asked nothing, and before when it cannot ask anything."""

    version: int
    next_ms: int
    calendar: WorkingCalendar
    again_ms: int


def run_clocks(hub: Hub, seen: dict[int, Seen] | None = None) -> int:
    """Record what time has done to matters; how many changed. ``seen`` is kept between passes."""
    kept = {} if seen is None else seen
    changed, last, still = 0, 0, set[int]()
    while True:
        with Session(hub.engine) as session:
            now_ms, book = hub.now_ms(), read_book(session, hub.community)
            rows = _candidates(session, hub.community, now_ms, last)
        still.update(row.matter for row in rows)
        due = [row for row in rows if not _waits(kept.get(row.matter), row, book, now_ms)]
        if due:
            changed += _looked(hub, due, kept)
        if len(rows) < AT_ONCE:
            break
        last = rows[-1].matter
    for number in kept.keys() - still:
        del kept[number]
    return changed


def _waits(seen: Seen | None, row: Any, book: Book, now_ms: int) -> bool:
    if seen is None or (seen.version, seen.next_ms) != (row.version, row.next_ms):
        return False
    return seen.calendar is book.calendar and now_ms < seen.again_ms


def _looked(hub: Hub, rows: Sequence[Any], kept: dict[int, Seen]) -> int:
    changed = 0
    with write_session(hub.engine) as session:
        take_turn(session)
        now_ms, book = hub.now_ms(), read_book(session, hub.community)
        for row in rows:
            again_ms = _look(session, hub, row.matter, book, now_ms)
            if again_ms is None:
                changed += 1
            else:
                kept[row.matter] = Seen(row.version, row.next_ms, book.calendar, again_ms)
    return changed


def _candidates(session: Session, community: str, now_ms: int, last: int) -> Sequence[Any]:
    waits = _m.state.in_([State.UNCLEAR.value, State.SUSPENDED.value])
    late = _m.next_ms <= now_ms
    unwatched = _m.watched.is_(False)
    assigned = _m.state == State.ASSIGNED.value
    found = (
        select(_m.matter, _m.version, _m.next_ms)
        .where(
            _m.community == community, _m.open.is_(True), _m.matter > last,
            or_(waits, late & (unwatched | assigned)),
        )
        .order_by(_m.matter)
        .limit(AT_ONCE)
    )  # fmt: skip
    return session.execute(found).all()


def _look(session: Session, hub: Hub, number: int, book: Book, now_ms: int) -> int | None:
    """None when something was recorded, else before when nothing will have to be."""
    matter = (known := find(session, hub.community, number)).matter
    above = person_above(session, hub.community, matter, business_day(now_ms))
    next_ms = marks(matter, book.kinds[matter.kind], book.calendar).next_ms
    moment = _moment(matter, book, now_ms, above)
    events = due_acts(matter, moment, Staff(session, hub.community))
    if events:
        system_acts(session, hub.community, known, events)
        return None
    ends = [] if matter.watch is not None or next_ms is None else [next_ms]
    if matter.state is State.UNCLEAR and moment.closing_ms is not None:
        ends.append(moment.closing_ms)
    if matter.state is State.SUSPENDED and matter.suspended_until is not None:
        ends.append(day_start_ms(matter.suspended_until))
    return min(ends, default=now_ms)


def _moment(matter: Matter, book: Book, now_ms: int, above: str | None) -> Moment:
    kind = book.kinds[matter.kind]
    next_ms = marks(matter, kind, book.calendar).next_ms
    return Moment(
        now_ms,
        book.calendar.closing_ms(matter.since_ms),
        accept_by(matter, kind, book.calendar),
        next_ms if next_ms is not None and now_ms >= next_ms else None,
        above,
    )


def start_clocks(hub: Hub) -> Callable[[], None]:
    """A thread that looks at the clocks; call the result to end it."""
    ended, news = threading.Event(), PointNews(hub)
    seen: dict[int, Seen] = {}

    def work() -> None:
        for _ in _until(ended):
            try:
                news.run()
                run_clocks(hub, seen)
                hub.health.problems.pop("matters", None)
            except SQLAlchemyError as error:
                hub.health.problems["matters"] = f"clocks failed, will try again: {error}"
                _log.warning("clocks of matters failed, will try again: %s", error)

    thread = threading.Thread(target=work, name="matters", daemon=True)
    thread.start()

    def stop() -> None:
        ended.set()
        thread.join()

    return stop


def _until(ended: threading.Event) -> Iterator[None]:
    while not ended.is_set():
        yield
        ended.wait(CHECK_EVERY_S)
