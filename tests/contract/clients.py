"""Bare MQTT clients with a certificate, who say and hear what they like."""

import queue
import secrets
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from hub.brokers.certs import Files
from tests.contract.servers import HOST

PATIENCE_S = 5.0


class Caller:
    """One connection; nothing is tried again."""

    def __init__(
        self,
        port: int,
        files: Files | None,
        *,
        trust: Path,
        user: str = "",
        will: tuple[str, bytes] | None = None,
    ) -> None:
        context = ssl.create_default_context(cafile=trust)
        if files is not None:
            context.load_cert_chain(files.cert, files.key)
        self.heard: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self.answer: str | None = None
        self._answered = threading.Event()
        self._subscribed = threading.Event()
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"caller-{secrets.token_hex(4)}",
            reconnect_on_failure=False,
        )
        self.client.tls_set_context(context)
        if user:
            self.client.username_pw_set(user)
        if will is not None:
            self.client.will_set(*will, qos=1, retain=True)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self._tell("closed")
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.connect(HOST, port)
        self.client.loop_start()
        assert self._answered.wait(PATIENCE_S), "neither let in nor refused"

    def _on_connect(self, *arguments: Any) -> None:
        self._tell("in" if not arguments[3].is_failure else "refused")

    def _on_message(self, _client: object, _data: object, message: MQTTMessage) -> None:
        self.heard.put((message.topic, bytes(message.payload), message.retain))

    def _tell(self, what: str) -> None:
        self.answer = self.answer or what
        self._answered.set()

    def listen(self, topics: Sequence[str]) -> None:
        """Subscribe; granted or not, the broker has looked at it."""
        self._subscribed.clear()
        self.client.subscribe([(topic, 1) for topic in topics])
        assert self._subscribed.wait(PATIENCE_S)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Until the broker has acknowledged it, which means nothing."""
        self.client.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE_S)

    def hear(self, topic: str) -> tuple[bytes, bool]:
        """The next message of a topic; whether it was retained."""
        while True:
            heard, payload, retained = self.heard.get(timeout=PATIENCE_S)
            if heard == topic:
                return payload, retained

    def hear_live(self, topic: str) -> bytes:
        """The next message of a topic that was said while we listened."""
        while True:
            payload, retained = self.hear(topic)
            if not retained:
                return payload

    def vanish(self) -> None:
        """Without a goodbye."""
        sock = self.client.socket()
        assert isinstance(sock, ssl.SSLSocket)
        sock.shutdown(2)

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def caller(
    port: int, files: Files | None, *, trust: Path, user: str = "",
    will: tuple[str, bytes] | None = None,
) -> Iterator[Caller]:  # fmt: skip
    one = Caller(port, files, trust=trust, user=user, will=will)
    try:
        yield one
    finally:
        one.stop()
