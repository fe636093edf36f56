"""A tap's last byte to the committed signal on its way, hub down, 14 scales streaming.

Ours ends when the bytes of the signal, which is published after the commit, have left the daemon on
the point bus's socket; behind it is a real broker. Bare is one commit of the same row into the same
schema in the same folder, WAL and synchronous=FULL, taken after every tap.
"""

import random
import secrets
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from device_sim.devices import rdm6300
from edge.store.schema import SCHEMA
from tests.bench.harness import Figure, Place, percentile
from tests.bench.point import POINT, SUPERVISOR_UID, PointProcess, uid_of
from tests.bench.relay import Relay
from tests.edge.daemon_rig import Peer
from tests.programs import until
from wire import topics
from wire.codec import decode, encode
from wire.point_bus import Command, Screen

LIMIT = 3
TAPS = 120
"""A pair: so many taps and as many commits in turn; enough for a 99th percentile."""
PAUSE_S = (0.02, 0.05)


@dataclass(frozen=True)
class Row:
    """What the daemon committed for a tap."""

    line: bytes
    chain: bytes


def figures(place: Place) -> Iterator[Figure]:
    """Between pairs the supervisor accepts what is on the screen: nobody has 1,000 to judge."""
    with (
        PointProcess(place.folder) as point,
        Relay(point.bus_port, topics.SIGNAL.of(POINT).encode()) as relay,
    ):
        bench = _TapBench(point, relay)
        taken = [bench.pair() for _ in range(place.pairs)]
        bench.end()
    for percent in (50, 99):
        ours = [percentile(taps, percent) for taps, _ in taken]
        bare = [percentile(commits, percent) for _, commits in taken]
        yield Figure(f"p{percent}", "ms", ours, LIMIT, bare)


class _TapBench:
    def __init__(self, point: PointProcess, relay: Relay) -> None:
        self._point, self._relay = point, relay
        point.bus_port = relay.port
        point.publish_roster()
        point.start()
        point.wait_for_roster()
        self._terminal = Peer(point.bus_broker.mqtt_port, "terminal", "", [topics.SCREEN.of(POINT)])
        point.hub_broker.kill()
        self._tap(SUPERVISOR_UID)
        until(lambda: self._screen().shift is not None, "the shift is open")
        self._card = 0
        self._tap(self._next_uid())
        self._bare = _BareCommit(point.folder / POINT / "bare.db", self._last_row())

    def pair(self) -> tuple[list[float], list[float]]:
        """Milliseconds of taps and of bare commits."""
        taken = [(self._tap(self._next_uid()), self._bare.commit()) for _ in range(TAPS)]
        self._judge_all()
        return [ours for ours, _ in taken], [bare for _, bare in taken]

    def end(self) -> None:
        self._terminal.stop()

    def _next_uid(self) -> str:
        self._card += 1
        return uid_of(self._card)

    def _tap(self, uid: str) -> float:
        frame = rdm6300.frame(uid)
        time.sleep(random.uniform(*PAUSE_S))
        self._point.reader.write(frame[:-1])
        time.sleep(0.002)  # the last byte is on its way when the others have been read
        started_s = time.time()
        self._point.reader.write(frame[-1:])
        took_s = self._relay.seen.get(timeout=10) - started_s
        time.sleep(random.uniform(*PAUSE_S))
        return 1000 * took_s

    def _screen(self) -> Screen:
        until(lambda: topics.SCREEN.of(POINT) in self._terminal.latest, "a screen")
        return decode(self._terminal.latest[topics.SCREEN.of(POINT)], Screen)

    def _judge_all(self) -> None:
        screen = self._screen()
        command = Command(
            command_id=secrets.token_hex(16),
            screen_rev=screen.screen_rev,
            action="judge_all",
            shown=tuple(visit.visit for visit in screen.visits),
        )
        self._terminal.client.publish(topics.COMMAND.of(POINT), encode(command), 1)
        until(lambda: len(self._screen().visits) < TAPS // 2, "the visits are judged")

    def _last_row(self) -> Row:
        with sqlite3.connect(f"file:{self._point.outbox}?mode=ro", uri=True) as db:
            return Row(*db.execute("SELECT line, chain FROM fact ORDER BY n DESC").fetchone())


class _BareCommit:
    def __init__(self, path: Path, row: Row) -> None:
        self._row = row
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self._epoch, self._seq = secrets.token_hex(16), 0

    def commit(self) -> float:
        """Milliseconds of one transaction with one row."""
        self._seq += 1
        row = (self._epoch, self._seq, secrets.token_hex(16), 0, self._row.line, self._row.chain)
        started_s = time.monotonic()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(
            "INSERT INTO fact (epoch, seq, id, wall_ms, line, chain) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        self._db.execute("COMMIT")
        return 1000 * (time.monotonic() - started_s)
