"""A backlog of 200,000 facts through broker, intake and receipts, to bare commits of the same rows.

Twelve nodes say what the edge's own code recorded, in batches of at most 50 lines with 200 facts on
the way, through a NATS server to a hub process; a portion ends with its last receipt. Then bare
SQLite writes the same facts, cursors and projections from ready tuples in the hub's own groups into
a store of the same schema. The nodes run in this process, beside the hub.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing

from tests.bench.feeding import Feed, days_of_facts, feeds, renamed
from tests.bench.harness import Figure, Place
from tests.bench.ready_rows import ReadyRows, groups
from tests.faults.hub_process import HubProcess

FACTS = 200_000
LEAST_RATE = 0.3
MEMORY_LIMIT_MB = 150
DAYS, FACTS_A_VISIT, POINTS = 2, 3.8, 12


def figures(place: Place) -> Iterator[Figure]:
    """A ninth of the backlog with each of nine pairs, into stores that grow alike."""
    visits = round(FACTS / place.pairs / POINTS / DAYS / FACTS_A_VISIT)
    sample = days_of_facts(place.folder / "sample", DAYS, visits)
    nodes = list(sample)
    with HubProcess(place.folder, nodes) as hub:
        hub.command("init")
        empty = place.folder / "empty.db"
        shutil.copy(hub.store, empty)
        hub.start()
        ours, bare = [], []
        with (
            feeds(hub.mqtt_port) as twelve,
            closing(ReadyRows(hub.store, empty, place.folder / "bare.db")) as rows,
        ):
            for number in range(place.pairs):
                held = hub.held()
                portion = {point: renamed(lines, number) for point, lines in sample.items()}
                ours.append(_sent(twelve, portion))
                assert hub.held() - held == sum(map(len, portion.values())), "some are no facts"
                bare.append(rows.write(rows.take(held, groups(hub.log, held))))
        count, memory = hub.held(), hub.highest_rss_mb()
    rate = [count / place.pairs / taken for taken in (min(ours), min(bare))]
    note = f"{count:,} facts in all; best {rate[0]:,.0f}/s to {rate[1]:,.0f}/s"
    yield Figure("a portion of the backlog", "s", ours, 1 / LEAST_RATE, bare, note)
    yield Figure("hub's memory meanwhile", "MB", [memory], MEMORY_LIMIT_MB)


def _sent(nodes: list[Feed], portion: dict[str, list[bytes]]) -> float:
    begun_s = time.monotonic()
    for node in nodes:
        node.say(portion[node.point])
    for node in nodes:
        node.wait()
    return time.monotonic() - begun_s
