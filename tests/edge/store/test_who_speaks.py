"""Cards that were copied, swapped, written anew or lost their log: every fact arrives, once."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.link.sender import Sender
from edge.store.outbox import KEEP_MS
from hub.intake.decide import Answer, Cursor, Lease, judge_batch, lease, superseded_after
from tests.edge.model_hub import ModelHub
from tests.edge.test_sender import Node, new_fact
from wire.codec import decode_batch
from wire.session import Hello, Receipt, Welcome

DAY_MS = 24 * 3600 * 1000


@dataclass
class LeasingHub(ModelHub):
    """The model hub, with the hub's own decisions about who may speak and what a batch is."""

    nonces: dict[str, str | None] = field(default_factory=dict)
    superseded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quarantined: set[str] = field(default_factory=set)
    conflicts: int = 0

    def on_hello(self, hello: Hello) -> Welcome:
        epoch, nonce = hello.epoch, self.nonces.get(hello.epoch)
        before = self.superseded.get(epoch, ())
        done = lease(hello.nonce, nonce, before, quarantined=epoch in self.quarantined)
        if done is Lease.QUARANTINED:
            self.quarantined.add(epoch)
        elif done is Lease.TAKEN:
            self.superseded[epoch] = superseded_after(nonce, before)
            self.nonces[epoch] = hello.nonce
        state = "quarantined" if epoch in self.quarantined else "leased"
        return super().on_hello(hello).model_copy(update={"state": state})

    def lift(self, epoch: str) -> None:
        """What an officer's word does: the next that says hello speaks."""
        self.quarantined.discard(epoch)
        self.nonces[epoch], self.superseded[epoch] = None, ()

    def on_batch(self, payload: bytes) -> Receipt:
        header, lines = decode_batch(payload)
        upto, chain = self.cursor(header.epoch)
        cursor = Cursor(upto, self.nonces.get(header.epoch), header.epoch in self.quarantined)
        held = {seq: line for (epoch, seq), line in self.lines.items() if epoch == header.epoch}
        answer = judge_batch(cursor, header.nonce, header.first_seq, lines, held).answer
        assert answer not in (Answer.NOT_LEASED, Answer.QUARANTINED), "it was told not to speak"
        if answer is Answer.CONFLICT:
            self.conflicts += 1
            return Receipt(epoch=header.epoch, upto=upto, chain_at_upto=chain,
                           hub_generation=self.generation)  # fmt: skip
        return super().on_batch(payload)


def a_node(folder: Path) -> Node:
    folder.mkdir(exist_ok=True)
    return Node(folder / "outbox.db")


def copied(node: Node, to: Path) -> None:
    """The card as it is, log included: what an imager sees of a killed machine."""
    to.mkdir()
    for name in ("outbox.db", "outbox.db-wal"):
        if (node.path.parent / name).exists():
            shutil.copy(node.path.parent / name, to / name)


def greet(node: Node, hub: LeasingHub) -> str:
    node.now_ms += 60_000
    welcome = hub.on_hello(node.sender.hello(node.now_ms))
    node.sender.on_welcome(welcome, node.now_ms, 1)
    return welcome.state


def test_a_cloned_card_two_live_nodes_record_and_neither_is_heard_until_an_officer_decides(
    tmp_path: Path,
) -> None:
    hub, one = LeasingHub(), a_node(tmp_path / "one")
    one.record(10)
    one.drain(hub)
    copied(one, tmp_path / "two")
    two = a_node(tmp_path / "two")
    assert two.outbox.epoch == one.outbox.epoch
    epoch = one.outbox.epoch
    assert [greet(two, hub), greet(one, hub), greet(two, hub)] == [
        "leased", "quarantined", "quarantined",
    ]  # fmt: skip
    for node in (one, two):
        node.record(5)
        assert node.sender.next_batch(node.now_ms) is None
        assert (node.sender.quarantined, node.outbox.waiting) == (True, 5)
    assert len(hub.by_id) == 10

    hub.lift(epoch)
    one.drain(hub)
    assert len(hub.by_id) == 15
    assert greet(two, hub) == "leased", "the other start is new to the hub again"
    assert two.outbox.epoch != epoch, "its facts have keys of their own from now on"
    two.drain(hub)
    one.stop()
    two.stop()
    assert len(hub.by_id) == 20
    one, two = a_node(tmp_path / "one"), a_node(tmp_path / "two")
    for node in (one, two):
        node.record(1)
        node.drain(hub)
        assert set(node.lines()) <= set(hub.by_id.values())
        node.stop()
    assert len(hub.by_id) == 22


@pytest.mark.parametrize("node_name", ["p03", "p03b"])
def test_a_card_written_anew_or_another_machine_continues_the_point(
    tmp_path: Path, node_name: str
) -> None:
    """Reflash: the same credential; swap: another one. Either way the numbers begin again."""
    hub, old = LeasingHub(), a_node(tmp_path / "old")
    old.record(30)
    old.talk(hub, lose_receipts=9)
    old.record(7)
    old.stop()
    new = a_node(tmp_path / "new")
    new.sender = Sender(new.outbox, node_name, "b2", "test")
    new.sender.on_connect()
    new.record(12)
    new.drain(hub)
    assert len(hub.by_id) == 42
    again = a_node(tmp_path / "old")  # found in a drawer, switched on once more
    again.drain(hub)
    assert len(hub.by_id) == 49
    assert (again.outbox.unsaid(), new.outbox.unsaid()) == ([], [])
    again.stop()
    new.stop()


def test_other_bytes_under_a_key_are_acknowledged_by_nobody(tmp_path: Path) -> None:
    hub, node = LeasingHub(), a_node(tmp_path / "one")
    node.record(10)
    node.drain(hub)
    node.record(5)
    epoch, theirs = node.outbox.epoch, new_fact()
    hub.lines[epoch, 11] = theirs.line  # from a copy of the card that has gone
    hub.by_id[theirs.id] = theirs.line
    batch = node.sender.next_batch(node.now_ms)
    assert batch is not None
    assert node.sender.on_receipt(hub.on_batch(batch), node.now_ms, 1) == "new_epoch"
    assert (hub.conflicts, node.outbox.waiting) == (1, 5)
    node.drain(hub)
    assert len(hub.by_id) == 16
    assert set(node.lines()) < set(hub.by_id.values())
    node.stop()


def test_a_lost_log_is_seen_by_the_hub_and_what_it_had_not_got_is_declared(tmp_path: Path) -> None:
    hub, node = LeasingHub(), a_node(tmp_path / "one")
    node.record(20)
    node.drain(hub)
    node.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    node.record(10)
    node.drain(hub)
    node.record(4)
    copied(node, tmp_path / "two")
    (tmp_path / "two" / "outbox.db-wal").unlink()
    again = a_node(tmp_path / "two")
    assert len(again.lines()) == 20
    again.record(3)
    again.drain(hub)
    assert len(hub.by_id) == 33
    (void,) = again.outbox.unsaid()
    assert (void.reason, void.epoch, void.first_seq) == ("older_image", node.outbox.epoch, 31)
    node.stop()
    again.stop()


def test_ninety_days_are_kept_for_a_hub_that_lost_everything(tmp_path: Path) -> None:
    hub, node = LeasingHub(), a_node(tmp_path / "one")
    for day in (1, 50, 95):
        node.record(10)
        _drain_on(node, hub, day * DAY_MS)
    node.outbox.prune(1 * DAY_MS + KEEP_MS)
    assert len(node.lines()) == 30
    node.outbox.prune(1 * DAY_MS + KEEP_MS + 1)
    kept = node.lines()
    assert len(kept) == 20
    lost_all = LeasingHub()
    node.sender.greet_soon()
    _drain_on(node, lost_all, 96 * DAY_MS)
    assert sorted(lost_all.by_id.values()) == sorted(kept)
    assert lost_all.repeats == 0
    node.stop()


def _drain_on(node: Node, hub: LeasingHub, wall_ms: int) -> None:
    """As Node.drain, at a wall time."""
    for _ in range(9):
        node.now_ms += 60_000
        if node.sender.hello_due(node.now_ms):
            welcome = hub.on_hello(node.sender.hello(node.now_ms))
            node.sender.on_welcome(welcome, node.now_ms, wall_ms)
        while (batch := node.sender.next_batch(node.now_ms)) is not None:
            node.sender.on_receipt(hub.on_batch(batch), node.now_ms, wall_ms)
    assert node.outbox.waiting == 0
