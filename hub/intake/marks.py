"""The hub's own chain over what it accepted, in the order of arrival. Pure.

A point's chain proves its lines; this one proves what the hub wrote beside them.
"""

import hashlib

FIRST_MARK = bytes(32)


def next_mark(
    before: bytes, *, arrival: int, point: str, epoch: str, seq: int, received_ms: int, line: bytes
) -> bytes:
    """SHA-256 over the mark before and everything of a fact's row that its line does not say."""
    head = f"{arrival}\t{point}\t{epoch}\t{seq}\t{received_ms}\n"
    return hashlib.sha256(before + head.encode() + line).digest()
