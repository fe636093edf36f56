"""Holding a meeting: its agenda, its decisions, the signatures that make them count."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, SQLModel, col

from hub.db import table
from hub.desks.duty import Staff
from hub.matters.acting import Known, find, system_acts
from hub.matters.book import Book, read_book
from hub.matters.minutes import WHO, Decision, judge
from hub.matters.model import Actor, Event
from hub.matters.store import take_turn
from hub.matters.tables import NEVER_MS, MatterRow
from hub.matters.transitions import Doing, IllegalActError, Now
from hub.meetings.agenda import MOST, Item, next_chair, ordered, reason
from hub.meetings.tables import Meeting, MeetingCorrection, MeetingDecision, MeetingSignature
from hub.web.problem import ProblemError

_m = table(MatterRow).c
Key = tuple[str, int]


def call_meeting(
    session: Session, community: str, bodies: Sequence[str], held_on: date, by: tuple[str, int]
) -> Meeting:
    """A new meeting with its agenda; the chair is the body after the last one's."""
    take_turn(session)
    user, at_ms = by
    m = Meeting
    last = session.scalars(
        select(m).where(col(m.community) == community).order_by(col(m.meeting).desc()).limit(1)
    ).first()
    book = read_book(session, community)
    items = agenda(session, community, held_on, at_ms, book)
    meeting = Meeting(
        community=community, meeting=last.meeting + 1 if last else 1, held_on=held_on,
        bodies=" ".join(bodies), chair=next_chair(list(bodies), last.chair if last else None),
        agenda=json.dumps([[item.matter, item.why] for item in items]), user=user, at_ms=at_ms,
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    return meeting


def agenda(session: Session, community: str, held_on: date, now_ms: int, book: Book) -> list[Item]:
    """待会商, overdue or due watch entries, and what was opened again."""
    rows = session.execute(
        select(table(MatterRow))
        .where(
            _m.community == community, _m.open.is_(True),
            (_m.state == "to_confer") | _m.watched.is_(True),
        )
        .order_by(_m.received_ms)
        .limit(10 * MOST)
    )  # fmt: skip
    items = []
    for row in rows:
        overdue_ms = now_ms - row.next_ms if row.next_ms != NEVER_MS else -1
        again = find(session, community, row.matter).matter.reopened > 0
        why = reason(
            row.state, row.next_check, held_on, overdue=overdue_ms >= 0,
            reopened=again,
        )  # fmt: skip
        if why is not None:
            kind = book.kinds[row.kind]
            items.append(Item(row.matter, kind.urgent, overdue_ms, row.received_ms, why))
    return ordered(items)


def require_meeting(session: Session, community: str, number: int) -> Meeting:
    """A meeting, or a 404."""
    known = session.get(Meeting, (community, number))
    if known is None:
        raise ProblemError(404, "no-meeting", f"meeting {number} is not known")
    return known


def decide(session: Session, meeting: Meeting, decided: Decision, by: Actor, at_ms: int) -> None:
    """Write down what is decided; it takes effect when every body present has signed."""
    take_turn(session)
    _require_open(session, meeting)
    _require_present(meeting, by)
    if decided.person is not None:
        Staff(session, meeting.community).require(decided.person, decided.lead)
    _judged(session, meeting, decided, [], at_ms)
    d = MeetingDecision
    last = session.scalar(select(func.max(col(d.sequence))).where(*_mine(meeting, d)))
    data = decided.model_dump_json(exclude=WHO)
    session.add(
        MeetingDecision(
            community=meeting.community, meeting=meeting.meeting, sequence=int(last or 0) + 1,
            matter=decided.matter, data=data, actor=by.id, body=by.body, at_ms=at_ms,
        )
    )  # fmt: skip
    session.flush()


def sign(session: Session, meeting: Meeting, by: Actor, at_ms: int) -> bool:
    """One body's signature under the minutes as they stand; True when they take effect now."""
    take_turn(session)
    _require_open(session, meeting)
    _require_present(meeting, by)
    decided = decisions(session, meeting)
    digest = digest_of(decided)
    signed = signatures(session, meeting, digest)
    if by.body in signed:
        detail = f"{by.body} has signed already, by {signed[by.body]}; one signature a body"
        raise ProblemError(409, "wrong-signature", detail)
    session.add(
        MeetingSignature(
            community=meeting.community, meeting=meeting.meeting, body=by.body, digest=digest,
            person=by.id, at_ms=at_ms,
        )
    )  # fmt: skip
    session.flush()
    people = [*signed.values(), by.id]
    if len(people) < len(meeting.bodies.split()):
        return False
    for one in decided:
        known, events = _judged(session, meeting, one, people, at_ms)
        system_acts(session, meeting.community, known, events)
    return True


def correct(session: Session, meeting: Meeting, text: str, by: Actor, at_ms: int) -> None:
    """An entry beside signed minutes; 409 before they are signed."""
    take_turn(session)
    if not is_signed(session, meeting):
        detail = f"minutes {meeting.meeting} are not signed yet; change the decision instead"
        raise ProblemError(409, "minutes-open", detail)
    c = MeetingCorrection
    last = session.scalar(select(func.max(col(c.sequence))).where(*_mine(meeting, c)))
    session.add(
        MeetingCorrection(
            community=meeting.community, meeting=meeting.meeting, sequence=int(last or 0) + 1,
            text=text, actor=by.id, body=by.body, at_ms=at_ms,
        )
    )  # fmt: skip
    session.flush()


def decisions(session: Session, meeting: Meeting) -> list[Decision]:
    """The newest about each matter, in the order in which they were first made."""
    d = MeetingDecision
    rows = session.scalars(select(d).where(*_mine(meeting, d)).order_by(col(d.sequence)))
    newest = {row.matter: Decision.model_validate_json(row.data) for row in rows}
    return list(newest.values())


def digest_of(decided: Sequence[Decision]) -> str:
    """What a signature is under."""
    text = "\n".join(one.model_dump_json(exclude=WHO) for one in decided)
    return hashlib.sha256(text.encode()).hexdigest()


def signatures(session: Session, meeting: Meeting, digest: str) -> dict[str, str]:
    """Body → person, under these minutes."""
    s = MeetingSignature
    rows = session.scalars(
        select(s).where(*_mine(meeting, s), col(s.digest) == digest).order_by(col(s.at_ms))
    )
    return {row.body: row.person for row in rows}


def is_signed(session: Session, meeting: Meeting) -> bool:
    """Whether every body present has signed the same minutes."""
    signed = signatures(session, meeting, digest_of(decisions(session, meeting)))
    return set(meeting.bodies.split()) <= set(signed)


def corrections(session: Session, meeting: Meeting) -> list[MeetingCorrection]:
    """What was added after the signatures."""
    c = MeetingCorrection
    return list(session.scalars(select(c).where(*_mine(meeting, c)).order_by(col(c.sequence))))


def _mine(meeting: Meeting, model: type[SQLModel]) -> tuple[ColumnElement[bool], ...]:
    c = table(model).c
    return c.community == meeting.community, c.meeting == meeting.meeting


def _require_open(session: Session, meeting: Meeting) -> None:
    if is_signed(session, meeting):
        detail = f"minutes {meeting.meeting} are signed and stay as they are; add a correction"
        raise ProblemError(409, "minutes-signed", detail)


def _require_present(meeting: Meeting, by: Actor) -> None:
    if by.body not in meeting.bodies.split():
        detail = f"{by.id} is of {by.body}; at this meeting are {meeting.bodies}"
        raise ProblemError(409, "wrong-signature", detail)


def _judged(
    session: Session, meeting: Meeting, decided: Decision, people: Sequence[str], at_ms: int
) -> tuple[Known, list[Event]]:
    """What a decision would record; 409 when the matter does not wait for one."""
    known = find(session, meeting.community, decided.matter)
    by = Actor("meeting", "system", f"m{meeting.meeting}")
    at = Doing(known.matter, by, Now(at_ms, Staff(session, meeting.community)))
    try:
        return known, judge(at, decided, people)
    except IllegalActError as error:
        detail = f"matter {decided.matter}: {error}; a meeting decides what waits for it"
        raise ProblemError(409, "illegal-act", detail) from None
