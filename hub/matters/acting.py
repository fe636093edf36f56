"""Doing something to a matter: read, judged, written in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlmodel import Session, col

from hub.db import insert_many
from hub.desks.duty import Staff
from hub.matters import acts
from hub.matters.book import Book, read_book
from hub.matters.clocks import call_again_ms
from hub.matters.fold import folded
from hub.matters.kinds import MatterKind
from hub.matters.model import SYSTEM, Actor, Event, Matter, Side, State
from hub.matters.routing import Next, assign, doubt, then
from hub.matters.store import append, next_number, require_events, take_turn
from hub.matters.tables import MatterReporter, MatterRule, MatterSource
from hub.matters.transitions import Doing, IllegalActError, NotYoursError, Now, TooEarlyError
from hub.matters.triage import responsibility
from hub.matters.workflow import judge
from hub.web.problem import ProblemError

UNCLEAR_WHY = "类别或规则不能确定归属"


@dataclass(frozen=True)
class Intake:
    """What somebody reports. ``source`` names what it came from, so that it is taken once."""

    channel: acts.Channel
    kind: str
    place: str
    text: str
    household: str | None = None
    name: str | None = None
    phone: str | None = None
    source: str | None = None
    client_ms: int | None = None
    first: acts.Act | None = None
    """What the desk does with it at once, instead of the rule."""


@dataclass(frozen=True)
class Known:
    """A matter, its number and its events."""

    number: int
    matter: Matter
    events: Sequence[Event]


def find(session: Session, community: str, number: int) -> Known:
    """A matter as it stands; 404."""
    events = require_events(session, community, number)
    return Known(number, folded(events), events)


def take(session: Session, community: str, asked: Intake, by: Actor, at_ms: int) -> int:
    """Write a matter down and give it to somebody; its number. The same source is taken once."""
    take_turn(session)
    if asked.source and (taken := session.get(MatterSource, (community, asked.source))):
        return taken.matter
    book = read_book(session, community)
    kind = book.kind(asked.kind)
    staff = Staff(session, community, by.device)
    now = Now(at_ms, staff, asked.client_ms)
    received = _received(asked, kind, (by, staff.has(by.id)), now)
    at = Doing(folded([received]), by, now)
    number = next_number(session, community)
    later = [] if asked.first else [_route(asked, kind, book)]
    events = then(at, received, *later)[1:] if later else []
    if asked.first is not None:
        events = _judged(at, asked.first)
    matter = append(session, (community, number), None, [received, *events], book)
    _report(session, community, number, [_reporter(asked, 1, at_ms)])
    if isinstance(asked.first, acts.Merge):
        known = Known(number, matter, [received, *events])
        _require_target(session, community, known, asked.first.into)
        _join(session, community, known, asked.first.into, (by, now))
    if asked.source:
        session.add(MatterSource(community=community, source=asked.source, matter=number))
    session.flush()
    return number


def act(
    session: Session, community: str, known: Known, asked: acts.Act, doing: tuple[Actor, Now]
) -> Known:
    """Do one thing to a matter; problems 403 and 409 say what could be done instead."""
    by, now = doing
    book = read_book(session, community)
    kind = book.kinds[known.matter.kind]
    now = replace(now, call_again_ms=call_again_ms(known.matter, kind, book.calendar))
    if isinstance(asked, acts.Merge):
        _require_target(session, community, known, asked.into)
    asked = _named(session, community, known, asked, by)
    events = _judged(Doing(known.matter, by, now), asked)
    if isinstance(asked, acts.Propose) and events[-1].act != "propose":
        _save_rule(session, community, known, events, now)
    matter = append(session, (community, known.number), known.matter, events, book)
    if isinstance(asked, acts.Merge):
        _join(session, community, known, asked.into, doing)
    return Known(known.number, matter, [*known.events, *events])


def system_acts(session: Session, community: str, known: Known, events: list[Event]) -> None:
    """Write what a clock or the minutes have decided."""
    append(session, (community, known.number), known.matter, events, read_book(session, community))


def _named(session: Session, community: str, known: Known, asked: acts.Act, by: Actor) -> acts.Act:
    """Who is given a task is an officer of the side, who watches of any; accounts have no phone."""
    staff = Staff(session, community)
    if isinstance(asked, acts.Accept | acts.Reassign | acts.WatchOver) and asked.person:
        staff.require(asked.person, None if isinstance(asked, acts.WatchOver) else by.body)
    task = known.matter.task_of(by.body)
    if isinstance(asked, acts.Accept) and not asked.person and task and not staff.has(by.id):
        return asked.model_copy(update={"person": task.person})
    return asked


def _judged(at: Doing, asked: acts.Act) -> list[Event]:
    try:
        return judge(at, asked)
    except TooEarlyError as error:
        raise ProblemError(409, "too-early", str(error)) from None
    except IllegalActError as error:
        can = ", ".join(error.possible) or "nothing"
        detail = f"{error}; possible now: {can}"
        raise ProblemError(409, "illegal-act", detail) from None
    except NotYoursError as error:
        raise ProblemError(403, "not-yours", str(error)) from None


def _received(asked: Intake, kind: MatterKind, who: tuple[Actor, bool], now: Now) -> Event:
    """The first event. Its receiver is an officer whatever the channel and the account."""
    by, officer = who
    if by.body in {"committee", "property"}:
        side: Side = "property" if by.body == "property" else "committee"
    else:
        side = kind.lead or "committee"
    receiver = by.id if officer and by.body == side else now.officers.person_for(side)
    data = {
        "kind": asked.kind, "place": asked.place, "text": asked.text, "channel": asked.channel,
        "household": asked.household, "receiver": receiver, "receiver_body": side,
    }  # fmt: skip
    return Event("receive", now.at_ms, by, State.RECEIVED, "", data, asked.client_ms)


def _route(asked: Intake, kind: MatterKind, book: Book) -> Next:
    to = responsibility(kind, asked.place, asked.text, book.rules)

    def routed(at: Doing) -> Event:
        at = Doing(at.matter, SYSTEM, at.now)
        return doubt(at, UNCLEAR_WHY) if to is None else assign(at, to, "rule", [])

    return routed


def _reporter(asked: Intake, no: int, at_ms: int) -> dict[str, object]:
    return {
        "reporter": no, "household_id": asked.household, "name": asked.name, "phone": asked.phone,
        "from_matter": None, "at_ms": at_ms,
    }  # fmt: skip


def _report(
    session: Session, community: str, number: int, rows: Sequence[dict[str, object]]
) -> None:
    named = [row | {"community": community, "matter": number} for row in rows]
    insert_many(session.connection(), MatterReporter, named)


def _require_target(session: Session, community: str, known: Known, into: int) -> None:
    if into == known.number:
        raise ProblemError(409, "illegal-act", f"matter {into} cannot be merged into itself")
    target = find(session, community, into)
    if target.matter.ended:
        detail = f"matter {into} has ended; merge into one that somebody works on"
        raise ProblemError(409, "illegal-act", detail)


def _join(
    session: Session, community: str, known: Known, into: int, doing: tuple[Actor, Now]
) -> None:
    """Every reporter of a merged matter is called back by the other one."""
    target = find(session, community, into)
    r = MatterReporter
    old = session.scalars(
        select(r).where(col(r.community) == community, col(r.matter) == known.number)
    ).all()
    last = session.scalar(
        select(func.max(col(r.reporter))).where(
            col(r.community) == community, col(r.matter) == into
        )
    )
    _report(session, community, into, [
        {"reporter": no, "household_id": one.household_id, "name": one.name, "phone": one.phone,
         "from_matter": known.number, "at_ms": one.at_ms}
        for no, one in enumerate(old, start=int(last or 0) + 1)
    ])  # fmt: skip
    homes = sorted(known.matter.households)
    said = Doing(target.matter, *doing).event(
        "join", None, "", matter=known.number, households=homes, reporters=len(old)
    )
    system_acts(session, community, target, [said])


def _save_rule(
    session: Session, community: str, known: Known, events: Sequence[Event], now: Now
) -> None:
    """What both sides wanted to hold again: the word that stands in both proposals."""
    said = {e.data["body"]: e for e in (*known.events, *events) if e.act == "propose"}
    word, *others = {one.data.get("word") for one in said.values()}
    if word is None or others:
        return
    agreed = next(event for event in events if event.act == "assign").data
    c = MatterRule
    same = select(c).where(
        col(c.community) == community, col(c.word) == word, col(c.kind).is_(None),
        col(c.ended_ms).is_(None),
    )  # fmt: skip
    if any((one.lead, one.co) == (agreed["lead"], agreed["co"]) for one in session.scalars(same)):
        return
    last = session.scalar(select(func.max(col(c.rule))).where(col(c.community) == community))
    session.add(
        MatterRule(
            community=community, rule=int(last or 0) + 1, word=word, kind=None,
            lead=agreed["lead"], co=agreed["co"], from_matter=known.number,
            decided_by=" ".join(agreed["decided_by"]), at_ms=now.at_ms,
        )
    )  # fmt: skip
