"""Live facts, 200 a second from twelve nodes: from publishing to the receipt, to a bare commit.

A portion is 600 facts, each a batch of its own as a point sends it, through NATS to a hub process
and back. Then bare SQLite commits the same facts, cursors and projections from ready tuples,
one fact a transaction, into a store of the same schema. The nodes run in this process.
"""

import itertools
import shutil
import time
from collections.abc import Iterator
from contextlib import closing

from tests.bench.feeding import Feed, days_of_facts, feeds, renamed
from tests.bench.harness import Figure, Place, percentile
from tests.bench.ready_rows import ReadyRows
from tests.faults.hub_process import HubProcess

RATE, PORTION = 200, 600
DAYS, VISITS = 1, 20
PERCENTS = (50, 99)


def figures(place: Place) -> Iterator[Figure]:
    """No limit is set: a fact waits for the commit of its group and two ways of a broker."""
    sample = days_of_facts(place.folder / "sample", DAYS, VISITS)
    with HubProcess(place.folder, list(sample)) as hub:
        hub.command("init")
        empty = place.folder / "empty.db"
        shutil.copy(hub.store, empty)
        hub.start()
        ours, bare = [], []
        rows = ReadyRows(hub.store, empty, place.folder / "bare.db")
        with feeds(hub.mqtt_port) as nodes, closing(rows):
            for number in range(place.pairs):
                held = hub.held()
                lines = {point: renamed(mine, number) for point, mine in sample.items()}
                ours.append(_live(nodes, lines))
                assert hub.held() - held == PORTION, "some are no facts"
                alone = list(range(held + 1, hub.held() + 1))
                bare.append([1000 * rows.write([group]) for group in rows.take(held, alone)])
    for percent in PERCENTS:
        yield Figure(
            f"fact to receipt, p{percent}", "ms",
            [percentile(taken, percent) for taken in ours], None,
            [percentile(taken, percent) for taken in bare],
        )  # fmt: skip


def _live(nodes: list[Feed], lines: dict[str, list[bytes]]) -> list[float]:
    """Milliseconds of every fact; a late start of one does not move the others."""
    said_s: list[tuple[Feed, int, float]] = []
    due_s = time.monotonic()
    for number, node in zip(range(PORTION), itertools.cycle(nodes), strict=False):
        due_s += 1 / RATE
        time.sleep(max(0.0, due_s - time.monotonic()))
        said_s.append((node, node.count + 1, time.monotonic()))
        node.say([lines[node.point][number // len(nodes)]])
    for node in nodes:
        node.wait()
    return [1000 * (node.done_s[seq] - then_s) for node, seq, then_s in said_s]
