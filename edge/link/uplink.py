"""The hub at the other end: hands its messages to the sender and the roster, and sends."""

import logging
from collections.abc import Callable

from edge.clock import PointClock
from edge.config import EdgeConfig
from edge.events import MqttMessage
from edge.failpoints import reached
from edge.link.mqtt import BrokerLink
from edge.link.roster_cache import RosterCache
from edge.link.sender import Finding, Sender
from wire import topics
from wire.codec import BadMessageError, decode, encode
from wire.session import Receipt, Status, Welcome

log = logging.getLogger(__name__)

WORDS: dict[Finding, str] = {
    "new_epoch": "the hub has other facts under our keys: sent again under a new epoch",
    "resent_to_restored_hub": "the hub was restored: facts it lacks are sent again",
    "quarantined": "another node speaks with our card image; an officer must lift the quarantine",
    "hub_lost_facts": "the hub acknowledged facts it no longer has; run its restore command",
}


class Uplink:
    """Owned by the daemon's loop."""

    def __init__(
        self,
        config: EdgeConfig,
        sender: Sender,
        roster: RosterCache,
        clock: PointClock,
        link: BrokerLink,
    ) -> None:
        self._where = (config.community, config.point)
        self.sender = sender
        self._roster = roster
        self._clock = clock
        self._link = link
        self.on_finding: Callable[[str], None] = lambda words: log.warning("%s", words)
        self.on_time: Callable[[], None] = lambda: None
        self.bad_messages = 0

    @staticmethod
    def subscriptions(config: EdgeConfig) -> list[str]:
        """What a node listens to at the hub's broker."""
        where = (config.community, config.point)
        fixed = (topics.WELCOME, topics.RECEIPT, topics.ROSTER, topics.SETTINGS)
        pages = topics.ROSTER_PAGE.of(*where, "0").removesuffix("0") + "+"
        return [*(topic.of(*where) for topic in fixed), pages]

    def handle(self, message: MqttMessage) -> None:
        """One message of the hub's broker; a malformed one is counted and dropped."""
        where = topics.node_of(message.topic)
        if where is None or where[:2] != self._where:
            return
        try:
            self._handle(where[2], message)
        except BadMessageError as error:
            self.bad_messages += 1
            log.warning("%s: %s; dropped", message.topic, error)

    def _handle(self, name: str, message: MqttMessage) -> None:
        wall_ms = self._clock.stamp().wall_ms
        if name == "receipt":
            receipt = decode(message.payload, Receipt)
            self._found(self.sender.on_receipt(receipt, message.up_ms, wall_ms))
        elif name == "welcome":
            welcome = decode(message.payload, Welcome)
            self._learn_time(welcome, message.up_ms)
            self._found(self.sender.on_welcome(welcome, message.up_ms, wall_ms))
        elif name == "settings":
            self._roster.take_settings(message.payload)
        elif message.topic.endswith("/roster"):
            self._roster.take_manifest(message.payload)
            if not message.retained:  # published now: the hub has just connected
                self.sender.greet_soon()
        else:
            self._roster.take_page(message.payload)

    def _learn_time(self, welcome: Welcome, up_ms: int) -> None:
        if welcome.nonce != self.sender.nonce:
            return
        if self._clock.learn_from_hub(welcome.utc_ms, self.sender.hello_sent_ms, up_ms):
            self.on_time()

    def _found(self, finding: Finding | None) -> None:
        if finding is not None:
            self.on_finding(WORDS[finding])

    def connected(self, *, up: bool) -> None:
        """The broker connection changed."""
        if up:
            self.sender.on_connect()
        else:
            self.sender.on_disconnect()

    def send(self) -> None:
        """Whatever is due: a greeting, and batches up to the window."""
        now_ms = self._clock.up_ms()
        if self.sender.hello_due(now_ms):
            hello = self.sender.hello(now_ms)
            self._link.publish(topics.HELLO.of(*self._where), encode(hello))
        while (batch := self.sender.next_batch(now_ms)) is not None:
            reached("edge-before-publish")
            self._link.publish(topics.FACTS.of(*self._where), batch)
            reached("edge-after-publish")

    def publish_status(self, status: Status) -> None:
        """Retained, so that a restarted hub sees it at once."""
        self._link.publish(topics.STATUS.of(*self._where), encode(status), retain=True)
