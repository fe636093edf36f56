"""Between the broker and the intake: each node's messages in their order, the nodes by their share.

Fair by bytes (start-time fair queueing): a message is due when its node's share has carried what
the node said before. A node that sends a month's backlog waits for itself; a tap at another point,
or all that waited there, is in the next group. What does not fit is refused: its node sends again
whatever has no receipt.
"""

import heapq
import threading
from dataclasses import dataclass

from hub.intake.inbound import Inbound
from wire.topics import node_of

A_NODE = 256
"""Messages of one node: its window is 200 facts, at worst one in a message."""
BYTES = 8 * 2**20
GROUP = 40
GROUP_BYTES = 128 * 1024
"""Committed together at most: about 400 facts, so that a tap waits for no long transaction."""
A_MESSAGE_BYTES = 256
"""What any message costs besides its own length."""


@dataclass
class _Lane:
    """A node that has something waiting, and when what it says next is due."""

    due: int
    waiting: int = 0


class Inbox:
    """Any thread puts, one takes."""

    def __init__(self, a_node: int = A_NODE, most_bytes: int = BYTES) -> None:
        self.a_node, self.most_bytes = a_node, most_bytes
        self._lanes: dict[str, _Lane] = {}
        self._heap: list[tuple[int, int, int, str, Inbound]] = []
        self._count = 0
        self._due = 0
        """Of the message taken last: what time it is, in bytes of an even share."""
        self._bytes = 0
        self._changed = threading.Condition()

    def put(self, message: Inbound) -> bool:
        """False when there is no room; nothing is kept then."""
        where = node_of(message.topic)
        name, size = where[1] if where else "", len(message.payload)
        with self._changed:
            lane = self._lanes.get(name) or _Lane(self._due)
            if lane.waiting >= self.a_node or self._bytes + size > self.most_bytes:
                return False
            self._lanes[name] = lane
            self._count += 1
            heapq.heappush(self._heap, (lane.due, size, self._count, name, message))
            lane.due += size + A_MESSAGE_BYTES
            lane.waiting += 1
            self._bytes += size
            self._changed.notify()
        return True

    def take(self, timeout_s: float) -> list[Inbound]:
        """The next group, what is due first in front; empty after the time."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._heap), timeout_s)
            group: list[Inbound] = []
            size = 0
            while self._heap and len(group) < GROUP and size < GROUP_BYTES:
                group.append(self._next())
                size += len(group[-1].payload)
            return group

    def _next(self) -> Inbound:
        self._due, _, _, name, message = heapq.heappop(self._heap)
        lane = self._lanes[name]
        lane.waiting -= 1
        if not lane.waiting:
            del self._lanes[name]
        self._bytes -= len(message.payload)
        return message
