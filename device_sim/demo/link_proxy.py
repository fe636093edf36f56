"""A TCP link that can be cut: the cable between one point and the hub's broker."""

import contextlib
import selectors
import socket
import threading
import time

CHUNK = 65536
SLOW_CHUNK = 512
LOOK_S = 0.5


class LinkProxy:
    """Forwards every connection until the link is cut; then it refuses and drops all."""

    def __init__(self, listen: tuple[str, int], target: tuple[str, int]) -> None:
        self._target = target
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._up = True
        self._swallows = False
        self._bytes_s: int | None = None
        self._stop = False
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(listen)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="link", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._up = False

    def swallow(self) -> None:
        """Half open: both ends believe in the connection, and nothing arrives any more."""
        self._swallows = True

    def slow_to(self, bytes_s: int | None) -> None:
        """So many bytes a second both ways together; None: as fast as it goes."""
        self._bytes_s = bytes_s

    def restore(self) -> None:
        """What was swallowed tore the streams: both ends begin anew."""
        if self._swallows:
            self.cut()
            time.sleep(2 * LOOK_S)
        self._swallows, self._up = False, True

    def close(self) -> None:
        self._stop = True
        self._thread.join()

    def _serve(self) -> None:
        while not self._stop:
            for key, _ in self._selector.select(LOOK_S):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._forward(key.fileobj)
            if not self._up:
                self._drop_all()
        self._drop_all()
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        try:
            far = socket.create_connection(self._target, timeout=2.0) if self._up else None
        except OSError:
            far = None
        if far is None:
            near.close()
            return
        far.settimeout(None)
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _forward(self, source: socket.socket) -> None:
        sink = self._pairs.get(source)
        if sink is None:
            return
        try:
            data = source.recv(CHUNK if self._bytes_s is None else SLOW_CHUNK)
            if self._bytes_s is not None:
                time.sleep(len(data) / self._bytes_s)
            if not self._swallows:
                sink.sendall(data)
        except OSError:
            data = b""
        if not data:
            self._drop(source)

    def _drop(self, one: socket.socket) -> None:
        for end in (one, self._pairs.pop(one, None)):
            if end is not None:
                self._pairs.pop(end, None)
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(end)
                end.close()

    def _drop_all(self) -> None:
        for end in list(self._pairs):
            self._drop(end)
