"""nats-server as the hub's broker: an MQTT listener and a permission per node.

Without certificates passwords stand in clear: such a file is for this machine's own broker and
belongs into mode 600. With certificates the common name is the user, and no password is looked at.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wire.topics import TOPICS

if TYPE_CHECKING:  # it reads certificates, which a serving hub does not
    from hub.brokers.certs import Authority

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
    authority: "Authority | None" = None,
) -> str:
    """The whole configuration; ``hub`` is the hub's user name and password."""
    tls = "" if authority is None else _tls(authority)
    with_password = authority is None
    users = [f"    {{ {_user(*hub, with_password=with_password)} }}"]
    users += [
        f"    {{ {_user(name, password, with_password=with_password)},\n"
        f"      {_permissions(community, name)} }}"
        for name, password in sorted(nodes.items())
    ]
    return "\n".join(
        [
            f'server_name: "lianxin-hub-{community}"',
            f'listen: "127.0.0.1:{client_port}"',
            # Whoever may speak to this port without a certificate could name any user.
            *([tls] if tls else []),
            f"jetstream {{ store_dir: {_quoted(str(store.resolve()))} }}",
            f'mqtt {{ listen: "{host}:{mqtt_port}"{", " + tls if tls else ""} }}',
            "authorization {",
            "  users = [",
            *users,
            "  ]",
            "}",
            "",
        ]
    )


def _tls(authority: "Authority") -> str:
    files = authority.broker
    return (
        f"tls {{ cert_file: {_path(files.cert)}, key_file: {_path(files.key)},"
        f" ca_file: {_path(files.ca)}, verify_and_map: true }}"
    )


def _user(name: str, password: str, *, with_password: bool) -> str:
    if with_password:
        return f"user: {_quoted(name)}, password: {_quoted(password)}"
    return f"user: {_quoted(f'CN={name}')}"


def _permissions(community: str, name: str) -> str:
    sends = ", ".join(f'"{_subject(topic.of(community, name))}"' for topic in _NODE_SENDS)
    mine = f"lianxin.v1.{community}.{name}"
    reads = f'"{mine}", "{mine}.>", "$MQTT.sub.>", "$MQTT.deliver.pubrel.>"'
    return f"permissions: {{ publish: [{sends}],\n        subscribe: [{reads}] }}"


def _subject(topic: str) -> str:
    """NATS writes the separator of an MQTT topic as a dot."""
    return topic.replace("/", ".")


def _path(path: Path) -> str:
    return _quoted(str(path.resolve()))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
