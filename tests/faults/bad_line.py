"""A line that is cut, swallows, crawls or lies; the broker behind it is real."""

import socket
import time
from collections.abc import Callable

from device_sim.demo import link_proxy
from tests.programs import free_port

SUBACK, REFUSED = 0x90, 0x80


class BadLine(link_proxy.LinkProxy):
    """``swallows`` everything, crawls at ``bytes_per_s``, or may ``change`` the answers."""

    def __init__(self, broker_port: int) -> None:
        self.port = free_port()
        self.swallows = False
        self.bytes_per_s: float | None = None
        self.change: Callable[[bytes], bytes] = lambda data: data
        self.connections = 0
        self._broker_port = broker_port
        super().__init__(("127.0.0.1", self.port), ("127.0.0.1", broker_port))

    def _accept(self) -> None:
        self.connections += 1
        super()._accept()

    def _forward(self, source: socket.socket) -> None:
        sink = self._pairs.get(source)
        if sink is None:
            return
        try:
            data = source.recv(1024)
            if data and not self.swallows:
                if self.bytes_per_s is not None:
                    time.sleep(len(data) / self.bytes_per_s)
                from_broker = source.getpeername()[1] == self._broker_port
                sink.sendall(self.change(data) if from_broker else data)
        except OSError:
            data = b""
        if not data and not self.swallows:
            self._drop(source)


def refusing_subscriptions(data: bytes) -> bytes:
    """Every SUBACK in these bytes says no; other packets pass. Packets here are short."""
    out, at = bytearray(data), 0
    while at + 1 < len(out):
        length = out[at + 1]
        if out[at] == SUBACK and length < 0x80:
            for place in range(at + 4, at + 2 + length):
                out[place] = REFUSED
        if length >= 0x80:  # longer than a SUBACK ever is
            break
        at += 2 + length
    return bytes(out)
