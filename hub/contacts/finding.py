"""The contacts that count for a household."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from hub.contacts.tables import Contact
from hub.registry.tables import Household


def contacts_of(session: Session, home: Household, on: date) -> list[Contact]:
    """The most specific one of each level and body: of the unit, the building, the community."""
    c = Contact
    found = session.scalars(
        select(c).where(
            col(c.community) == home.community,
            or_(col(c.building).is_(None), col(c.building) == home.building),
            or_(col(c.unit).is_(None), col(c.unit) == home.unit),
            or_(col(c.to_day).is_(None), col(c.to_day) > on),
        )
    )
    return nearest(found)


def nearest(contacts: Iterable[Contact]) -> list[Contact]:
    """One of each level and body, the first by number where two are as near; by level."""
    ordered = sorted(contacts, key=lambda one: (_distance(one), one.contact))
    best: dict[tuple[int, str], Contact] = {}
    for one in ordered:
        best.setdefault((one.level, one.body), one)
    return [best[key] for key in sorted(best)]


def _distance(one: Contact) -> int:
    return (one.building is None) + (one.unit is None)
