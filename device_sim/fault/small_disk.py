"""A disk so small that it can be filled: a tmpfs, which only root may mount."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from device_sim.demo.trouble import DemoError

SIZE_MB = 96
BLOCK = 64 * 1024


@contextlib.contextmanager
def mounted(path: Path) -> Iterator[None]:
    """A tmpfs at this place."""
    path.mkdir(mode=0o700)
    argv = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0700", "tmpfs", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        msg = f"{path}: no small disk: {done.stderr.strip()}; run this one as root"
        raise DemoError(msg)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=False)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte left on the disk of this folder, until the block ends."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        size = BLOCK
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """As a kernel leaves it after an error, until the block ends; nobody may be writing there."""
    _remount(folder, "ro")
    try:
        yield
    finally:
        _remount(folder, "rw")


def _remount(folder: Path, how: str) -> None:
    argv = ["mount", "-o", f"remount,{how}", str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        msg = f"{folder}: not remounted {how}: {done.stderr.strip()}"
        raise DemoError(msg)
