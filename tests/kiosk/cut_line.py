"""A line to the hub that can fall silent without anybody closing it, as a pulled cable does."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

Silent = Literal["", "answers", "both"]


class CutLine:
    """Passes bytes on; ``silent`` says which of them get lost from now on."""

    def __init__(self, url: str) -> None:
        self.silent: Silent = ""
        parts = urlsplit(url)
        self._hub = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                terminal, _ = self._listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=self._carry, args=(terminal,), daemon=True).start()

    def _carry(self, terminal: socket.socket) -> None:
        with terminal, socket.create_connection(self._hub) as hub:
            while True:
                ready, _, _ = select.select([terminal, hub], [], [])
                for source in ready:
                    data = source.recv(65_536)
                    if not data:
                        return
                    if self.silent == "both" or (self.silent and source is hub):
                        continue
                    (hub if source is terminal else terminal).sendall(data)


@contextmanager
def cut_line(url: str) -> Iterator[CutLine]:
    line = CutLine(url)
    try:
        yield line
    finally:
        line.close()
