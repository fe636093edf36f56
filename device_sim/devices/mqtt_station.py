"""A Wi-Fi device's connection to the point bus: its last will, and ways to lose it."""

import socket
import threading
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode


@dataclass(frozen=True)
class Access:
    """Where a device connects and as whom."""

    host: str
    port: int
    username: str
    password: str


@dataclass(frozen=True)
class Presence:
    """The availability topic of a firmware and its words; always retained."""

    topic: str
    online: bytes
    offline: bytes


class Station:
    """One connection a device, because the last will belongs to a connection."""

    def __init__(self, name: str, presence: Presence, access: Access) -> None:
        self._presence = presence
        self._online = threading.Event()
        self._gone = False
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv311)
        if access.username:
            self._client.username_pw_set(access.username, access.password)
        self._client.will_set(presence.topic, presence.offline, qos=0, retain=True)
        self._client.reconnect_delay_set(1, 5)
        self._client.on_connect = self._connected
        self._client.connect_async(access.host, access.port, keepalive=10)
        self._client.loop_start()

    def _connected(
        self,
        client: Client,
        _userdata: Any,
        _flags: ConnectFlags | DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not reason.is_failure:
            client.publish(self._presence.topic, self._presence.online, qos=0, retain=True)
            self._online.set()

    def wait_online(self, timeout_s: float) -> bool:
        """Whether the broker has let it in within this time."""
        return self._online.wait(timeout_s)

    def publish(self, topic: str, data: bytes, *, retain: bool) -> None:
        """Lost while there is no connection, as on the device."""
        if self._client.is_connected():
            self._client.publish(topic, data, qos=0, retain=retain)

    def say_goodbye(self) -> None:
        """An orderly end; ``close`` then waits for it."""
        if self._gone:
            return
        if self._client.is_connected():
            self._client.publish(self._presence.topic, self._presence.offline, retain=True)
        self._client.disconnect()

    def vanish(self) -> None:
        """The power fails: no goodbye, so the broker speaks the last will."""
        self._gone = True
        line = self._client.socket()
        if isinstance(line, socket.socket):
            line.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def close(self) -> None:
        self._client.loop_stop()
