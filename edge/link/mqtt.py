"""A broker connection whose callbacks only put events; used for the hub and for the point bus."""

import logging
import queue
import secrets
import socket
import sys
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.events import Event, LinkChanged, MqttMessage
from wire.broker import BrokerConfig, TlsError, load_own, tls_context
from wire.topics import QOS

KEEPALIVE_S = 15
QUEUED_BY_PAHO = 50
ASK_AGAIN_MS = 30_000

log = logging.getLogger(__name__)


class BrokerLink:
    """Connects, reconnects and subscribes again by itself; nothing is kept here.

    paho's own queue lives in memory and a PUBACK means nothing, so a publish while disconnected is
    dropped at once: the outbox will send again.
    """

    def __init__(
        self,
        name: str,
        config: BrokerConfig,
        *,
        subscriptions: list[str],
        events: "queue.Queue[Event]",
        up_ms: Callable[[], int],
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self.name = name
        self._config = config
        self._subscriptions = subscriptions
        self._events = events
        self._up_ms = up_ms
        self._let_in = False
        self._told_down = ""
        self._was_deaf = False
        self._deaf_until_ms: int | None = None
        self._tls = tls_context(config)
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{config.username}-{secrets.token_hex(4)}",
            clean_session=True,
            protocol=mqtt.MQTTv311,
        )
        self._client.username_pw_set(config.username, config.password)
        if self._tls is not None:
            self._client.tls_set_context(self._tls)
        self._client.max_queued_messages_set(QUEUED_BY_PAHO)
        self._client.reconnect_delay_set(1, 8 + secrets.randbelow(8))
        if will is not None:
            self._client.will_set(will[0], will[1], QOS, retain=True)
        self._client.on_pre_connect = self._on_pre_connect
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_socket_open = _no_delay

    def start(self) -> None:
        """Connect in the background; a broker that is away is tried again for ever."""
        self._client.connect_async(self._config.host, self._config.port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye, which suppresses the last will, and end the thread."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send if connected; otherwise drop."""
        if self._client.is_connected():
            self._client.publish(topic, payload, QOS, retain)

    def tend(self, now_ms: int) -> None:
        """Now and then: a refused subscription is asked for again."""
        if self._deaf_until_ms is not None and now_ms >= self._deaf_until_ms:
            self._deaf_until_ms = None
            self._subscribe()

    def _subscribe(self) -> None:
        self._client.subscribe([(topic, QOS) for topic in self._subscriptions])

    def _on_pre_connect(self, _client: mqtt.Client, _data: object) -> None:
        self._let_in = False
        if self._tls is not None:
            try:
                load_own(self._tls, self._config)
            except TlsError as error:
                log.warning("%s: %s; the one loaded before is used", self.name, error)

    def _on_connect(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: Any, _props: object
    ) -> None:
        self._let_in = True
        if reason.is_failure:
            self._tell_down(f"refused: {reason}")
            return
        self._told_down = ""
        self._deaf_until_ms = None
        self._subscribe()
        self._events.put(LinkChanged(self.name, up=True))

    def _on_connect_fail(self, _client: mqtt.Client, _data: object) -> None:
        self._tell_down(f"no answer: {sys.exception()}")

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: Any, _props: object
    ) -> None:
        if not self._let_in:
            self._tell_down("closed before it let us in; is our certificate good?")
        elif not self._told_down:
            self._tell_down(str(reason))

    def _tell_down(self, why: str) -> None:
        """Once a reason: it is tried again for weeks."""
        if why != self._told_down:
            self._told_down = why
            self._events.put(LinkChanged(self.name, up=False, reason=why))

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, reasons: list[Any], _props: object
    ) -> None:
        answers = zip(self._subscriptions, reasons, strict=False)
        deaf = [topic for topic, reason in answers if reason.is_failure]
        if deaf:
            self._deaf_until_ms = self._up_ms() + ASK_AGAIN_MS
            why = f"the broker lets us not hear {', '.join(deaf)}; check its permissions"
            self._events.put(LinkChanged(self.name, up=True, reason=why))
        elif self._was_deaf:
            self._events.put(LinkChanged(self.name, up=True))
        self._was_deaf = bool(deaf)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        # An exception here would end paho's thread silently: nothing is decoded in it.
        event = MqttMessage(
            self.name, message.topic, bytes(message.payload), message.retain, self._up_ms()
        )
        self._events.put(event)


def _no_delay(_client: mqtt.Client, _data: object, sock: Any) -> None:
    """Without it a small answer waits behind a delayed ACK: 44 ms instead of 3."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
