"""Whose act a request is: the caller's own; at a desk that of who is on duty or taps a card."""

from sqlalchemy import select
from sqlmodel import Session, col

from hub.desks.duty import on_duty
from hub.desks.tables import Officer
from hub.matters.acts import By
from hub.matters.model import Actor, Body
from hub.registry.tables import Person
from hub.web.deps import Caller
from hub.web.problem import ProblemError

_OWN: dict[str, Body] = {
    "committee": "committee", "property": "property", "office": "office", "admin": "office",
    "volunteer": "volunteer", "technician": "volunteer",
}  # fmt: skip


def require_own_desk(caller: Caller, desk: str | None) -> None:
    """403 for the account of a desk that names another one."""
    if caller.desk is not None and desk not in (None, caller.desk):
        detail = f"account {caller.user} is of desk {caller.desk}, not of {desk}"
        raise ProblemError(403, "other-desk", detail)


def officer_by_card(session: Session, community: str, card: str) -> Officer | None:
    """The officer who holds a card; None for anybody else's."""
    same = (col(Officer.community) == col(Person.community)) & (
        col(Officer.person_id) == col(Person.person_id)
    )
    found = (
        select(Officer)
        .join(Person, same)
        .where(col(Person.community) == community, col(Person.card) == card)
    )
    return session.scalars(found).first()


def actor_of(session: Session, community: str, caller: Caller, asked: By) -> Actor:
    """Who acts; 409 for a card of no officer, or for somebody who is not on duty there.

    Only a desk's own account acts for others: a person's would sign for the other side.
    """
    require_own_desk(caller, asked.desk)
    for_another = asked.card is not None or asked.by is not None
    if for_another and caller.role != "desk":
        detail = f"role {caller.role} acts in its own name; leave out by and card"
        raise ProblemError(403, "forbidden", detail)
    if asked.card is not None:
        officer = officer_by_card(session, community, asked.card)
        if officer is None or officer.left:
            detail = "that card is no officer's; tap the card of an officer of either side"
            raise ProblemError(409, "wrong-signature", detail)
        return _actor(officer, asked)
    if asked.by is not None:
        return _actor(_present(session, community, asked), asked)
    if caller.role not in _OWN:
        detail = f"role {caller.role} acts for somebody; send by and desk, or a card"
        raise ProblemError(422, "bad-request", detail)
    return Actor(caller.user, _OWN[caller.role], asked.desk or "api")


def signer_of(session: Session, community: str, caller: Caller, asked: By) -> Actor:
    """Who signs: at a desk by a card's tap, 409 without one; elsewhere whoever logged in."""
    if caller.role == "desk" and asked.card is None:
        detail = "at a desk a signature is the tap of a card; send card instead of by"
        raise ProblemError(409, "wrong-signature", detail)
    return actor_of(session, community, caller, asked)


def _actor(officer: Officer, asked: By) -> Actor:
    return Actor(officer.person_id, officer.body, asked.desk or "api")  # type: ignore[arg-type]


def _present(session: Session, community: str, asked: By) -> Officer:
    here = on_duty(session, community, asked.desk or "")
    for officer in here:
        if officer.person_id == asked.by:
            return officer
    names = ", ".join(officer.person_id for officer in here) or "nobody"
    detail = f"{asked.by} is not on duty at desk {asked.desk}; on duty: {names}; tap in first"
    raise ProblemError(409, "not-on-duty", detail)
