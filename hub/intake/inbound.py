"""One MQTT message on its way into the store."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Inbound:
    """A message and what acknowledging it needs; ``session`` numbers the broker connection."""

    topic: str
    payload: bytes
    received_ms: int
    retain: bool = False
    mid: int = 0
    session: int = 0


@dataclass(frozen=True)
class Outbound:
    """An answer, sent only after the commit that it reports; ``now``: it says the time."""

    topic: str
    payload: bytes
    now: bool = False
