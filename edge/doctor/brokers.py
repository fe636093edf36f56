"""Whether a broker answers, and lets us in."""

import secrets
import time
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import BrokerConfig, EdgeConfig
from edge.doctor.finding import Finding, Level

PATIENCE_S = 3.0


def brokers(config: EdgeConfig) -> list[Finding]:
    """Without the hub a point works on; without its bus, terminal and Wi-Fi scales are dead."""
    return [
        _ask("hub_broker", config.hub_broker, away="warn"),
        _ask("point_bus", config.point_bus, away="fail"),
    ]


def _ask(name: str, broker: BrokerConfig, *, away: Level) -> Finding:
    where = f"{name}: {broker.host}:{broker.port}"
    try:
        answer = _connect(broker)
    except OSError as error:
        remedy = f"check network, {name}.host and .port, and that the broker runs"
        return Finding(away, f"{where} cannot be reached: {error.strerror or error}", remedy)
    if answer is None:
        return Finding(away, f"{where} does not speak MQTT", f"check {name}.port")
    if answer.is_failure:
        remedy = f"check {name}.username and .password against the broker's"
        return Finding("fail", f"{where} refuses {broker.username}: {answer}", remedy)
    return Finding("ok", f"{where} accepts {broker.username}")


def _connect(broker: BrokerConfig) -> Any:
    """The reason code of the CONNACK, None without one; raises OSError.

    The client id is not the daemon's, or the broker would throw the daemon out.
    """
    answers: list[Any] = []
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"doctor-{secrets.token_hex(6)}",
        clean_session=True,
        protocol=mqtt.MQTTv311,
        reconnect_on_failure=False,
    )
    client.username_pw_set(broker.username, broker.password)
    client.on_connect = lambda *arguments: answers.append(arguments[3])
    client.connect_timeout = PATIENCE_S
    client.connect(broker.host, broker.port)
    until_s = time.monotonic() + PATIENCE_S
    while not answers and time.monotonic() < until_s:
        if client.loop(0.1) != mqtt.MQTT_ERR_SUCCESS:
            break
    client.disconnect()
    return answers[0] if answers else None
