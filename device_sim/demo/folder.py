"""The folder of a rehearsal: one at a time, emptied at each start, never somebody else's."""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import TextIO

from device_sim.compound.files import HOST, Ports
from device_sim.demo.trouble import DemoError

MARK = ".lianxin-demo"
NEED_BYTES = 60 * 1024 * 1024


def claim(folder: Path) -> TextIO:
    """An empty folder and its lock, held until the returned file is closed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / MARK).exists():
            msg = f"{folder} holds other files; pass --folder with a new or an empty folder"
            raise DemoError(msg)
        lock = (folder / MARK).open("a+")
    except OSError as error:
        raise DemoError(f"{folder}: {error.strerror}; pass --folder with another one") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        msg = f"a demo already runs in {folder} (process {owner}); end it first, or pass --folder"
        raise DemoError(msg) from None
    _empty(folder)
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    check_space(folder)
    return lock


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def check_space(folder: Path) -> None:
    """Raise DemoError while there is still room to say so."""
    free = shutil.disk_usage(folder).free
    if free < NEED_BYTES:
        msg = (
            f"{folder}: the disk is full, {free // 2**20} MB are free and {NEED_BYTES // 2**20} MB "
            "are needed; free some space, or pass --folder on another disk"
        )
        raise DemoError(msg)


def check_ports(ports: Ports) -> None:
    """Raise DemoError naming every busy port."""
    busy = [f"{port} ({use})" for use, port in ports.named().items() if not _free(port)]
    if busy:
        msg = (
            f"busy on {HOST}: port {', port '.join(busy)}; end the program that listens there "
            "(perhaps another demo), or pass --port-base"
        )
        raise DemoError(msg)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
