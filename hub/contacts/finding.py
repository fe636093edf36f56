"""The contacts that count for a household."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from hub.contacts.tables import Contact
from hub.registry.tables import Household


def contacts_of(session: Session, home: Household, on: date) -> list[Contact]:
    """The most specific one of each level and body: of the unit, the building, the community."""
    c = Contact
    here = (
        or_(col(c.building).is_(None), col(c.building) == home.building),
        or_(col(c.unit).is_(None), col(c.unit) == home.unit),
    )
    return _nearest(session, home.community, on, *here)


def contacts_of_all(session: Session, community: str, on: date) -> list[Contact]:
    """Those of the whole community, for what no household reported."""
    return _nearest(session, community, on, col(Contact.building).is_(None))


def _nearest(
    session: Session, community: str, on: date, *here: ColumnElement[bool]
) -> list[Contact]:
    c = Contact
    lasts = or_(col(c.to_day).is_(None), col(c.to_day) > on)
    return nearest(session.scalars(select(c).where(col(c.community) == community, lasts, *here)))


def nearest(contacts: Iterable[Contact]) -> list[Contact]:
    """One of each level and body, the first by number where two are as near; by level."""
    ordered = sorted(contacts, key=lambda one: (_distance(one), one.contact))
    best: dict[tuple[int, str], Contact] = {}
    for one in ordered:
        best.setdefault((one.level, one.body), one)
    return [best[key] for key in sorted(best)]


def _distance(one: Contact) -> int:
    return (one.building is None) + (one.unit is None)
