"""What ails the store is said: to the office as facts, to the technician in the status."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.clock import PointClock, SystemTime
from edge.health import Health
from edge.keeper import NAME, Keeper
from edge.point.state import PointState
from edge.recorder import Recorder
from edge.store import space
from edge.store.outbox import Outbox
from edge.store.space import Space
from tests.edge.store.damaged import remains
from tests.edge.store.test_damage import without_page_of
from wire.codec import decode_fact
from wire.facts import Emptied, Void

Store = tuple[Recorder, Keeper, Health]


def _store(path: Path, up_ms: Callable[[], int] = lambda: 1000) -> Store:
    outbox = Outbox(path, "lhyy", "p03")
    clock = PointClock(SystemTime(up_ms, lambda: 1_777_766_500_000, lambda: False, "b"), "hub",
                       outbox.boot, outbox.newest_wall_ms)  # fmt: skip
    recorder, health = Recorder(outbox, clock, PointState()), Health()
    recorder.rebuild()
    health.add(NAME, "store")
    return recorder, Keeper(recorder, health, Space(path.parent), lambda: None), health


def test_what_is_gone_becomes_facts_and_the_damage_stays_a_fault(tmp_path: Path) -> None:
    before = remains()
    path = tmp_path / "outbox.db"
    path.write_bytes(without_page_of(before.lines[50], before.db))
    recorder, keeper, health = _store(path)
    declared = recorder.outbox.unsaid()
    assert declared
    keeper.keep(1)
    keeper.keep(2)
    said = [decode_fact(line).body for _, line in recorder.outbox.lines_since(0)]
    assert [body for body in said if isinstance(body, Void)] == declared, "once"
    assert recorder.outbox.unsaid() == []
    (damaged,) = (item for item in keeper.conditions() if item.device == NAME)
    assert (damaged.what, "outbox.damaged-" in damaged.detail) == ("damaged", True)
    (status,) = health.statuses()
    assert (status.up, "evidence in outbox.damaged-" in status.last_error) == (True, True)
    for file in tmp_path.glob("outbox.damaged-*"):
        file.unlink()  # the technician took it
    keeper.keep(3)
    assert all(not item.what for item in keeper.conditions() if item.device == NAME)
    recorder.outbox.close()


def test_a_slow_commit_is_told_to_the_technician(tmp_path: Path) -> None:
    now_ms = iter(range(0, 10**6, 3000))
    recorder, keeper, health = _store(tmp_path / "outbox.db", lambda: next(now_ms))
    recorder.record([Emptied(bin=1, grams=9, level_g=0)])
    keeper.keep(1)
    assert "a commit took 3000 ms" in health.statuses()[0].last_error
    recorder.outbox.close()


def test_little_space_is_a_fault_before_anybody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "LITTLE_BYTES", 2**60)
    recorder, keeper, _ = _store(tmp_path / "outbox.db")
    keeper.keep(1)
    (disk,) = (item for item in keeper.conditions() if item.device == "disk")
    assert (disk.what, "MB free" in disk.detail, recorder.full) == ("little_space", True, False)
    recorder.outbox.close()
