"""Clocks of all matters and what points say, looked at twice a minute beside the application."""

import logging
import threading
from collections.abc import Callable, Iterator

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from hub.db import table, write_session
from hub.desks.duty import Staff
from hub.matters.acting import find, system_acts
from hub.matters.book import Book, read_book
from hub.matters.clocks import accept_by, marks
from hub.matters.escalation import person_above
from hub.matters.from_points import PointNews
from hub.matters.model import Matter, State
from hub.matters.store import take_turn
from hub.matters.tables import MatterRow
from hub.matters.timers import Moment, due_acts
from hub.web.deps import Hub
from wire.day import business_day

CHECK_EVERY_S = 30.0
AT_ONCE = 200
"""In one transaction: a backlog after a long pause holds up no desk."""
_m = table(MatterRow).c
_log = logging.getLogger(__name__)


def run_clocks(hub: Hub) -> int:
    """Record what time has done to matters; how many changed."""
    changed, last = 0, 0
    while True:
        with write_session(hub.engine) as session:
            take_turn(session)
            now_ms = hub.now_ms()
            numbers = _candidates(session, hub.community, now_ms, last)
            book = read_book(session, hub.community) if numbers else None
            for number in numbers:
                changed += _look(session, hub, number, book, now_ms) if book else 0
        if len(numbers) < AT_ONCE:
            return changed
        last = numbers[-1]


def _candidates(session: Session, community: str, now_ms: int, last: int) -> list[int]:
    waits = _m.state.in_([State.UNCLEAR.value, State.SUSPENDED.value])
    late = _m.next_ms <= now_ms
    unwatched = _m.watched.is_(False)
    assigned = _m.state == State.ASSIGNED.value
    found = (
        select(_m.matter)
        .where(
            _m.community == community, _m.open.is_(True), _m.matter > last,
            or_(waits, late & (unwatched | assigned)),
        )
        .order_by(_m.matter)
        .limit(AT_ONCE)
    )  # fmt: skip
    return list(session.scalars(found))


def _look(session: Session, hub: Hub, number: int, book: Book, now_ms: int) -> int:
    known = find(session, hub.community, number)
    above = person_above(session, hub.community, known.matter, business_day(now_ms))
    moment = _moment(known.matter, book, now_ms, above)
    events = due_acts(known.matter, moment, Staff(session, hub.community))
    if not events:
        return 0
    system_acts(session, hub.community, known, events)
    return 1


def _moment(matter: Matter, book: Book, now_ms: int, above: str | None) -> Moment:
    kind = book.kinds[matter.kind]
    next_ms = marks(matter, kind, book.calendar).next_ms
    return Moment(
        now_ms,
        book.calendar.closing_ms(matter.since_ms),
        accept_by(matter, kind, book.calendar),
        next_ms is not None and now_ms >= next_ms,
        above,
    )


def start_clocks(hub: Hub) -> Callable[[], None]:
    """A thread that looks at the clocks; call the result to end it."""
    ended, news = threading.Event(), PointNews(hub)

    def work() -> None:
        for _ in _until(ended):
            try:
                news.run()
                run_clocks(hub)
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
