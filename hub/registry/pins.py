"""A PIN as the roster carries it: ``scrypt$salt$hash``, to be checked with hashlib alone."""

import hashlib
import hmac
import secrets


def hash_pin(pin: str, salt: bytes | None = None) -> str:
    """Scrypt with n = 2^14, r = 8, p = 1, 16 bytes of salt and 32 of key, in hex."""
    salt = secrets.token_bytes(16) if salt is None else salt
    key = hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    return f"scrypt${salt.hex()}${key.hex()}"


def pin_matches(pin: str, hashed: str) -> bool:
    """Whether a PIN is the one behind the hash."""
    salt = bytes.fromhex(hashed.split("$")[1])
    return hmac.compare_digest(hash_pin(pin, salt), hashed)
