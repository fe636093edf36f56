"""The daemon's one queue: what can flood it is bounded; never a card, a command or a receipt."""

import queue
from collections import Counter, deque
from collections.abc import Iterable

from edge.device_config import BinConfig
from edge.events import Event, MqttMessage, PortHeard, Weights

MOST_WAITING = 256
"""Of one source: seven seconds of the fastest indicator, more than a commit ever takes."""
LONGEST_READING_BYTES = 4096


class Inbox(queue.Queue[Event]):
    """First in, first out; a flooding scale loses its own oldest readings and nobody else's."""

    def __init__(self, bins: Iterable[BinConfig]) -> None:
        self._source_of_topic: dict[str, str] = {}
        self._source_of_bin: dict[int, str] = {}
        for bin_ in bins:
            name = f"scale-{bin_.no}"
            self._source_of_bin[bin_.no] = bin_.bus or name
            for topic in (bin_.topic, bin_.availability):
                if topic is not None:
                    self._source_of_topic[topic] = name
        self._order: deque[Event | str] = deque()
        self._waiting: dict[str, deque[Event]] = {}
        self._dropped: Counter[str] = Counter()
        super().__init__()

    def take_dropped(self) -> Counter[str]:
        """How many readings of which port were dropped since the last call."""
        with self.mutex:
            dropped, self._dropped = self._dropped, Counter()
        return dropped

    def _qsize(self) -> int:
        return len(self._order)

    def _put(self, item: Event) -> None:
        source = self._source(item)
        if source is None:
            self._order.append(item)
            return
        if isinstance(item, MqttMessage) and len(item.payload) > LONGEST_READING_BYTES:
            self._dropped[source] += 1
            return
        waiting = self._waiting.setdefault(source, deque())
        if len(waiting) == MOST_WAITING:  # the newest takes the oldest one's turn
            waiting.popleft()
            self._dropped[source] += 1
        else:
            self._order.append(source)
        waiting.append(item)

    def _get(self) -> Event:
        item = self._order.popleft()
        return self._waiting[item].popleft() if isinstance(item, str) else item

    def _source(self, item: Event) -> str | None:
        """The port whose readings these are; None for what is never dropped."""
        if isinstance(item, Weights):
            return next((self._source_of_bin[no] for no, _ in item.readings), "")
        if isinstance(item, MqttMessage) and item.link == "bus":
            return self._source_of_topic.get(item.topic)
        return item.name if isinstance(item, PortHeard) else None
