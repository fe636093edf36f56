"""Every MQTT topic, once: its shape, sender, QoS, retain flag and payload."""

import re
from dataclasses import dataclass
from typing import Literal

from wire.base import Message
from wire.point_bus import Command, Reply, Screen, Signal
from wire.roster import RosterManifest, RosterPage, Settings
from wire.session import FactsHeader, Hello, Receipt, Status, Welcome

QOS = 1
_PART = re.compile(r"^[a-z0-9_-]{1,32}$")
Sender = Literal["node", "hub", "terminal"]


@dataclass(frozen=True)
class Topic:
    """One row of the topic table; ``shape`` has ``{names}`` for the parts."""

    name: str
    shape: str
    sender: Sender
    retain: bool
    payload: type[Message]
    broker: Literal["hub", "point"]

    def of(self, *parts: str) -> str:
        """The concrete topic; raises ValueError for a part a broker would misread."""
        for part in parts:
            if not _PART.match(part):
                msg = f"topic part {part!r} must match [a-z0-9_-]{{1,32}}"
                raise ValueError(msg)
        names = re.findall(r"\{(\w+)\}", self.shape)
        return self.shape.format(**dict(zip(names, parts, strict=True)))

    @property
    def any(self) -> str:
        """The subscription that matches every concrete topic of this shape."""
        return re.sub(r"\{\w+\}", "+", self.shape)


_NODE = "lianxin/v1/{community}/{point}"
HELLO = Topic("hello", f"{_NODE}/hello", "node", retain=False, payload=Hello, broker="hub")
WELCOME = Topic("welcome", f"{_NODE}/welcome", "hub", retain=False, payload=Welcome, broker="hub")
FACTS = Topic("facts", f"{_NODE}/facts", "node", retain=False, payload=FactsHeader, broker="hub")
RECEIPT = Topic("receipt", f"{_NODE}/receipt", "hub", retain=False, payload=Receipt, broker="hub")
STATUS = Topic("status", f"{_NODE}/status", "node", retain=True, payload=Status, broker="hub")
ROSTER = Topic(
    "roster", f"{_NODE}/roster", "hub", retain=True, payload=RosterManifest, broker="hub"
)
ROSTER_PAGE = Topic(
    "roster_page", f"{_NODE}/roster/{{page}}", "hub", retain=True, payload=RosterPage, broker="hub"
)
SETTINGS = Topic(
    "settings", f"{_NODE}/settings", "hub", retain=True, payload=Settings, broker="hub"
)
SCREEN = Topic(
    "screen", "point/{point}/screen", "node", retain=True, payload=Screen, broker="point"
)
COMMAND = Topic(
    "command", "point/{point}/command", "terminal", retain=False, payload=Command, broker="point"
)
REPLY = Topic("reply", "point/{point}/reply", "node", retain=False, payload=Reply, broker="point")
SIGNAL = Topic(
    "signal", "point/{point}/signal", "node", retain=False, payload=Signal, broker="point"
)

TOPICS = (
    HELLO, WELCOME, FACTS, RECEIPT, STATUS, ROSTER, ROSTER_PAGE, SETTINGS,
    SCREEN, COMMAND, REPLY, SIGNAL,
)  # fmt: skip
"""The table; docs/wire.md is printed from it."""


def node_of(topic: str) -> tuple[str, str, str] | None:
    """``(community, point, last part)`` of a node's topic; None for any other topic."""
    parts = topic.split("/")
    if len(parts) < 5 or parts[:2] != ["lianxin", "v1"] or not all(map(_PART.match, parts)):
        return None
    return parts[2], parts[3], parts[4]
