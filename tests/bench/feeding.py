"""Nodes that say facts made beforehand as their windows allow: they cost next to nothing."""

import re
import secrets
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.faults.month import COMMUNITY, write_month
from wire.codec import decode, encode, encode_batch
from wire.session import (
    MAX_BATCH_BYTES,
    MAX_BATCH_LINES,
    MAX_UNRECEIPTED,
    FactsHeader,
    Hello,
    Receipt,
    Welcome,
)
from wire.topics import FACTS, HELLO, QOS, RECEIPT, WELCOME

NODES = tuple(f"p{number:02d}" for number in range(1, 13))
HEADER_BYTES = 200
LONGEST_S = 120.0
_ID = re.compile(rb'(?<=")[0-9a-f]{32}(?=")')


def days_of_facts(folder: Path, days: int, visits: int) -> dict[str, list[bytes]]:
    """What the edge's own code records in so many days at twelve points."""
    folder.mkdir()
    (folder / "key.hex").write_text("11" * 32)
    write_month(folder, NODES, days, visits)
    lines = {}
    for point in NODES:
        with sqlite3.connect(folder / point / "outbox.db") as db:
            lines[point] = [row[0] for row in db.execute("SELECT line FROM fact ORDER BY n")]
        db.close()
    return lines


def renamed(lines: Sequence[bytes], number: int) -> list[bytes]:
    """The same facts under other names, which still name each other."""
    salt = number.to_bytes(4, "big")

    def other(found: "re.Match[bytes]") -> bytes:
        return sha256(salt + found[0]).hexdigest()[:32].encode()

    return [_ID.sub(other, line) for line in lines]


class Feed:
    """One node's connection."""

    def __init__(self, point: str, port: int) -> None:
        self.point, self.epoch, self.nonce = point, secrets.token_hex(16), secrets.token_hex(16)
        self.acked = self._sent = 0
        self.done_s: dict[int, float] = {}
        """When the first receipt for a position was there."""
        self.welcomed, self._all_there = threading.Event(), threading.Event()
        self._lines: list[bytes] = []
        self._turn = threading.Lock()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=point)
        self._client.username_pw_set(point, "n")
        self._client.on_socket_open = _no_delay
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._hello()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    @property
    def count(self) -> int:
        """How many were said."""
        return len(self._lines)

    def say(self, lines: Sequence[bytes]) -> None:
        """Append; they go out as the window allows."""
        with self._turn:
            self._lines += lines
            self._all_there.clear()
            self._send()

    def wait(self) -> None:
        """Until everything said has its receipt."""
        assert self._all_there.wait(LONGEST_S), f"{self.point}: {self.acked} of {len(self._lines)}"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, *_: object) -> None:
        mine = [(topic.of(COMMUNITY, self.point), QOS) for topic in (WELCOME, RECEIPT)]
        self._client.subscribe(mine)

    def _hello(self) -> None:
        hello = Hello(
            node=self.point, epoch=self.epoch, boot=1, boot_id="bench", next_seq=1, acked=0,
            nonce=self.nonce, software="bench", roster=0,
        )  # fmt: skip
        self._client.publish(HELLO.of(COMMUNITY, self.point), encode(hello), QOS)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if message.topic.endswith("/welcome"):
            if decode(bytes(message.payload), Welcome).nonce == self.nonce:
                self.welcomed.set()
            return
        now_s = time.monotonic()
        receipt = decode(bytes(message.payload), Receipt)
        with self._turn:
            for seq in range(self.acked + 1, receipt.upto + 1):
                self.done_s[seq] = now_s
            self.acked = max(self.acked, receipt.upto)
            if self.acked == len(self._lines):
                self._all_there.set()
            self._send()

    def _send(self) -> None:
        while self._sent < len(self._lines):
            batch = self._batch(MAX_UNRECEIPTED - (self._sent - self.acked))
            if not batch:
                return
            header = FactsHeader(
                epoch=self.epoch, first_seq=self._sent + 1, count=len(batch), nonce=self.nonce
            )
            self._sent += len(batch)
            self._client.publish(FACTS.of(COMMUNITY, self.point), encode_batch(header, batch), QOS)

    def _batch(self, room: int) -> list[bytes]:
        """As many lines as a message may hold; none rather than few while the window moves."""
        wanted = min(MAX_BATCH_LINES, len(self._lines) - self._sent)
        if room < wanted:
            return []
        batch: list[bytes] = []
        size = HEADER_BYTES
        for line in self._lines[self._sent : self._sent + wanted]:
            size += len(line) + 1
            if batch and size > MAX_BATCH_BYTES:
                break
            batch.append(line)
        return batch


@contextmanager
def feeds(port: int) -> Iterator[list[Feed]]:
    """Twelve nodes that the hub has welcomed."""
    with ExitStack() as held:
        made = []
        for point in NODES:
            made.append(Feed(point, port))
            held.callback(made[-1].close)
        for feed in made:
            assert feed.welcomed.wait(LONGEST_S), f"{feed.point} is not welcomed"
        yield made


def _no_delay(_client: Client, _data: object, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
