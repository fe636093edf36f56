"""Bearer tokens: short, signed with the store's own secret, dated by the hub's clock."""

import hashlib
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

LIFETIME_S = 30 * 60
_SHA256 = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}


def issue(
    secret: bytes, community: str, user: str, role: str, now_ms: int, *, desk: str | None = None
) -> str:
    """A token for one user, good for LIFETIME_S."""
    claims: dict[str, Any] = {"sub": user, "role": role, "exp": now_ms // 1000 + LIFETIME_S}
    if desk is not None:
        claims["desk"] = desk
    return str(_signer(secret, community).dumps(claims))


def read(
    secret: bytes, community: str, token: str, now_ms: int
) -> tuple[str, str, str | None] | None:
    """``(user, role, desk)`` of a valid token, else None."""
    try:
        claims = _signer(secret, community).loads(token)
    except BadData:
        return None
    if not isinstance(claims, dict) or claims.keys() - {"desk"} != {"sub", "role", "exp"}:
        return None
    if not isinstance(claims["exp"], int) or claims["exp"] * 1000 <= now_ms:
        return None
    return str(claims["sub"]), str(claims["role"]), claims.get("desk")


def _signer(secret: bytes, community: str) -> URLSafeSerializer:
    """Of one community: another one's token is signed with another key."""
    return URLSafeSerializer(secret, salt=f"token of {community}", signer_kwargs=_SHA256)
