"""A serial line without hardware: a pseudo-tty under a stable name."""

import errno
import os
import select
import tty
from pathlib import Path
from types import TracebackType
from typing import Self


class PtyPort:
    """The device's end. 8N1 only: a pty refuses parity at its second opening.

    The far end stays open here too; otherwise reading fails while nobody listens.
    """

    def __init__(self, link: Path, unlike: str = "") -> None:
        """``unlike`` names a node that must not be had again, as after a replug."""
        self._master, self._far = os.openpty()
        if os.ttyname(self._far) == unlike:
            spare = self._master, self._far
            self._master, self._far = os.openpty()
            for descriptor in spare:
                os.close(descriptor)
        tty.setraw(self._far)
        os.set_blocking(self._master, False)
        self.link = link
        self.node = os.ttyname(self._far)
        fresh = link.with_name(f"{link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.node)
        fresh.replace(link)

    def write(self, data: bytes) -> None:
        """Bytes go out whether or not anybody listens; a full line loses them, as on a wire."""
        try:
            os.write(self._master, data)
        except BlockingIOError:
            return

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, or nothing after the time-out."""
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        if not ready:
            return b""
        try:
            return os.read(self._master, 1024)
        except BlockingIOError:
            return b""

    def read_frame(self, timeout_s: float, gap_s: float) -> bytes:
        """Bytes up to the first silence of ``gap_s``: how RTU ends a frame."""
        frame = data = self.read(timeout_s)
        while data:
            data = self.read(gap_s)
            frame += data
        return frame

    def close(self) -> None:
        self.link.unlink(missing_ok=True)
        for descriptor in (self._master, self._far):
            try:
                os.close(descriptor)
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
