"""Whatever happens to the outbox's bytes: it starts, loses nothing readable, invents nothing."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge.store.mend import evidence
from edge.store.schema import connect
from tests.edge.model_hub import ModelHub
from tests.edge.store.damaged import PAGE_BYTES, Remains, fact, readable, reborn, remains
from tests.edge.test_sender import Node

Hurt = tuple[str, str, int, int]
hurts = st.lists(
    st.tuples(
        st.sampled_from(["db", "wal"]),
        st.sampled_from(["flip", "zero page", "noise", "truncate", "swap pages"]),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=6,
)


def hurt(data: bytes, how: str, where: int, what: int) -> bytes:
    if not data:
        return data
    out = bytearray(data)
    where %= len(out)
    page = where // PAGE_BYTES * PAGE_BYTES
    if how == "flip":
        out[where] ^= 1 << what % 8
    elif how == "zero page":
        out[page : page + PAGE_BYTES] = bytes(len(out[page : page + PAGE_BYTES]))
    elif how == "noise":
        out[where : where + 50] = Random(what).randbytes(len(out[where : where + 50]))
    elif how == "truncate":
        del out[where:]
    else:
        other = what % len(out) // PAGE_BYTES * PAGE_BYTES
        one, two = bytes(out[page : page + PAGE_BYTES]), bytes(out[other : other + PAGE_BYTES])
        if len(one) == len(two) == PAGE_BYTES:
            out[page : page + PAGE_BYTES], out[other : other + PAGE_BYTES] = two, one
    return bytes(out)


def without_page_of(line: bytes, data: bytes) -> bytes:
    page = data.index(line) // PAGE_BYTES * PAGE_BYTES
    return data[:page] + bytes(PAGE_BYTES) + data[page + PAGE_BYTES :]


@given(hurts)
@settings(max_examples=15, deadline=None)
@example([("wal", "truncate", 0, 0)])
@example([("db", "truncate", 0, 0)])
@example([("db", "truncate", 1, 0)])
@example([("db", "zero page", 0, 0)])
@example([("wal", "flip", 50, 0)])
def test_what_can_be_read_is_kept_and_nothing_is_invented(story: list[Hurt]) -> None:
    _survives(story)


@pytest.mark.long
@given(hurts)
@settings(max_examples=500, deadline=None)
def test_what_can_be_read_is_kept_five_hundred_times(story: list[Hurt]) -> None:
    _survives(story)


def _survives(story: list[Hurt]) -> None:
    before = remains()
    files = {"db": before.db, "wal": before.wal}
    for which, how, where, what in story:
        files[which] = hurt(files[which], how, where, what)
    swapped = any(how == "swap pages" for _, how, _, _ in story)
    must_be_kept = set() if swapped else readable(before, files["db"], files["wal"])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.db"
        Remains(files["db"], files["wal"], [], before.hub, "").lay_down(path)
        node = Node(path)
        try:
            kept = set(node.lines())
            assert kept <= set(before.lines), "a fact that nobody recorded"
            assert must_be_kept <= kept, f"{len(must_be_kept - kept)} readable facts are lost"
            _everything_arrives_once(node, before.hub.restored(), before)
            for damaged in evidence(path.parent):
                assert damaged.read_bytes() == files["db"] if damaged.exists() else not files["db"]
        finally:
            node.stop()


def _everything_arrives_once(node: Node, hub: ModelHub, before: Remains) -> None:
    hub.generation = before.hub.generation
    new = fact(1000)
    node.outbox.append([new])
    node.drain(hub)
    assert set(node.lines()) <= set(hub.by_id.values())
    assert hub.by_id[new.id] == new.line
    assert set(hub.by_id.values()) <= {*before.lines, new.line}


def test_whole_files_are_left_alone(tmp_path: Path) -> None:
    before = remains()
    before.lay_down(tmp_path / "outbox.db")
    outbox = reborn(tmp_path / "outbox.db")
    assert (outbox.epoch, outbox.waiting, outbox.unsaid()) == (before.epoch, 80, [])
    assert not evidence(tmp_path)
    outbox.close()


def test_what_is_gone_is_said_by_its_keys(tmp_path: Path) -> None:
    """The pages of some facts between others are zeroed everywhere."""
    before = remains()
    lost = before.lines[90:96]
    db, wal = bytearray(before.db), bytearray(before.wal)
    for data in (db, wal):
        for line in lost:
            while (at := data.find(line)) >= 0:
                data[at : at + len(line)] = bytes(len(line))
    Remains(bytes(db), bytes(wal), [], before.hub, "").lay_down(tmp_path / "outbox.db")
    outbox = reborn(tmp_path / "outbox.db")
    assert outbox.epoch != before.epoch
    (void,) = outbox.unsaid()
    assert (void.epoch, void.first_seq, void.last_seq) == (before.epoch, 91, 96)
    assert void.reason == "outbox_damaged"
    assert [line for _, line in outbox.lines_since(0)] == [
        line for line in before.lines if line not in lost
    ]
    outbox.close()
    again = reborn(tmp_path / "outbox.db")
    assert again.unsaid() == [void], "said until it is recorded"
    again.said()
    assert (again.unsaid(), again.waiting) == ([], 114)
    assert len(evidence(tmp_path)) == 1
    assert again.boot == 3, "one more than any boot in the facts, and this start"
    again.close()


def test_a_name_that_is_no_text_is_damage(tmp_path: Path) -> None:
    """SQLite quotes it in its message, which Python then cannot decode."""
    before = remains()
    db, wal = (
        data.replace(b"tablefactfact", b"table\xa3\xa3\xa3\xa3fact").replace(
            b"CREATE TABLE fact", b"CREATE T?BLE fact"
        )
        for data in (before.db, before.wal)
    )
    assert db != before.db
    Remains(db, wal, [], before.hub, "").lay_down(tmp_path / "outbox.db")
    outbox = reborn(tmp_path / "outbox.db")
    assert [line for _, line in outbox.lines_since(0)] == before.lines
    assert len(evidence(tmp_path)) == 1
    outbox.close()


def test_a_line_that_turned_into_text_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    before = remains()
    before.lay_down(path)
    with closing(connect(path)) as db, db:
        db.execute("UPDATE fact SET line = CAST(line AS TEXT) WHERE n = 101")
    outbox = reborn(path)
    assert len(list(outbox.lines_since(0))) == 120
    assert len(evidence(tmp_path)) == 1
    outbox.close()


def test_a_lost_end_is_said(tmp_path: Path) -> None:
    before = remains()
    db, wal = bytearray(before.db), bytearray(before.wal)
    for data in (db, wal):
        for line in before.lines[115:]:
            while (at := data.find(line)) >= 0:
                data[at : at + len(line)] = bytes(len(line))
    Remains(bytes(db), bytes(wal), [], before.hub, "").lay_down(tmp_path / "outbox.db")
    outbox = reborn(tmp_path / "outbox.db")
    (void,) = outbox.unsaid()
    assert (void.epoch, void.first_seq, void.last_seq) == (before.epoch, 116, 120)
    outbox.close()


@pytest.mark.parametrize("place", ["edge-mended", "edge-set-aside"])
def test_a_kill_while_mending_leaves_it_to_be_finished(tmp_path: Path, place: str) -> None:
    before = remains()
    bad = without_page_of(before.lines[20], before.db)
    path = tmp_path / "outbox.db"
    Remains(bad, before.wal, [], before.hub, "").lay_down(path)
    code = "import sys; from pathlib import Path; from edge.store.outbox import Outbox\n"
    code += "Outbox(Path(sys.argv[1]), 'lhyy', 'p03')"
    child = subprocess.run(
        [sys.executable, "-c", code, path], check=False, capture_output=True,
        env={**os.environ, "LIANXIN_FAILPOINT": place},
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL, child.stderr
    outbox = reborn(path)
    kept = {line for _, line in outbox.lines_since(0)}
    assert readable(before, bad, before.wal) <= kept
    assert not (tmp_path / "outbox.mended").exists()
    assert len(evidence(tmp_path)) == 1
    (damaged,) = evidence(tmp_path)
    assert damaged.read_bytes() == bad
    assert Path(f"{damaged}-wal").read_bytes() == before.wal
    outbox.close()


def test_a_dying_card_does_not_fill_itself_with_evidence(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    for _ in range(7):
        path.write_bytes(b"\xaa" * 5000)
        reborn(path).close()
    assert len(evidence(tmp_path)) == 5


def test_a_row_that_rots_while_the_daemon_runs_is_not_sent(tmp_path: Path) -> None:
    before = remains()
    path = tmp_path / "outbox.db"
    before.lay_down(path)
    node = Node(path)
    line = before.lines[100]
    node.outbox._db.execute(
        "UPDATE fact SET line = ? WHERE seq = 101", (line.replace(b"v01", b"v02"),)
    )
    with pytest.raises(Exception, match="n=101 is not what was written"):
        list(node.outbox.pending(1, 200))
    assert not node.outbox.usable
    assert node.outbox.reopen(), "looked at again, and mended"
    node.sender.greet_soon()
    node.drain(before.hub.restored())
    assert len(node.lines()) == 119
    (void,) = node.outbox.unsaid()
    assert (void.first_seq, void.last_seq) == (101, 101)
    node.stop()


def test_an_outbox_without_check_sums_gets_them(tmp_path: Path) -> None:
    before = remains()
    path = tmp_path / "outbox.db"
    before.lay_down(path)
    outbox = reborn(path)
    outbox._db.execute("ALTER TABLE fact DROP COLUMN crc")
    outbox._db.execute("DELETE FROM meta WHERE key = 'sum'")
    outbox.close()
    older = reborn(path)
    assert len(list(older.lines_since(0))) == 120
    older.append([fact(120)])
    older.close()
    path.write_bytes(without_page_of(before.lines[20], path.read_bytes()))
    mended = reborn(path)
    assert evidence(tmp_path)
    assert len(list(mended.lines_since(0))) >= 110
    mended.close()
