"""nats-server as the hub's broker: an MQTT listener on loopback and a permission per node.

Passwords stand in clear: the file is for this machine's own broker and belongs into mode 600.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from wire.topics import TOPICS

_NODE_SENDS = tuple(t for t in TOPICS if t.sender == "node" and t.broker == "hub")


def nats_config(
    *,
    community: str,
    hub: tuple[str, str],
    nodes: Mapping[str, str],
    mqtt_port: int,
    client_port: int,
    store: Path,
    host: str = "127.0.0.1",
) -> str:
    """The whole configuration; ``hub`` is the hub's user name and password."""
    users = [f"    {{ user: {_quoted(hub[0])}, password: {_quoted(hub[1])} }}"]
    users += [_node(community, name, password) for name, password in sorted(nodes.items())]
    return "\n".join(
        [
            f'server_name: "lianxin-hub-{community}"',
            f'listen: "{host}:{client_port}"',
            f"jetstream {{ store_dir: {_quoted(str(store.resolve()))} }}",
            f'mqtt {{ listen: "{host}:{mqtt_port}" }}',
            "authorization {",
            "  users = [",
            *users,
            "  ]",
            "}",
            "",
        ]
    )


def _node(community: str, name: str, password: str) -> str:
    sends = ", ".join(f'"{_subject(topic.of(community, name))}"' for topic in _NODE_SENDS)
    mine = f"lianxin.v1.{community}.{name}"
    reads = f'"{mine}", "{mine}.>", "$MQTT.sub.>", "$MQTT.deliver.pubrel.>"'
    return (
        f"    {{ user: {_quoted(name)}, password: {_quoted(password)},\n"
        f"      permissions: {{ publish: [{sends}],\n"
        f"        subscribe: [{reads}] }} }}"
    )


def _subject(topic: str) -> str:
    """NATS writes the separator of an MQTT topic as a dot."""
    return topic.replace("/", ".")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
