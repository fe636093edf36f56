"""Bearer tokens: short, signed with the store's own secret, dated by the hub's clock."""

from typing import Any

import jwt

LIFETIME_S = 30 * 60
_ALGORITHM = "HS256"


def issue(secret: bytes, community: str, user: str, role: str, now_ms: int) -> str:
    """A token for one user, good for LIFETIME_S."""
    now_s = now_ms // 1000
    claims = {"sub": user, "role": role, "aud": community, "iat": now_s, "exp": now_s + LIFETIME_S}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read(secret: bytes, community: str, token: str, now_ms: int) -> tuple[str, str] | None:
    """``(user, role)`` of a valid token, else None.

    The expiry is compared here: PyJWT would ask the machine's clock, not the hub's.
    """
    options: Any = {
        "require": ["sub", "role", "exp"],
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
    }
    try:
        claims = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], audience=community, options=options
        )
    except jwt.InvalidTokenError:
        return None
    if not isinstance(claims["exp"], int) or claims["exp"] * 1000 <= now_ms:
        return None
    return str(claims["sub"]), str(claims["role"])
