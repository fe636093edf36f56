"""What a commissioning leaves on the disk: the corrected file, its backup, what was measured."""

import os
import shutil
from pathlib import Path

from pydantic import BaseModel, ValidationError

from edge.commission.limits import Measured
from edge.config import EdgeConfig
from wire.config_file import read_config


class FileChangedError(Exception):
    """Somebody else wrote the file meanwhile; it was left alone."""


class Kept(BaseModel):
    """What earlier sessions at this point measured."""

    community: str
    point: str
    bins: dict[int, Measured] = {}
    readers: tuple[str, ...] = ()


class ConfigFile:
    """The point's edge.toml: every writing is whole, checked first, and the first makes a copy."""

    def __init__(self, path: Path, backup_suffix: str) -> None:
        self.path = path.resolve()
        self.original = self.path.read_text(encoding="utf-8")
        self.backup = self.path.with_name(f"{self.path.name}.{backup_suffix}")
        self._last = self.original

    def write(self, text: str) -> EdgeConfig:
        """The file as the daemon will read it; raises ConfigError, FileChangedError or OSError."""
        if self.path.read_text(encoding="utf-8") != self._last:
            msg = f"{self.path}: changed by somebody else meanwhile; run commission again"
            raise FileChangedError(msg)
        fresh = self.path.with_name(f".{self.path.name}.new")
        try:
            write_whole(fresh, text, like=self.path)
            config = read_config(fresh, EdgeConfig)
            if text != self._last:
                if not self.backup.exists():
                    write_whole(self.backup, self.original, like=self.path)
                fresh.replace(self.path)
                _sync_folder(self.path)
        finally:
            fresh.unlink(missing_ok=True)
        self._last = text
        return config


def keep(path: Path, kept: Kept) -> None:
    """Beside the configuration; the old one stands until the new one is whole."""
    fresh = path.with_name(f".{path.name}.new")
    write_whole(fresh, kept.model_dump_json(indent=1) + "\n")
    fresh.replace(path)
    _sync_folder(path)


def kept_at(path: Path, community: str, point: str) -> Kept:
    """Nothing when there is no file, when it cannot be read, or when it is of another point."""
    try:
        kept = Kept.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return Kept(community=community, point=point)
    if (kept.community, kept.point) != (community, point):
        return Kept(community=community, point=point)
    return kept


def write_whole(path: Path, text: str, like: Path | None = None) -> None:
    """On the disk when this returns; readable by nobody whom ``like`` keeps out."""
    path.unlink(missing_ok=True)
    mode = 0o644 if like is None else like.stat().st_mode & 0o777
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    if like is not None:
        path.chmod(mode)
        if os.geteuid() == 0:
            shutil.chown(path, like.stat().st_uid, like.stat().st_gid)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
