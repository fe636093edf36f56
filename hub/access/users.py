"""Users and their passwords."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.tables import User
from hub.roles import Role

_hasher = PasswordHasher()
ADMIN = "admin"


@cache
def _nobody() -> str:
    """What the password of a name that does not exist is compared with."""
    return _hasher.hash(secrets.token_urlsafe(16))


def add_user(
    session: Session,
    community: str,
    name: str,
    role: Role,
    now_ms: int,
    *,
    desk: str | None = None,
) -> str | None:
    """A new user's random password, told this once; None when the name is taken."""
    if session.get(User, (community, name)) is not None:
        return None
    password = secrets.token_urlsafe(12)
    session.add(
        User(
            community=community,
            name=name,
            role=role,
            password_hash=_hasher.hash(password),
            created_ms=now_ms,
            desk=desk,
        )
    )
    return password


def reset_password(session: Session, community: str, name: str) -> str | None:
    """Another random password, told this once; None when there is no such user."""
    user = session.get(User, (community, name))
    if user is None:
        return None
    password = secrets.token_urlsafe(12)
    user.password_hash = _hasher.hash(password)
    return password


def put_at_desk(session: Session, community: str, name: str, desk: str | None) -> bool:
    """The one desk of a desk's account, None for any; False when there is no such account."""
    user = session.get(User, (community, name))
    if user is None or user.role != "desk":
        return False
    user.desk = desk
    return True


def ensure_admin(session: Session, community: str, now_ms: int) -> str | None:
    """On a store without users, the password of a new ``admin``."""
    anybody = select(col(User.name)).where(col(User.community) == community).limit(1)
    if session.execute(anybody).first() is not None:
        return None
    return add_user(session, community, ADMIN, "admin", now_ms)


def role_of(session: Session, community: str, name: str, password: str) -> str | None:
    """The role behind a right password; as slow for a name that does not exist."""
    user = session.get(User, (community, name))
    try:
        _hasher.verify(user.password_hash if user else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    return user.role if user and not user.disabled else None
