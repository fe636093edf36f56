"""Between the broker and the intake: each node's messages in their order, the nodes in turn.

A node that sends a month's backlog fills its own place only; a tap at another point is in the next
group. What does not fit is refused: its node sends again whatever has no receipt.
"""

import threading
from collections import deque

from hub.intake.inbound import Inbound
from wire.topics import node_of

A_NODE = 256
"""Messages of one node: its window is 200 facts, at worst one in a message."""
BYTES = 8 * 2**20
GROUP = 40
GROUP_BYTES = 128 * 1024
"""Committed together at most: about 400 facts, so that a tap waits for no long transaction."""


class Inbox:
    """Any thread puts, one takes."""

    def __init__(self, a_node: int = A_NODE, most_bytes: int = BYTES) -> None:
        self.a_node, self.most_bytes = a_node, most_bytes
        self._lanes: dict[str, deque[Inbound]] = {}
        self._bytes = 0
        self._changed = threading.Condition()

    def put(self, message: Inbound) -> bool:
        """False when there is no room; nothing is kept then."""
        where = node_of(message.topic)
        name = where[1] if where else ""
        with self._changed:
            lane = self._lanes.get(name, ())
            if len(lane) >= self.a_node or self._bytes + len(message.payload) > self.most_bytes:
                return False
            self._lanes.setdefault(name, deque()).append(message)
            self._bytes += len(message.payload)
            self._changed.notify()
        return True

    def take(self, timeout_s: float) -> list[Inbound]:
        """The next group, one message of each node after the other; empty after the time."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._lanes), timeout_s)
            group: list[Inbound] = []
            size = 0
            while self._lanes and len(group) < GROUP and size < GROUP_BYTES:
                group.append(self._next())
                size += len(group[-1].payload)
            return group

    def _next(self) -> Inbound:
        """Of the node that has waited longest; it goes to the end of the turn."""
        name = next(iter(self._lanes))
        lane = self._lanes.pop(name)
        message = lane.popleft()
        if lane:
            self._lanes[name] = lane
        self._bytes -= len(message.payload)
        return message
