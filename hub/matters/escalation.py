"""Who is asked when an owner does not do it: the grid's next level up (三级网格)."""

from datetime import date

from sqlmodel import Session

from hub.contacts.finding import contacts_of, contacts_of_all
from hub.desks.tables import Officer
from hub.matters.model import Matter
from hub.registry.tables import Household

FIRST, MIDDLE = 1, 2
"""Levels: the secretary; the deputies of one side each."""


def person_above(session: Session, community: str, matter: Matter, on: date) -> str | None:
    """Of the lead's side, else the secretary; only an officer can have it, and not its owner."""
    home = session.get(Household, (community, matter.household)) if matter.household else None
    if home is None:
        found = contacts_of_all(session, community, on)
    else:
        found = contacts_of(session, home, on)
    side = matter.lead or matter.receiver_body
    middle = [one for one in found if one.level == MIDDLE and one.body == side]
    for one in (*middle, *(one for one in found if one.level == FIRST)):
        if one.person_id is None or one.person_id == matter.owner:
            continue
        officer = session.get(Officer, (community, one.person_id))
        if officer is not None and not officer.left:
            return one.person_id
    return None
