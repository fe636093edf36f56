"""Resident memory of a daemon with 11,000 cards from the hub's broker and 14 scales streaming."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.harness import Figure, Place
from tests.bench.point import PointProcess

LIMIT_MB = 50
SETTLE_S = 4.0
TITLES = {"VmRSS": "resident", "VmHWM": "most ever resident"}


def figures(place: Place) -> Iterator[Figure]:
    """A fresh card and then starts from the cache in turn: both must stay under."""
    with PointProcess(place.folder) as point:
        point.publish_roster()
        fresh, cached = [], []
        for _ in range(place.pairs):
            for roster in (point.folder / "p03" / "roster").glob("*"):
                roster.unlink()
            fresh.append(_measured(point))
            cached.append(_measured(point))
    for how, taken in (("roster just arrived", fresh), ("roster from the cache", cached)):
        for field, title in TITLES.items():
            limit = LIMIT_MB if field == "VmRSS" else None
            values = [sample[field] for sample in taken]
            yield Figure(f"{title}, {how}", "MB", values, limit)


def _measured(point: PointProcess) -> dict[str, float]:
    point.start()
    point.wait_for_roster()
    time.sleep(SETTLE_S)
    taken = memory_mb(point.pid)
    point.stop()
    return taken


def memory_mb(pid: int) -> dict[str, float]:
    """Every ``Vm…`` line of the kernel's status of a process, in MB of 1024 kB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    rows = [line.split() for line in lines if line.startswith("Vm")]
    return {name.rstrip(":"): int(kilobytes) / 1024 for name, kilobytes, _ in rows}
