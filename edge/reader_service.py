"""``lianxin-edge reader``: one card reader at a desk, for programs that must not see card numbers.

Each client of the socket gets one JSON object a line; what clients send is ignored.
"""

import json
import logging
import os
import queue
import selectors
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge.cards.token import Tokenizer
from edge.config import load_keys
from edge.device_config import ReaderConfig
from edge.events import CardRefused, CardSeen, Event, PortDown, PortUp, StopAsked, ThreadDied
from edge.point.taps import SameCard
from edge.ports.reader import ReaderWorker
from wire.config_file import FilePath, Section

SAME_CARD_MS = 3000
TURN_S = 0.05
JOIN_S = 2
MAX_CLIENTS = 16
OWNER_ONLY = 0o177

log = logging.getLogger(__name__)


class ReaderFile(Section):
    """A desk's reader.toml: the keys and the reader as in an edge.toml, and nothing else."""

    card_keys: Annotated[dict[Annotated[int, Field(ge=1, le=999)], FilePath], Field(min_length=1)]
    uid_bits: Literal[24, 32] = 32
    readers: Annotated[tuple[ReaderConfig, ...], Field(min_length=1, max_length=1)]

    @model_validator(mode="after")
    def _enough_bits(self) -> "ReaderFile":
        if self.readers[0].kind == "wiegand-serial-hex6" and self.uid_bits != 24:
            msg = "kind wiegand-serial-hex6 sees 24 bits of a card; set uid_bits = 24 everywhere"
            raise ValueError(msg)
        if self.readers[0].kind == "qr-line" and self.uid_bits == 24:
            msg = "kind qr-line: a printed code has more than 24 bits; set uid_bits = 32"
            raise ValueError(msg)
        return self

    def tokenizer(self) -> Tokenizer:
        """Raises KeyFileError."""
        return Tokenizer(load_keys(self.card_keys), self.uid_bits)


class SocketPathError(Exception):
    """The socket cannot stand at this path; the message says what to do."""


class LineSocket:
    """A Unix socket of which every client gets every line; one that does not read is dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clients: set[socket.socket] = set()
        self._server = _bind(path)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)

    def turn(self, timeout_s: float) -> None:
        """Let clients in and out; returns after the time-out at the latest."""
        ready = [key.fileobj for key, _ in self._selector.select(timeout_s)]
        for client in self._clients.intersection(ready):
            if not _still_there(client):
                self._drop(client)
        if self._server in ready:
            self._let_in()

    def send(self, line: bytes) -> None:
        """To everybody who has connected by now, waiting for nobody."""
        self._let_in()
        for client in list(self._clients):
            try:
                whole = client.send(line) == len(line)
            except OSError:
                whole = False
            if not whole:
                self._drop(client)

    def close(self) -> None:
        """Say goodbye to all and take the name away."""
        for client in list(self._clients):
            self._drop(client)
        self._selector.close()
        self._server.close()
        self._path.unlink(missing_ok=True)

    def _let_in(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except BlockingIOError:
                return
            if len(self._clients) >= MAX_CLIENTS:
                log.warning("more than %d clients; the newest is sent away", MAX_CLIENTS)
                client.close()
                continue
            client.setblocking(False)
            self._clients.add(client)
            self._selector.register(client, selectors.EVENT_READ)

    def _drop(self, client: socket.socket) -> None:
        self._clients.remove(client)
        self._selector.unregister(client)
        client.close()


def _still_there(client: socket.socket) -> bool:
    try:
        return client.recv(1024) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _bind(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    try:
        _take_over(path)
        before = os.umask(OWNER_ONLY)
        try:
            server.bind(str(path))
        finally:
            os.umask(before)
        server.listen()
    except OSError as error:
        server.close()
        msg = f"{path}: {error}; give --socket a short path in a folder you may write"
        raise SocketPathError(msg) from error
    except SocketPathError:
        server.close()
        raise
    server.setblocking(False)
    return server


def _take_over(path: Path) -> None:
    """Remove what a killed process left, and nothing else."""
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        msg = f"{path}: something else stands there, expected nothing; remove it"
        raise SocketPathError(msg)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    msg = f"{path}: another program serves this socket; stop it first"
    raise SocketPathError(msg)


class ReaderService:
    """:meth:`run` returns after SIGTERM or SIGINT."""

    def __init__(self, config: ReaderFile, path: Path, up_ms: Callable[[], int]) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self._same_card = SameCard()
        self._working: bool | None = None
        self._worker = ReaderWorker(config.readers[0], config.tokenizer(), self.events, up_ms)
        self._socket = LineSocket(path)

    def run(self) -> None:
        """Serve until a signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.events.put(StopAsked()))
        self.serve()

    def serve(self) -> None:
        """Serve until StopAsked is on the queue."""
        self._worker.start()
        try:
            while self._handle_all():
                self._socket.turn(TURN_S)
        finally:
            self._worker.stop()
            self._worker.join(JOIN_S)
            self._socket.close()

    def _handle_all(self) -> bool:
        while not self.events.empty():
            event = self.events.get()
            if isinstance(event, StopAsked):
                return False
            self._handle(event)
        return True

    def _handle(self, event: Event) -> None:
        if isinstance(event, CardSeen):
            seen = self._same_card.sighting(event.reader, event.token, event.up_ms, SAME_CARD_MS)
            if seen != "new":
                return
            old = {} if event.token_old is None else {"card_old": event.token_old}
            self._socket.send(json.dumps({"card": event.token} | old).encode() + b"\n")
        elif isinstance(event, CardRefused):
            log.warning("%s: %s", event.reader, event.reason)
        elif isinstance(event, PortUp):
            self._working = True
            log.info("%s: ready", event.name)
        elif isinstance(event, PortDown | ThreadDied) and self._working is not False:
            self._working = False
            log.warning("%s: %s; trying again", event.name, event.reason)
