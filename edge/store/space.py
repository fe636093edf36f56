"""Space for facts: who must be refused while there is still room to close what was begun."""

import os
from pathlib import Path
from typing import Literal

MB = 1024 * 1024
LITTLE_BYTES = 200 * MB
CLOSING_BYTES = 16 * MB
AGAIN_BYTES = 48 * MB
"""Well above what letting the ballast go gives back, so that refusing does not flap."""
BALLAST_BYTES = 8 * MB
"""Thousands of verdicts, and the write-ahead log at its longest."""

Level = Literal["enough", "little", "closing"]


class Space:
    """The disk of one folder. ``closing``: new visits are refused, the rest is still recorded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"
        self.level: Level = "enough"
        self.free_bytes = 0

    def look(self) -> Level:
        """How things stand; lets the ballast go, or lays it again."""
        if not self._folder.is_dir():
            return self.level
        disk = os.statvfs(self._folder)
        self.free_bytes = disk.f_bavail * disk.f_frsize
        if self.free_bytes < (AGAIN_BYTES if self.level == "closing" else CLOSING_BYTES):
            self.level = "closing"
            self._let_go()
        else:
            self.level = "little" if self.free_bytes < LITTLE_BYTES else "enough"
            if self.free_bytes >= AGAIN_BYTES:
                self._lay()
        return self.level

    def _let_go(self) -> None:
        try:
            self._ballast.unlink(missing_ok=True)
        except OSError:
            return  # read-only: then nothing can be written anyway

    def _lay(self) -> None:
        try:
            if self._ballast.exists() and self._ballast.stat().st_size == BALLAST_BYTES:
                return
            with self._ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
        except OSError:
            self._let_go()
