"""Recompute everything: facts, projections, links, entries, balances, digests, days.

Every difference is one line, in that order, so that the first names the root of what follows.
Not recomputed, because nothing else in the store says it: the registry, users and look-ups. A
registry that was changed behind the hub shows in the days that it would settle otherwise.
"""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from hub.ledger import check_days, check_facts, check_journal, check_links, check_projections

CHECKS = (
    ("facts", check_facts.differences),
    ("projections", check_projections.differences),
    ("links", check_links.differences),
    ("ledger", check_journal.differences),
    ("days", check_days.differences),
)


def verify(session: Session, community: str) -> list[str]:
    """What does not agree with itself; empty = every figure can be recomputed."""
    return list(differences(session, community))


def differences(session: Session, community: str) -> Iterator[str]:
    """The same one by one, for whom the first is enough."""
    yield from _damaged(session)
    for name, check in CHECKS:
        try:
            yield from check(session, community)
        except (ValueError, TypeError, OverflowError, DBAPIError) as error:  # SQLite types no value
            why = str(error.orig if isinstance(error, DBAPIError) else error)
            yield f"{name}: a row cannot be read: {why[:200]}"
            session.rollback()


def _damaged(session: Session) -> Iterator[str]:
    """Pages and indexes that SQLite itself finds torn."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for line in session.execute(text("PRAGMA integrity_check(5)")).scalars():
        if line != "ok":
            yield f"store: {line}"
