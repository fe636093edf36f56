"""Whether a broker answers, and lets us in."""

import secrets
import ssl
import time
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import EdgeConfig
from edge.doctor.finding import Finding, Level
from wire.broker import BrokerConfig, TlsError, tls_context

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
    except TlsError as error:
        return Finding("fail", f"{name}.{error}", "then chmod 600 the key")
    except ssl.SSLError as error:
        remedy = f"is {name}.ca the broker's authority, and {name}.host a name in its certificate?"
        return Finding("fail", f"{where}: {error.reason or error}", remedy)
    except OSError as error:
        remedy = f"check network, {name}.host and .port, and that the broker runs"
        return Finding(away, f"{where} cannot be reached: {error.strerror or error}", remedy)
    if answer is None:
        return _silent(name, broker, where, away)
    if answer.is_failure:
        remedy = f"check {name}.username and .password against the broker's"
        return Finding("fail", f"{where} refuses {broker.username}: {answer}", remedy)
    return Finding("ok", f"{where} accepts {broker.username}")


def _silent(name: str, broker: BrokerConfig, where: str, away: Level) -> Finding:
    if broker.cert is None:
        return Finding(away, f"{where} does not speak MQTT", f"check {name}.port")
    remedy = "the broker's log says why: ended, revoked, or of another authority"
    return Finding("fail", f"{where} does not take {broker.cert}", remedy)


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
    if (context := tls_context(broker)) is not None:
        client.tls_set_context(context)
    client.connect_timeout = PATIENCE_S
    client.connect(broker.host, broker.port)
    until_s = time.monotonic() + PATIENCE_S
    while not answers and time.monotonic() < until_s:
        if client.loop(0.1) != mqtt.MQTT_ERR_SUCCESS:
            break
    client.disconnect()
    return answers[0] if answers else None
