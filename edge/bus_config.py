"""The point bus as a NATS server configuration: who may say and hear what on it.

A device may not read the screen, a terminal may not pose as a device; only the daemon sees both,
and only the daemon hears a reader's topic, which carries card numbers.
MQTT's ``/`` is ``.`` in a NATS subject; ``$MQTT`` subjects carry a client's own QoS 1 deliveries.
"""

import json

from edge.config import EdgeConfig
from edge.wireless import topics_of
from wire import topics

_OWN = ["$MQTT.sub.>", "$MQTT.deliver.pubrel.>"]


def nats_config(
    points: list[EdgeConfig],
    *,
    listen: str = "127.0.0.1",
    mqtt_port: int,
    client_port: int,
    store: str,
    terminal_password: str,
    device_password: str,
) -> str:
    """Configuration text; it holds passwords in clear, so write it with mode 600."""
    users = []
    for config in points:
        users += _users(config, terminal_password, device_password)
    return (
        'server_name: "lianxin-point-bus"\n'
        f'listen: "127.0.0.1:{client_port}"\n'
        f"jetstream {{ store_dir: {json.dumps(store)} }}\n"
        f'mqtt {{ listen: "{listen}:{mqtt_port}" }}\n'
        "authorization {\n  users = [\n" + "\n".join(users) + "\n  ]\n}\n"
    )


def _users(config: EdgeConfig, terminal_password: str, device_password: str) -> list[str]:
    point = config.point
    node_says = [topic.of(point) for topic in (topics.SCREEN, topics.REPLY, topics.SIGNAL)]
    command = topics.COMMAND.of(point)
    devices = topics_of(config)
    listener = [command, *devices]
    return [
        _user(config.point_bus.username, config.point_bus.password, node_says, listener),
        _user(f"terminal-{point}", terminal_password, [command], node_says),
        _user(f"devices-{point}", device_password, devices, node_says[2:]),
    ]


def _user(name: str, password: str, publish: list[str], subscribe: list[str]) -> str:
    def subjects(topic_list: list[str], extra: list[str]) -> str:
        return json.dumps([topic.replace("/", ".") for topic in topic_list] + extra)

    return (
        f"    {{ user: {json.dumps(name)}, password: {json.dumps(password)}, permissions: {{"
        f" publish: {subjects(publish, [])}, subscribe: {subjects(subscribe, _OWN)} }} }}"
    )
