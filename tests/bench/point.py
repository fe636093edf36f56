"""The real daemon as a process of its own: real pseudo-ttys, real brokers, a full roster."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from device_sim.devices.pty_port import PtyPort
from edge.cards.token import Tokenizer
from edge.readings import CardRead
from hub.registry.roster import Roster, encode_roster
from tests.bench.scales import BAUDRATE, BINS, Scales
from tests.edge.daemon_rig import Peer
from tests.edge.technician.bench import toml
from tests.programs import open_broker, until
from wire import topics
from wire.roster import RosterCard, RosterPerson

COMMUNITY, POINT = "lhyy", "p03"
KEY = b"\x11" * 32
CARDS, HOUSEHOLDS = 11_000, 3_281
SUPERVISOR_UID = "0FFFFFFF"
ROOT = Path(__file__).parents[2]
RUN = ["-m", "edge", "run"]


def uid_of(number: int) -> str:
    """Of a resident's card."""
    return f"{number:08X}"


def _card(number: int, token: str) -> RosterCard:
    household = number % HOUSEHOLDS
    return token, f"{household % 23 + 1}-1-{household // 23 + 101}", "ok"


def roster() -> tuple[bytes, dict[str, bytes]]:
    """The manifest and the pages as the hub encodes them: every card of the compound."""
    tokenizer = Tokenizer({1: KEY})

    def token(uid: str) -> str:
        return tokenizer.tokens(CardRead("em4100", uid))[0]

    cards = tuple(_card(number, token(uid_of(number))) for number in range(1, CARDS + 1))
    people = (RosterPerson(person="v03", number="103", card=token(SUPERVISOR_UID)),)
    return encode_roster(Roster(cards, people), 1, 0)


class PointProcess:
    """Scales, reader, brokers and files; the daemon between them starts and stops as asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub_broker = open_broker(folder)
        bus_folder = folder / "bus"
        bus_folder.mkdir()
        self.bus_broker = open_broker(bus_folder)
        self.bus_port = self.bus_broker.mqtt_port
        self.scales = Scales(folder / "scales")
        self._daemon: subprocess.Popen[bytes] | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self.reader = opened.enter_context(PtyPort(self.folder / "reader"))
            for part in (self.scales, self.hub_broker, self.bus_broker):
                opened.enter_context(part)
            opened.callback(self.stop)
            self._held = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.close()

    @property
    def pid(self) -> int:
        assert self._daemon is not None, "start the daemon first"
        return self._daemon.pid

    @property
    def outbox(self) -> Path:
        return self.folder / POINT / "outbox.db"

    def start(self) -> None:
        """Until it sweeps the bus, its reader is open and the screen is out."""
        self._write_config()
        swept = self.scales.answers
        screens = Peer(self.bus_broker.mqtt_port, "screens", "", [topics.SCREEN.of(POINT)])
        self.log.unlink(missing_ok=True)
        with self.log.open("wb") as log:
            self._daemon = subprocess.Popen(
                [sys.executable, *RUN, "-c", "edge.toml"], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        until(lambda: screens.heard.qsize() > 1, "the screen")  # one may be an older one, retained
        until(lambda: self.scales.answers > swept + 2 * BINS, "two sweeps")
        screens.stop()

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(20)
            self._daemon = None

    @property
    def log(self) -> Path:
        return self.folder / "node.log"

    def wait_for_roster(self) -> None:
        until(lambda: f"{CARDS} cards" in self.log.read_text(), "the roster is loaded")

    def cpu_s(self) -> float:
        """Of the daemon and its threads so far."""
        return cpu_s(self.pid)

    def publish_roster(self) -> None:
        """Retained at the hub's broker, as the hub does it."""
        hub = Peer(self.hub_broker.mqtt_port, "hub", "", [])
        manifest, pages = roster()
        for no, page in pages.items():
            topic = topics.ROSTER_PAGE.of(COMMUNITY, POINT, no)
            hub.client.publish(topic, page, 1, retain=True).wait_for_publish(10)
        topic = topics.ROSTER.of(COMMUNITY, POINT)
        hub.client.publish(topic, manifest, 1, retain=True).wait_for_publish(10)
        hub.stop()

    def _write_config(self) -> None:
        def broker(port: int) -> dict[str, object]:
            return {"port": port, "username": POINT, "password": "x"}

        (self.folder / "key.hex").write_text(KEY.hex())
        (self.folder / "edge.toml").write_text(toml({
            "community": COMMUNITY, "point": POINT, "node": POINT, "data": POINT,
            "sync_source": "kernel", "card_keys": {"1": "key.hex"},
            "hub_broker": broker(self.hub_broker.mqtt_port), "point_bus": broker(self.bus_port),
            "readers": [{"name": "reader-1", "kind": "rdm6300", "port": "reader"}],
            "buses": [{"name": "bus-1", "kind": "modbus", "port": "scales", "baudrate": BAUDRATE,
                       "function": 3, "address": 0, "count": 3, "value": "int32",
                       "status_register": 2, "stable_mask": 1, "overload_mask": 2}],
            "bins": [{"no": no, "category": "other", "bus": "bus-1", "slave": no}
                     for no in range(1, BINS + 1)],
        }))  # fmt: skip


def cpu_s(pid: int) -> float:
    """CPU seconds of another process, to the nanosecond: Linux's CPU clock of a pid."""
    return time.clock_gettime((~pid << 3) | 2)
