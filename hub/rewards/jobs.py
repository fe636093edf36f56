"""What the commands about rewards do; each day in a transaction of its own."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlmodel import Session

from hub.clock import hub_clock
from hub.config import HubConfig
from hub.db import write_session
from hub.jobs import JobError
from hub.rewards.attest import Stood, attest
from hub.rewards.months import Standing, close, standing
from hub.rewards.moves import Moves, preview
from hub.rewards.nightly import due_now, settle_one
from hub.rewards.restate import Span, apply_span, check_span, settle_span
from hub.rewards.settlement import Settlement
from hub.store import open_store, read_secret
from hub.web.deps import Caller, Hub
from hub.web.problem import ProblemError


@contextmanager
def opened(config: HubConfig) -> Iterator[tuple[Hub, Caller]]:
    """The hub of a configuration, and whoever gives the command; problems in one line."""
    engine = open_store(config)
    clock = hub_clock(config.rehearsal_offset_s)
    try:
        hub = Hub(engine, config.community, clock, read_secret(config.data))
        yield hub, Caller(getpass.getuser(), "admin")
    except ProblemError as error:
        raise JobError(error.detail) from error
    finally:
        engine.dispose()


def settle(config: HubConfig, span: Span | None, say: Callable[[str], None]) -> int:
    """Settle some days, or all that are due; how many. Killed and run again, it goes on."""
    with opened(config) as (hub, _):
        if span is None:
            days = due_now(hub)
        else:
            with Session(hub.engine) as session:
                check_span(session, hub.community, span, hub.now_ms())
            days = span.days()
        for day in days:
            say(_told(settle_one(hub, day, hub.now_ms())))
        return len(days)


def _told(done: Settlement) -> str:
    absent = f", without {' '.join(done.absent_points)}" if done.absent_points else ""
    what = f"{done.entries} entries, {done.amount_fen} fen, {done.held} held"
    return f"{done.day}: run {done.run}, {what}{absent}"


def moves_of(config: HubConfig, span: Span) -> Moves:
    """What settling days again would move."""
    with opened(config) as (hub, _), write_session(hub.engine) as session:
        check_span(session, hub.community, span, hub.now_ms())
        return preview(
            session,
            hub.community,
            lambda: settle_span(session, hub.community, span, hub.now_ms()),
            span,
        )


def restate(config: HubConfig, span: Span, why: str, seen: str) -> Moves:
    """Settle days again if that moves what was seen."""
    with opened(config) as (hub, caller), write_session(hub.engine) as session:
        moves = apply_span(session, hub, caller, span, why)
        if moves.digest != seen:
            msg = "other money would move now than was shown; nothing was done, look again"
            raise JobError(msg)
        return moves


def attest_shift(config: HubConfig, stood: Stood) -> list[str]:
    """Say who stood at a point; what came of it."""
    with opened(config) as (hub, caller), write_session(hub.engine) as session:
        done = attest(session, hub.community, caller, hub.now_ms(), stood)
    return [f"attest {done.number}: {done.visits} visits", *map(_told, done.settled)]


def month(config: HubConfig, name: str, why: str | None) -> Standing:
    """How a month stands; with a reason, after closing it."""
    with opened(config) as (hub, caller), write_session(hub.engine) as session:
        if why is None:
            return standing(session, hub.community, name, hub.now_ms())
        return close(session, hub.community, caller, name, hub.now_ms(), reason=why)


def days_between(first: date, last: date, *, restate: bool = False) -> Span:
    """For the command line, which imports nothing of this before it is needed."""
    return Span(first, last, restate)


def stood_there(
    point: str, person: str, from_ms: int, to_ms: int, *, accepted: bool, why: str
) -> Stood:
    """As above."""
    return Stood(point, person, from_ms, to_ms, "accepted" if accepted else "none", why)
