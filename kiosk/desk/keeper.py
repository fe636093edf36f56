"""The thread that keeps drafts on the disk; of several states only the newest is written."""

import threading
from collections.abc import Callable
from pathlib import Path

from kiosk.desk import drafts
from kiosk.desk.drafts import Box

STOP_S = 5.0


class Keeper:
    """``tell`` is called from its thread, with None or why a writing failed; it must only put."""

    def __init__(self, path: Path, tell: Callable[[str | None], object]) -> None:
        self._path = path
        self._tell = tell
        self._newest: Box | None = None
        self._stopping = False
        self._turn = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """After what is newest is on the disk."""
        with self._turn:
            self._stopping = True
            self._turn.notify()
        self._thread.join(STOP_S)

    def keep(self, box: Box) -> None:
        """Waits for nobody."""
        with self._turn:
            self._newest = box
            self._turn.notify()

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._newest is not None or self._stopping)
                box, self._newest = self._newest, None
                if box is None:
                    return
            try:
                drafts.write(self._path, box)
            except OSError as error:
                self._tell(str(error.strerror or error))
            else:
                self._tell(None)
