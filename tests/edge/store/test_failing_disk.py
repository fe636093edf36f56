"""A disk that fails under the outbox: "recorded" stays true, and nothing else is said."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store.mend import evidence
from tests.edge.store.damaged import reborn
from tests.edge.store.disks import Teller, break_ext4, ext4_disk, failing_library
from wire.codec import chain_next, chain_seed, decode_fact


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return failing_library(tmp_path_factory.mktemp("library"))


@pytest.fixture
def teller(tmp_path: Path, library: Path) -> Iterator[Teller]:
    teller = Teller(tmp_path / "p03", library=library)
    yield teller
    teller.kill()


def _is_true(teller: Teller, path: Path) -> None:
    """After a kill: exactly what was answered "recorded", under keys without a gap."""
    teller.kill()
    outbox = reborn(path)
    rows = outbox.pending(1, 1000)
    assert [decode_fact(row.line).id for row in rows] == teller.recorded
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    chain = chain_seed(outbox.epoch)
    for row in rows:
        chain = chain_next(chain, row.line)
    assert outbox.chain_at(len(rows)) == chain
    assert not evidence(path.parent), "the file was never damaged"
    outbox.close()


def test_what_a_failing_disk_took_is_read_again_and_what_it_refused_is_gone(
    teller: Teller, tmp_path: Path
) -> None:
    for fault in ("failing-sync", "failing-write", "read-only", "failing-sync"):
        assert [teller.tap() for _ in range(3)] == ["recorded"] * 3
        teller.order(fault)
        assert teller.tap().startswith("refused")
        assert teller.ask("reopen").startswith("closed"), "the disk still refuses"
        assert "nothing written" in teller.tap()
        teller.order("well")
        assert teller.ask("reopen") == "open"
        assert teller.tap() == "recorded"
    assert (len(teller.recorded), len(teller.refused)) == (16, 8)
    _is_true(teller, tmp_path / "p03" / "outbox.db")


def test_a_kill_before_it_is_read_again_loses_nothing(teller: Teller, tmp_path: Path) -> None:
    teller.tap()
    teller.order("failing-sync")
    assert teller.tap().startswith("refused")
    teller.kill()
    outbox = reborn(tmp_path / "p03" / "outbox.db")
    kept = {decode_fact(row.line).id for row in outbox.pending(1, 9)}
    assert set(teller.recorded) <= kept <= {*teller.recorded, *teller.refused}
    outbox.close()


def test_a_slow_sync_delays_the_answer_and_not_the_truth(teller: Teller, tmp_path: Path) -> None:
    teller.tap()
    teller.order("slow-sync")
    started_s = time.monotonic()
    assert teller.tap() == "recorded"
    assert time.monotonic() - started_s >= 0.7, "no answer before the sync"
    teller.order("well")
    _is_true(teller, tmp_path / "p03" / "outbox.db")


def test_a_file_system_that_becomes_read_only_refuses_and_keeps_what_it_took(
    tmp_path: Path,
) -> None:
    image, mount = tmp_path / "card.img", tmp_path / "card"
    with ext4_disk(mount, image) as disk:
        teller = Teller(disk / "p03")
        try:
            assert [teller.tap() for _ in range(3)] == ["recorded"] * 3
            break_ext4(disk)
            assert teller.tap().startswith("refused")
            assert teller.ask("reopen").startswith("closed")
        finally:
            teller.kill()
    with ext4_disk(mount, image) as disk:  # the technician's other machine, or a reboot
        _is_true(teller, disk / "p03" / "outbox.db")
