"""A real broker and a scripted point on it, for everything that has to cross a wire."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from kiosk.config import BusConfig, KioskConfig
from tests.kiosk.scripted_point import ScriptedPoint
from tests.programs import NatsServer, free_port, until
from wire.codec import decode, encode
from wire.point_bus import Command
from wire.topics import COMMAND, REPLY, SCREEN

PASSWORD = "only-in-tests"
_CONFIG = """
server_name: kiosk-tests
host: 127.0.0.1
port: {client_port}
jetstream {{ store_dir: "{store}", max_mem: 16MB, max_file: 64MB }}
mqtt {{ host: 127.0.0.1, port: {mqtt_port} }}
authorization {{ users: [
  {{ user: terminal, password: "{password}", permissions: {{
       publish: ["point.*.command"], subscribe: ["point.*.screen", "point.*.reply"] }} }}
  {{ user: edge, password: "{password}" }}
] }}
"""


class Broker(NatsServer):
    """The point bus with a terminal's permissions; can be killed and started on its port."""

    def __init__(self, folder: Path) -> None:
        port, config = free_port(), folder / "nats.conf"
        config.write_text(
            _CONFIG.format(
                client_port=free_port(), mqtt_port=port, store=folder / "store", password=PASSWORD
            )
        )
        super().__init__(config, port)


class PointOnBus:
    """The scripted point, publishing its screen and answering commands from paho's thread."""

    def __init__(self, broker: Broker, script: ScriptedPoint) -> None:
        self.script = script
        self.deaf = False
        self.lock = threading.Lock()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set("edge", PASSWORD)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", broker.mqtt_port)
        self._client.loop_start()
        until(self._client.is_connected, "the scripted point is on the bus")
        self._stopped = threading.Event()
        self._beat = threading.Thread(target=self._repeat_screen)
        self._beat.start()

    def show(self) -> None:
        with self.lock:
            payload = encode(self.script.screen())
        self.publish(SCREEN.of(self.script.point), payload, retain=True)

    def tap(self, *doors: str | None) -> None:
        with self.lock:
            for door in doors:
                self.script.tap(door)
        self.show()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain)

    def close(self) -> None:
        self.fall_silent()
        self._client.disconnect()
        self._client.loop_stop()

    def fall_silent(self) -> None:
        """No more screens, though the bus stays up."""
        self._stopped.set()
        self._beat.join()

    def _repeat_screen(self) -> None:
        while not self._stopped.wait(0.25):
            self.show()

    def _on_connect(self, client: Client, *_rest: object) -> None:
        client.subscribe(COMMAND.of(self.script.point), 1)
        self.show()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        command = decode(bytes(message.payload), Command)
        if self.deaf:
            with self.lock:
                self.script.received.append(command)
            return
        with self.lock:
            reply = self.script.answer(command)
        self.publish(REPLY.of(self.script.point), encode(reply))
        self.show()


@contextmanager
def point_on(broker: Broker, script: ScriptedPoint) -> Iterator[PointOnBus]:
    point = PointOnBus(broker, script)
    try:
        yield point
    finally:
        point.close()


def config_for(broker: Broker, point: str = "p03", **changes: object) -> KioskConfig:
    bus = BusConfig(host="127.0.0.1", port=broker.mqtt_port, username="terminal", password=PASSWORD)
    return KioskConfig.model_validate({"point": point, "title": "3号点", "bus": bus, **changes})
