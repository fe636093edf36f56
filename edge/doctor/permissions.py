"""Whether the daemon's user may do what root, who asks, may anyway."""

import grp
import os
import pwd
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from edge.config import EdgeConfig
from edge.doctor.finding import Finding
from edge.ports.listen import wires
from edge.ports.node import node_of

READ, READ_WRITE = 4, 6


def of_the_daemon(config: EdgeConfig, file: Path) -> Iterator[Finding]:
    """Its user is who owns the data folder; nothing to say before there is one, or for root."""
    if os.geteuid() != 0 or not config.data.exists() or config.data.stat().st_uid == 0:
        return
    try:
        user = pwd.getpwuid(config.data.stat().st_uid)
    except KeyError:
        remedy = f"chown {config.data} to the daemon's user"
        yield Finding("fail", f"data: {config.data} belongs to no user of this machine", remedy)
        return
    refused = [*_ports(config, user), *_files(config, file, user)]
    yield from refused
    if not refused:
        yield Finding("ok", f"permissions: {user.pw_name} may open ports, keys and configuration")


def _ports(config: EdgeConfig, user: pwd.struct_passwd) -> Iterator[Finding]:
    for wire in wires(config):
        try:
            node = node_of(wire.port).resolve()
            found = node.stat()
        except OSError:
            continue  # told where the ports are looked at
        if not may(found, user.pw_uid, _groups(user), READ_WRITE):
            remedy = f"usermod -aG {_group(found.st_gid)} {user.pw_name}, then restart the daemon"
            yield Finding("fail", f"{wire.name}: {user.pw_name} may not open {node}", remedy)


def _files(config: EdgeConfig, file: Path, user: pwd.struct_passwd) -> Iterator[Finding]:
    for path in (file, *config.card_keys.values()):
        if path.exists() and not may(path.stat(), user.pw_uid, _groups(user), READ):
            remedy = f"chown {user.pw_name} {path}"
            yield Finding("fail", f"{path}: {user.pw_name} may not read it", remedy)


def _groups(user: pwd.struct_passwd) -> list[int]:
    return os.getgrouplist(user.pw_name, user.pw_gid)


def may(found: os.stat_result, uid: int, groups: Collection[int], wanted: int) -> bool:
    """The kernel's rule: the first of owner, group and others that fits decides alone."""
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid == uid:
        return mode >> 6 & wanted == wanted
    if found.st_gid in groups:
        return mode >> 3 & wanted == wanted
    return mode & wanted == wanted


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
