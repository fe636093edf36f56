"""What arrives on the daemon's one queue; every thread only puts these."""

from dataclasses import dataclass

from edge.readings import BadFrame, WeightFault, WeightRead


@dataclass(frozen=True)
class PortUp:
    """A serial port was opened; older input was flushed."""

    name: str


@dataclass(frozen=True)
class PortDown:
    """A serial port failed; its thread goes on trying."""

    name: str
    reason: str


@dataclass(frozen=True)
class PortHeard:
    """Bytes arrived: the counters that tell a wrong speed from a dead cable."""

    name: str
    bytes: int
    frames: int
    bad: tuple[BadFrame, ...] = ()


@dataclass(frozen=True)
class CardSeen:
    """A card at a reader, already a token; ``up_ms`` is when its last byte came."""

    reader: str
    token: str
    token_old: str | None
    up_ms: int


@dataclass(frozen=True)
class CardRefused:
    """A card whose number cannot stand for a household."""

    reader: str
    reason: str


@dataclass(frozen=True)
class Weights:
    """One sweep of a bus, or one message of a scale: bin number and reading."""

    readings: tuple[tuple[int, WeightRead | WeightFault], ...]
    up_ms: int


@dataclass(frozen=True)
class LinkChanged:
    """A broker connection came up or went down; ``link`` is ``hub`` or ``bus``."""

    link: str
    up: bool
    reason: str = ""


@dataclass(frozen=True)
class MqttMessage:
    """A message from a broker, as it came."""

    link: str
    topic: str
    payload: bytes
    retained: bool
    up_ms: int


@dataclass(frozen=True)
class ThreadDied:
    """A thread ended by an error of ours; the daemon starts it again."""

    name: str
    reason: str


@dataclass(frozen=True)
class StopAsked:
    """SIGTERM or SIGINT."""


PortEvent = PortUp | PortDown | PortHeard | ThreadDied
WorkEvent = CardSeen | CardRefused | Weights | LinkChanged | MqttMessage | PortEvent
Event = WorkEvent | StopAsked
