"""Every scale of a point, heard as the daemon hears it."""

import queue
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from edge.cards.token import KEY_BYTES, Tokenizer
from edge.commission.wiring import Channel
from edge.config import EdgeConfig
from edge.events import (
    CardRefused,
    CardSeen,
    Event,
    LinkChanged,
    MqttMessage,
    PortDown,
    ThreadDied,
    Weights,
)
from edge.link.mqtt import BrokerLink
from edge.ports.assemble import make_workers
from edge.readings import WeightFault, WeightRead
from edge.wireless import Wireless, topics_of

JOIN_S = 6
"""Longer than any read time-out that a configuration may set."""
TURN_S = 0.05


@dataclass(frozen=True)
class Heard:
    """One reading of one scale."""

    channel: int
    up_ms: int
    reading: WeightRead | WeightFault


Told = Heard | CardSeen | CardRefused | PortDown | LinkChanged
UpMs = Callable[[], int]


class Ears:
    """Open while in its block: all scales, or all readers, of a configuration."""

    def __init__(self, config: EdgeConfig, up_ms: UpMs, *, readers: bool) -> None:
        self._events: queue.Queue[Event] = queue.Queue()
        self._up_ms = up_ms
        # Nobody sees the tokens, so any key will do and a missing key file hinders nobody.
        tokenizer = Tokenizer({1: secrets.token_bytes(KEY_BYTES)}, config.uid_bits)
        wanted = {reader.name for reader in config.readers}
        self._workers = [
            worker
            for worker in make_workers(config, tokenizer, self._events, up_ms)
            if (worker.name in wanted) == readers
        ]
        self._wireless = Wireless(config, tokenizer)
        topics = topics_of(config)
        self._link = BrokerLink(
            "bus", config.point_bus, subscriptions=topics, events=self._events, up_ms=up_ms
        )
        self._has_topics = bool(topics)

    def __enter__(self) -> Self:
        for worker in self._workers:
            worker.start()
        if self._has_topics:
            self._link.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.join(JOIN_S)
        if self._has_topics:
            self._link.stop()

    def next(self) -> list[Told]:
        """What has come since; waits a moment when there is nothing."""
        told: list[Told] = []
        try:
            told += self._told(self._events.get(timeout=TURN_S))
            while True:
                told += self._told(self._events.get_nowait())
        except queue.Empty:
            return told

    def forget(self) -> None:
        """Whatever came while nobody listened."""
        while not self._events.empty():
            self._events.get_nowait()

    def _told(self, event: Event) -> Iterator[Told]:
        if isinstance(event, MqttMessage):
            for meant in self._wireless.read(event):
                yield from self._told(meant)
        elif isinstance(event, Weights):
            for channel, reading in event.readings:
                yield Heard(channel, event.up_ms, reading)
        elif isinstance(event, ThreadDied):
            yield PortDown(event.name, event.reason)
        elif isinstance(event, CardSeen | CardRefused | PortDown) or (
            isinstance(event, LinkChanged) and not event.up
        ):
            yield event


def with_bins(config: EdgeConfig, channels: Iterable[Channel]) -> EdgeConfig:
    """Only these scales. Made from a checked configuration, so not checked again."""
    bins = tuple(channel.bin.model_copy(update={"no": channel.no}) for channel in channels)
    return config.model_copy(update={"bins": bins})
