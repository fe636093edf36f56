"""Keys under which the hub does a thing once, however often it is sent."""

import secrets


def new_key() -> str:
    """An Idempotency-Key nobody else has."""
    return secrets.token_hex(16)
