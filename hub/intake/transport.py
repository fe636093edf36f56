"""The hub's connection to its broker. Callbacks only put; everything else is the intake's."""

import logging
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hub.intake.inbound import Inbound
from hub.intake.inbox import Inbox
from hub.web.deps import Health
from wire.broker import BrokerConfig, TlsError, load_own, tls_context
from wire.topics import QOS, TOPICS, node_of

log = logging.getLogger(__name__)
BROKER = "broker"
EVERYTHING = "lianxin/v1/+/+/+"
ASK_AGAIN_S = 10.0
_FROM_HUB = frozenset(t.name for t in TOPICS if t.sender == "hub")


class Transport:
    """Messages into ``inbox``; publishing from any thread."""

    def __init__(
        self, config: BrokerConfig, community: str, now_ms: Callable[[], int], health: Health
    ) -> None:
        self.inbox = Inbox()
        self.connections = 0
        self.on_up: Callable[[], None] = lambda: None
        self._config = config
        self._community = community
        self._now_ms = now_ms
        self._health = health
        self._health.problems[BROKER] = "not connected yet"
        self._told_down = False
        self._let_in = False
        self._deaf_until_s: float | None = None
        self._tls = tls_context(config)
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"hub-{community}",
            protocol=MQTTProtocolVersion.MQTTv311,
            clean_session=True,
            manual_ack=True,
        )
        self._client.username_pw_set(config.username, config.password)
        if self._tls is not None:
            self._client.tls_set_context(self._tls)
        self._client.reconnect_delay_set(min_delay=1, max_delay=5)
        self._client.on_socket_open = _no_delay
        self._client.on_pre_connect = self._on_pre_connect
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Connect now and again for ever, in paho's own thread."""
        self._client.connect_async(self._config.host, self._config.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect and end paho's thread."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def up(self) -> bool:
        """Connected, as far as paho knows."""
        return self._client.is_connected()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """QoS 1; a message paho cannot take is lost, and its owner says it again."""
        self._client.publish(topic, payload, qos=QOS, retain=retain)

    def publish_now(self, topic: str, payload: bytes) -> None:
        """Now or never: paho would repeat a QoS 1 message after an outage, with an old time."""
        self._client.publish(topic, payload, qos=0)

    def acknowledge(self, message: Inbound) -> None:
        """PUBACK: pacing only."""
        if message.session == self.connections:
            _puback(self._client, message.mid)

    def tend(self) -> None:
        """Now and then: a refused subscription is asked for again."""
        if self._deaf_until_s is not None and time.monotonic() >= self._deaf_until_s:
            self._deaf_until_s = None
            self._client.subscribe(EVERYTHING, QOS)

    def _where(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    def _on_pre_connect(self, _client: Client, _userdata: object) -> None:
        self._let_in = False
        if self._tls is not None:
            try:
                load_own(self._tls, self._config)
            except TlsError as error:
                log.warning("broker=%s event=old-certificate-used why=%s", self._where(), error)

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._let_in = True
            self._tell_down(f"refused: {reason}; check [broker] username and credential")
            return
        self.connections += 1
        self._let_in = True
        self._told_down = False
        self._deaf_until_s = None
        self._health.problems.pop(BROKER, None)
        log.info("broker=%s event=connected", self._where())
        client.subscribe(EVERYTHING, QOS)
        self.on_up()

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        error = sys.exception()
        self._tell_down(f"no answer: {error}; is it running? [broker] ca is whose certificate?")

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            refused = "closed before it let us in; is our certificate good? its log says why"
            self._tell_down(f"connection lost: {reason}" if self._let_in else refused)

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._deaf_until_s = time.monotonic() + ASK_AGAIN_S
            self._tell_down(
                "lets us hear nothing; check its permissions: lianxin-hub broker-config"
            )
        elif self._told_down:
            self._told_down = False
            self._health.problems.pop(BROKER, None)
            self.on_up()

    def _tell_down(self, why: str) -> None:
        self._health.problems[BROKER] = why
        if not self._told_down:
            log.warning("broker=%s event=down why=%s; trying on", self._where(), why)
        self._told_down = True

    def _on_message(self, client: Client, _userdata: object, message: MQTTMessage) -> None:
        where = node_of(message.topic)
        if where is not None and where[0] == self._community and where[2] in _FROM_HUB:
            _puback(client, message.mid)
            return
        inbound = Inbound(
            message.topic,
            bytes(message.payload),
            self._now_ms(),
            message.retain,
            message.mid,
            self.connections,
        )
        if not self.inbox.put(inbound):
            # Nothing is lost: a node sends again what has no receipt.
            self._health.counts["overflow"] += 1
            _puback(client, message.mid)
            return
        if where is None or where[2] != "facts":
            # A broker that redelivers an old hello would show a second live node.
            _puback(client, message.mid)


def _puback(client: Client, mid: int) -> None:
    """A QoS 0 message has no identifier, and a broker cuts off whoever acknowledges 0."""
    if mid:
        client.ack(mid, QOS)


def _no_delay(_client: Client, _userdata: object, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
