"""Mosquitto as the hub's broker: TLS, a certificate a client, and what each may say and hear.

A certificate's common name is the user name, so nobody poses as another. Mosquitto grants every
subscription and delivers only what the list allows; what it denies it still acknowledges.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from wire.topics import TOPICS

if TYPE_CHECKING:  # it reads certificates, which a serving hub does not
    from hub.brokers.certs import Authority

LARGEST_PACKET = 128 * 1024
"""A roster page has at most 64 KB; who sends more is cut off."""
QUEUED = 4000
"""Twelve full windows for a hub that is busy; beyond, what has no receipt is sent again."""
IN_FLIGHT = 200


def mosquitto_config(*, folder: Path, port: int, host: str, run_as: str) -> str:
    """The whole configuration; it holds no secret, the folder of :func:`broker_files` does."""
    place = folder.resolve()
    lines = [
        f"listener {port} {host}",
        f"cafile {place / 'ca.crt'}",
        f"certfile {place / 'broker.crt'}",
        f"keyfile {place / 'broker.key'}",
        f"crlfile {place / 'revoked.crl'}",
        "tls_version tlsv1.2",
        "require_certificate true",
        "use_identity_as_username true",
        "allow_anonymous false",
        f"acl_file {place / 'acl'}",
        f"user {run_as}",
        "persistence false",
        "set_tcp_nodelay true",
        f"max_packet_size {LARGEST_PACKET}",
        f"max_queued_messages {QUEUED}",
        f"max_inflight_messages {IN_FLIGHT}",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    return "\n".join([*lines, ""])


def broker_files(authority: "Authority", acl: str) -> dict[str, bytes]:
    """What the broker reads, by name: copies, because the hub's own folder is closed to it."""
    ours = authority.broker
    return {
        "ca.crt": ours.ca.read_bytes(),
        "broker.crt": ours.cert.read_bytes(),
        "broker.key": ours.key.read_bytes(),
        "revoked.crl": authority.crl.read_bytes(),
        "acl": acl.encode(),
    }


def acl_file(*, community: str, hub: str, nodes: Iterable[str]) -> str:
    """Who may say and hear what; whoever is not in it, nothing."""
    lines = [f"user {hub}", f"topic readwrite lianxin/v1/{community}/#"]
    for node in sorted(nodes):
        lines += ["", f"user {node}"]
        for topic in TOPICS:
            if topic.broker == "hub":
                right = "write" if topic.sender == "node" else "read"
                where = topic.shape.format(community=community, point=node, page="+")
                lines.append(f"topic {right} {where}")
    return "\n".join([*lines, ""])
