"""The supervisor's terminal on the point bus: the screen, the signals, commands and replies."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from device_sim.devices.mqtt_scales import Access
from wire.base import Message
from wire.codec import BadMessageError, decode, encode
from wire.point_bus import Command, Reply, Screen, Signal
from wire.topics import COMMAND, QOS, REPLY, SCREEN, SIGNAL

RESEND_S = 1.0
AnyMessage = TypeVar("AnyMessage", bound=Message)


class SilentPointError(Exception):
    """A point that does not answer within the time a person would wait."""


class Terminal:
    """Callbacks only store; people wait on the condition."""

    def __init__(self, point: str, access: Access, bad: Callable[[str], None]) -> None:
        self.point = point
        self.screen: Screen | None = None
        self.signals: deque[Signal] = deque()
        self._replies: dict[str, Reply] = {}
        self._bad = bad
        self._changed = threading.Condition()
        self._released = False
        self._readers = {
            SCREEN.of(point): self._on_screen,
            REPLY.of(point): self._on_reply,
            SIGNAL.of(point): self._on_signal,
        }
        name = f"sim-terminal-{point}"
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv311)
        self._client.username_pw_set(access.username, access.password)
        self._client.reconnect_delay_set(1, 2)
        self._client.on_connect = self._connected
        self._client.on_message = self._message
        self._client.connect_async(access.host, access.port, keepalive=10)
        self._client.loop_start()

    def release(self) -> None:
        """Whoever waits here waits no longer."""
        with self._changed:
            self._released = True
            self._changed.notify_all()

    def close(self) -> None:
        self.release()
        self._client.disconnect()
        self._client.loop_stop()

    def wait(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Whether it became true in time; looked at again after every message."""
        with self._changed:
            self._changed.wait_for(lambda: self._released or true(), timeout_s)
            return true()

    def wait_news(self, timeout_s: float) -> None:
        """Until any message comes, or the time is over."""
        with self._changed:
            if not self._released:
                self._changed.wait(timeout_s)

    def take_signals(self) -> list[Signal]:
        """The signals since the last look."""
        with self._changed:
            taken = list(self.signals)
            self.signals.clear()
            return taken

    def ask(self, command: Command, timeout_s: float) -> Reply:
        """The reply; the same command again every second until it comes."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s and not self._released:
            self._client.publish(COMMAND.of(self.point), encode(command), qos=QOS)
            if self.wait(lambda: command.command_id in self._replies, RESEND_S):
                return self._replies[command.command_id]
        msg = f"{self.point}: no reply to {command.action} within {timeout_s:.0f} s"
        raise SilentPointError(msg)

    def _connected(
        self,
        client: Client,
        _userdata: Any,
        _flags: ConnectFlags | DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not reason.is_failure:
            client.subscribe([(topic, QOS) for topic in self._readers])

    def _message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        reader = self._readers.get(message.topic)
        if reader is None:
            return
        try:
            with self._changed:
                reader(bytes(message.payload))
                self._changed.notify_all()
        except BadMessageError as error:
            self._bad(f"{message.topic}: {error}")

    def _on_screen(self, payload: bytes) -> None:
        self.screen = decode(payload, Screen)

    def _on_reply(self, payload: bytes) -> None:
        reply = decode(payload, Reply)
        self._replies[reply.command_id] = reply

    def _on_signal(self, payload: bytes) -> None:
        self.signals.append(decode(payload, Signal))
