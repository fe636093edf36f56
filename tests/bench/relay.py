"""A wire between the daemon and its broker that notes when chosen words pass."""

import queue
import socket
import struct
import threading
from types import TracebackType
from typing import Self

from tests.programs import free_port

SO_TIMESTAMPNS = 35
"""asm-generic/socket.h; Python has no name for it."""


class Relay:
    """Passes every byte on; ``seen`` gets the moment at which ``word`` came out of the daemon.

    The moment is the kernel's, when the bytes came to the socket (CLOCK_REALTIME in seconds): how
    long this process takes to wake up is no part of it.
    """

    def __init__(self, broker_port: int, word: bytes) -> None:
        self.port = free_port()
        self.seen: queue.Queue[float] = queue.Queue()
        self._broker_port = broker_port
        self._word = word
        self._listener = socket.create_server(("127.0.0.1", self.port))

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                daemon, _ = self._listener.accept()
            except OSError:  # closed: the bench is over
                return
            broker = socket.create_connection(("127.0.0.1", self._broker_port))
            for side in (daemon, broker):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for ways in ((daemon, broker, True), (broker, daemon, False)):
                threading.Thread(target=self._pass_on, args=ways, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, watched: bool) -> None:
        with source, sink:
            source.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            while (heard := source.recvmsg(65536, 64))[0]:
                data, told = heard[:2]
                sink.sendall(data)
                if watched and self._word in data:
                    ((_, _, moment),) = told
                    seconds, nanoseconds = struct.unpack("ll", moment)
                    self.seen.put(seconds + nanoseconds / 1e9)
