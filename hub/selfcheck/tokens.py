"""Tokens of a visit to a self-check machine: one household, two minutes, never a user's token."""

import hashlib
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

LIFETIME_S = 120


@dataclass(frozen=True)
class SelfVisit:
    """Whose card was tapped; ``card`` is a mark of it, never its token."""

    household: str
    card: str
    machine: str


def issue(secret: bytes, community: str, visit: SelfVisit, now_ms: int) -> str:
    """Good for LIFETIME_S."""
    ends_s = now_ms // 1000 + LIFETIME_S
    return str(
        _signer(secret, community).dumps([visit.household, visit.card, visit.machine, ends_s])
    )


def read(secret: bytes, community: str, token: str, now_ms: int) -> SelfVisit | None:
    """The visit of a token that is still good."""
    try:
        household, card, machine, ends_s = _signer(secret, community).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    if ends_s * 1000 <= now_ms:
        return None
    return SelfVisit(household, card, machine)


def _signer(secret: bytes, community: str) -> URLSafeSerializer:
    """Salted unlike tokens of users: neither is taken for the other."""
    options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(secret, salt=f"self-check of {community}", signer_kwargs=options)
