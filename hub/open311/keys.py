"""Keys of Open311: shown once, kept as digests."""

import hashlib
import secrets

from sqlalchemy import select
from sqlmodel import Session, col

from hub.open311.tables import Open311Key


def add_key(session: Session, community: str, name: str, now_ms: int) -> str | None:
    """A new key, told this once; None when the name has one."""
    k = Open311Key
    held = select(k).where(col(k.community) == community, col(k.name) == name)
    if session.scalars(held).first() is not None:
        return None
    key = secrets.token_urlsafe(24)
    session.add(
        Open311Key(community=community, key_sha256=_digest(key), name=name, created_ms=now_ms)
    )
    return key


def name_of(session: Session, community: str, key: str) -> str | None:
    """The program that a key belongs to."""
    held = session.get(Open311Key, (community, _digest(key)))
    return held.name if held else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
