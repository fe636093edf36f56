"""Thirty days without a hub, then everything at once: in order, once, and nobody's tap waits.

Latency is told in facts, not in seconds: how many of the backlog the hub accepted between the
sending of a tap at a point without backlog and that tap itself. Every other point has its whole
window on the way meanwhile.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest

from hub.intake.inbox import GROUP_BYTES
from tests.faults.hub_process import HubProcess
from tests.faults.month import MonthPoint, Online, config_of, stop_all, turn_all, write_month
from tests.programs import until
from wire.session import MAX_BATCH_BYTES, MAX_BATCH_LINES

LIVE = "p99"
TAP_EVERY_S = 0.1
GROUP_FACTS = GROUP_BYTES // MAX_BATCH_BYTES * MAX_BATCH_LINES
MOST_MB = 150


class LiveTaps:
    """Taps of the point without backlog, and what the hub had accepted when each was sent."""

    def __init__(self, node: Online, hub: HubProcess) -> None:
        self._node, self._hub = node, hub
        self._held_then: dict[str, int] = {}
        self._due_s = 0.0

    @property
    def count(self) -> int:
        return len(self._held_then)

    def turn(self) -> None:
        if time.monotonic() < self._due_s or not self._node.sender.welcomed:
            return
        self._due_s = time.monotonic() + TAP_EVERY_S
        point, held = self._node.point, self._hub.held()
        self._held_then[point.tap(point.person.card or "")] = held
        self._node.uplink.send()

    def overtaken_by(self) -> list[int]:
        """For each tap, how many facts were accepted between its sending and itself."""
        found = dict(self._hub.rows("SELECT fact_id, arrival FROM fact WHERE point = ?", LIVE))
        assert self._held_then.keys() <= found.keys(), "a live tap is lost"
        return [found[fact] - held for fact, held in self._held_then.items()]


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory: a month is 200,000 commits, and what a disk keeps is proved elsewhere."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm", prefix="month-"))
    (folder / "key.hex").write_text("11" * 32)
    yield folder
    shutil.rmtree(folder)


def the_month(folder: Path, points: int, days: int, visits: int) -> str:
    names = [f"p{number:02d}" for number in range(1, points + 1)]
    with HubProcess(folder, [*names, LIVE]) as hub, ExitStack() as held:
        hub.launch()
        began_s = time.monotonic()
        backlog = write_month(folder, names, days, visits)
        written_s = time.monotonic()
        hub.wait_ready()
        ready_s = time.monotonic()
        nodes: list[Online] = []
        held.callback(stop_all, nodes)
        for name in (*names, LIVE):
            point = MonthPoint(config_of(folder, name, hub.mqtt_port), time.time_ns() // 10**6)
            nodes.append(Online(point))
        live = LiveTaps(nodes[-1], hub)
        until(lambda: _arrived(nodes, live), "the whole month has its receipts", 600)
        arrived_s = time.monotonic()
        said = _judge(hub, nodes, live, backlog)
    return f"{said}; written in {written_s - began_s:.1f} s, sent in {arrived_s - ready_s:.1f} s"


def _arrived(nodes: list[Online], live: LiveTaps) -> bool:
    for _ in range(50):
        live.turn()
        turn_all(nodes)
    return all(node.drained for node in nodes)


def _judge(hub: HubProcess, nodes: list[Online], live: LiveTaps, backlog: int) -> str:
    overtaken, most_mb = live.overtaken_by(), hub.highest_rss_mb()
    assert hub.held() == backlog + live.count
    for node in nodes:
        recorded = node.outbox._db.execute("SELECT id, line FROM fact ORDER BY n").fetchall()
        name = node.point.config.point
        at_hub = hub.rows("SELECT fact_id, line FROM fact WHERE point = ? ORDER BY arrival", name)
        assert at_hub == recorded, f"{name}: other facts, or in another order"
    assert most_mb <= MOST_MB
    assert median(overtaken) <= 3 * GROUP_FACTS
    hub.kill()
    before = hub.projections()
    hub.rebuild()
    assert hub.projections() == before, "rebuilt to other bytes"
    return (
        f"{backlog} facts; {len(overtaken)} live taps behind {median(overtaken):.0f} of them in"
        f" the median, {max(overtaken)} at most; hub {most_mb:.0f} MB"
    )


@pytest.mark.long
def test_three_days_of_three_points(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = the_month(folder, points=3, days=3, visits=60)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")


@pytest.mark.long
def test_thirty_days_of_twelve_points(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = the_month(folder, points=12, days=30, visits=147)
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
