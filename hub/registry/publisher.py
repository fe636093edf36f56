"""Publishes what the hub retains at every point: on every connection and on every change."""

import logging
import queue
import threading
import time

from sqlalchemy import Connection, Engine, or_, select
from sqlalchemy.exc import OperationalError

from hub.db import table
from hub.intake.transport import Transport
from hub.intake.unit import Site
from hub.meta import REVISION, read_meta, write_meta
from hub.registry.roster import Roster, encode_roster
from hub.registry.tables import CardBinding, CardBlock, Person
from wire.codec import encode
from wire.roster import RosterPerson, Settings
from wire.topics import ROSTER, ROSTER_PAGE, SETTINGS

log = logging.getLogger(__name__)
LOOK_S = 2.0
READ_AGAIN_S = 60.0
"""A binding or block may begin without anybody changing a row."""
AGAIN_S = 5.0


class Publisher(threading.Thread):
    """Keeps the brokers' retained rosters and settings true."""

    def __init__(self, engine: Engine, site: Site, transport: Transport) -> None:
        super().__init__(name="publisher")
        self._engine = engine
        self._site = site
        self._transport = transport
        self._wake = threading.Event()
        self._stop_asked = threading.Event()
        self._published: tuple[int, int] | None = None
        self._pages = 0
        self._revision: str | None = None
        self._version = 0
        self._roster: Roster | None = None
        self._read_ms = 0
        self._held: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._sent_again_s: dict[str, float] = {}

    def run(self) -> None:
        """Look every two seconds, or at once after a connection."""
        while not self._stop_asked.is_set():
            try:
                self._look()
            except OperationalError as error:
                log.warning("publisher event=store-refused why=%s; trying on", error.orig)
            self._wake.wait(LOOK_S)
            self._wake.clear()

    def connected(self) -> None:
        """The broker may have lost everything."""
        self._wake.set()

    def roster_held(self, point: str, version: int) -> None:
        """What a node says it has; another version than ours is published to it again.

        A retained message can be missed: a broker may store it just after it looked for the
        subscriber's retained ones and before it counts the subscriber.
        """
        self._held.put((point, version))
        self._wake.set()

    def stop(self) -> None:
        """End the thread."""
        self._stop_asked.set()
        self._wake.set()
        self.join()

    def _look(self) -> None:
        now_ms = self._site.now_ms()
        with self._engine.connect() as connection:
            revision = read_meta(connection, REVISION)
        stale = abs(now_ms - self._read_ms) > READ_AGAIN_S * 1000
        if self._roster is None or stale or revision != self._revision:
            self._roster, self._version = self._current(now_ms)
            self._revision, self._read_ms = revision, now_ms
        wanted = (self._version, self._transport.connections)
        behind = self._behind()
        if self._transport.up and wanted != self._published:
            self._publish(self._roster, now_ms, sorted(self._site.points))
            self._published = wanted
        elif self._transport.up and behind:
            self._publish(self._roster, now_ms, behind)

    def _behind(self) -> list[str]:
        """Points that hold another roster and were not told so just now."""
        points = set()
        while not self._held.empty():
            point, version = self._held.get_nowait()
            if version != self._version and point in self._site.points:
                points.add(point)
        now_s = time.monotonic()
        due = [p for p in points if now_s - self._sent_again_s.get(p, -AGAIN_S) >= AGAIN_S]
        self._sent_again_s |= dict.fromkeys(due, now_s)
        return sorted(due)

    def _current(self, now_ms: int) -> tuple[Roster, int]:
        with self._engine.execution_options(writes=True).begin() as connection:
            roster = read_roster(connection, self._site.community, now_ms)
            return roster, current_version(connection, roster.digest, now_ms)

    def _publish(self, roster: Roster, now_ms: int, points: list[str]) -> None:
        manifest, pages = encode_roster(roster, self._version, now_ms)
        settings = encode(Settings(version=1))
        for point in points:
            where = (self._site.community, point)
            self._transport.publish(SETTINGS.of(*where), settings, retain=True)
            for no, payload in pages.items():
                self._transport.publish(ROSTER_PAGE.of(*where, no), payload, retain=True)
            self._transport.publish(ROSTER.of(*where), manifest, retain=True)
            for gone in range(len(pages), self._pages):
                self._transport.publish(ROSTER_PAGE.of(*where, str(gone)), b"", retain=True)
        self._pages = len(pages)
        log.info("roster version=%d cards=%d event=published", self._version, len(roster.cards))


def current_version(connection: Connection, digest: str, now_ms: int) -> int:
    """The number of this content; a new one is never below the time in seconds.

    An older copy of the store, or a new store, thus gives no number that a point holds already
    with other content.
    """
    version = int(read_meta(connection, "roster_version") or 0)
    if read_meta(connection, "roster_digest") != digest:
        version = max(version + 1, now_ms // 1000)
        write_meta(connection, "roster_version", str(version))
        write_meta(connection, "roster_digest", digest)
    return version


def read_roster(connection: Connection, community: str, now_ms: int) -> Roster:
    """Every card bound now, and everybody who may open a shift."""
    b, k, p = table(CardBinding).c, table(CardBlock).c, table(Person).c
    blocked = set(
        connection.execute(
            select(k.card).where(
                k.community == community,
                k.from_ms <= now_ms,
                or_(k.until_ms.is_(None), k.until_ms > now_ms),
            )
        ).scalars()
    )
    bound = connection.execute(
        select(b.card, b.household_id)
        .where(
            b.community == community,
            b.from_ms <= now_ms,
            or_(b.to_ms.is_(None), b.to_ms > now_ms),
        )
        .order_by(b.card)
    )
    people = connection.execute(
        select(p.person_id, p.number, p.card, p.pin, p.role)
        .where(p.community == community)
        .order_by(p.person_id)
    )
    return Roster(
        tuple((r.card, door(r.household_id), "blocked" if r.card in blocked else "ok")
              for r in bound),
        tuple(
            RosterPerson(
                person=r.person_id, number=r.number, card=r.card, pin=r.pin, role=r.role
            )
            for r in people
        ),
    )  # fmt: skip


def door(household_id: str) -> str:
    """``building-unit-room`` of a household; a re-let door has one more part."""
    return "-".join(household_id.split("-")[:3])
