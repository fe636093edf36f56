"""The terminal's end of the point bus: one paho thread that only hands messages over."""

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kiosk.config import KioskConfig
from wire.codec import BadMessageError, decode, encode
from wire.point_bus import Command, Reply, Screen
from wire.topics import COMMAND, QOS, REPLY, SCREEN

KEEPALIVE_S = 4
"""A broker hangs up after 1.5 of these, and paho pings up to a second late: below 3 an idle
connection flaps. That the bus went silent is noticed sooner, by the screens that stay away."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BusUp:
    """Subscribed; what is retained follows."""


@dataclass(frozen=True)
class BusDown:
    """Why, for a technician."""

    why: str


@dataclass(frozen=True)
class Unreadable:
    """A payload that is not what its topic promises."""

    why: str


Heard = Screen | Reply | BusUp | BusDown | Unreadable


class Feed:
    """Calls ``tell`` from its own thread; ``tell`` must only put. Nothing here blocks a caller."""

    def __init__(self, config: KioskConfig, tell: Callable[[Heard], object]) -> None:
        self._tell = tell
        self._point = config.point
        self._topics: dict[str, type[Screen] | type[Reply]] = {
            SCREEN.of(config.point): Screen,
            REPLY.of(config.point): Reply,
        }
        self._command_topic = COMMAND.of(config.point)
        self._bus = config.bus
        self._client = self._make_client()

    def start(self) -> None:
        """Begins to connect, and goes on trying for ever."""
        self._client.connect_async(self._bus.host, self._bus.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Ends the thread; at most about a second."""
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, command: Command) -> None:
        """Queues a command while connected; otherwise nothing: its owner sends it again."""
        if self._client.is_connected():
            self._client.publish(self._command_topic, encode(command), qos=QOS)

    def _make_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311, clean_session=True
        )
        client.username_pw_set(self._bus.username, self._bus.password)
        client.reconnect_delay_set(min_delay=1, max_delay=2)
        client.connect_timeout = 2.0
        client.suppress_exceptions = True
        client.enable_logger(_log)
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_connect_fail = self._on_connect_fail
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._tell(BusDown(str(reason)))
            return
        client.subscribe([(topic, QOS) for topic in self._topics])
        self._tell(BusUp())

    def _on_connect_fail(self, _client: Client, _data: object) -> None:
        self._tell(BusDown("no connection"))

    def _on_disconnect(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._tell(BusDown(str(reason)))

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        model = self._topics.get(message.topic)
        if model is None:
            return
        try:
            heard: Screen | Reply = decode(bytes(message.payload), model)
        except BadMessageError as error:
            self._tell(Unreadable(f"{message.topic}: {error}"))
            return
        if isinstance(heard, Screen) and heard.point != self._point:
            self._tell(Unreadable(f"{message.topic}: point {heard.point}, expected {self._point}"))
            return
        self._tell(heard)


def _no_delay(_client: Client, _data: object, sock: object) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
