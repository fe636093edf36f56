"""A point's clock that is wrong, all the way to the hub: the true day, or none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from edge.clock import SyncSource
from edge.days import clock_due
from edge.point.state import PointState
from edge.recorder import Recorder
from tests.faults.virtual_way import DAY_MS, SECOND_MS, VirtualWay, virtual_way
from tests.hub.nodes import tap
from wire.day import business_day

TEN_YEARS_MS = 3653 * DAY_MS
WRONG_MS = [-TEN_YEARS_MS, -DAY_MS, 0, DAY_MS, TEN_YEARS_MS]


@dataclass
class Taps:
    """Whoever taps, and when that really was."""

    way: VirtualWay
    recorder: Recorder
    true_ms: dict[str, int] = field(default_factory=dict)

    def one(self) -> None:
        """As the daemon's loop does it: what the clock says is looked at before."""
        self.look()
        (fact,) = self.recorder.record([tap(len(self.true_ms))])
        self.true_ms[fact.id] = self.way.true_ms

    def look(self) -> None:
        clock = self.recorder.clock
        due = clock_due(self.recorder.state, clock.stamp(), clock.uncertainty_ms)
        self.recorder.try_record(due)

    def days(self) -> list[tuple[date | None, date]]:
        """What the hub says and what is true, in the order of the taps; all of them."""
        self.way.drain()
        held = self.way.rows("SELECT visit_id, day FROM visit")
        days = {row[0]: row[1] and date.fromisoformat(row[1]) for row in held}
        assert len(held) == len(days) == len(self.true_ms), "lost or twice"
        return [(days[visit], business_day(ms)) for visit, ms in self.true_ms.items()]


@contextmanager
def taps_of(folder: Path, engine: Engine, source: SyncSource) -> Iterator[Taps]:
    with virtual_way(folder, engine, source=source) as way:
        taps = Taps(way, Recorder(way.outbox, way.clock, PointState()))
        way.uplink.on_time = taps.look
        yield taps


@pytest.mark.parametrize("wrong_ms", WRONG_MS)
@pytest.mark.parametrize("source", ["kernel", "none"])
def test_a_boot_that_never_synchronised_has_no_day(
    tmp_path: Path, engine: Engine, source: SyncSource, wrong_ms: int
) -> None:
    """The hub's time is heard and not the configured source."""
    with taps_of(tmp_path, engine, source) as taps:
        taps.way.wall_off_ms, taps.way.synced = wrong_ms, source == "none"
        for _ in range(4):
            taps.one()
            taps.way.after(DAY_MS // 2)
            taps.way.flow()
        assert {said for said, _ in taps.days()} == {None}


@pytest.mark.parametrize("wrong_ms", WRONG_MS)
def test_days_offline_are_dated_by_the_first_welcome(
    tmp_path: Path, engine: Engine, wrong_ms: int
) -> None:
    with taps_of(tmp_path, engine, "hub") as taps:
        taps.way.wall_off_ms = wrong_ms
        taps.way.drop_line()
        for _ in range(5):
            taps.one()
            taps.way.after(DAY_MS // 2)
        taps.way.raise_line()
        for _ in range(3):
            taps.way.after(SECOND_MS)
            taps.way.flow()
        taps.way.wall_off_ms = -wrong_ms  # a step of the system clock moves nothing any more
        taps.one()
        days = taps.days()
        assert all(said == true for said, true in days), days


@pytest.mark.parametrize("step_ms", [ms for ms in WRONG_MS if ms])
@pytest.mark.parametrize("back", [False, True])
def test_a_believed_clock_that_steps_in_the_middle_of_a_boot(
    tmp_path: Path, engine: Engine, step_ms: int, *, back: bool
) -> None:
    """Nobody knows which of the two was wrong: no day for the boot, also when it steps back."""
    with taps_of(tmp_path, engine, "kernel") as taps:
        for wall_off_ms in (0, step_ms, 0 if back else step_ms):
            taps.way.wall_off_ms = wall_off_ms
            taps.one()
            taps.way.after(3600 * SECOND_MS)
            taps.way.flow()
        assert {said for said, _ in taps.days()} == {None}
