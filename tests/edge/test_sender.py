"""Nothing recorded is lost and nothing arrives twice, whatever is lost on the way."""

import secrets
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.link.sender import LONGEST_WAIT_MS, Finding, Sender
from edge.store.outbox import NewFact, Outbox
from tests.edge.model_hub import ModelHub
from wire.codec import encode_fact
from wire.facts import Emptied, Stamp
from wire.session import MAX_UNRECEIPTED, Receipt

STAMP = Stamp(boot=1, boot_id="b", up_ms=1, wall_ms=1, trust="hub")


def new_fact() -> NewFact:
    fact_id = secrets.token_hex(16)
    return NewFact(fact_id, 1, encode_fact(fact_id, STAMP, Emptied(bin=1, grams=9, level_g=0)))


class Node:
    """An outbox and its sender, without a broker; the clock is ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_ms = 0
        self.found: list[Finding | None] = []
        self.start()

    def start(self) -> None:
        self.outbox = Outbox(self.path, "lhyy", "p03")
        self.sender = Sender(self.outbox, "p03", "b", "test")
        self.sender.on_connect()

    def stop(self) -> None:
        self.outbox.close()

    def record(self, count: int) -> None:
        for _ in range(count):
            self.outbox.append([new_fact()])

    def talk(self, hub: ModelHub, *, lose_batches: int = 0, lose_receipts: int = 0) -> None:
        """One round: greet if due, send what the window allows, take what comes back."""
        self.now_ms += LONGEST_WAIT_MS * 2
        if self.sender.hello_due(self.now_ms):
            welcome = hub.on_hello(self.sender.hello(self.now_ms))
            self.found.append(self.sender.on_welcome(welcome, self.now_ms, 1))
        batches = []
        while (batch := self.sender.next_batch(self.now_ms)) is not None:
            batches.append(batch)
        receipts = [hub.on_batch(batch) for batch in batches[lose_batches:]]
        for receipt in receipts[lose_receipts:]:
            self.found.append(self.sender.on_receipt(receipt, self.now_ms, 1))

    def drain(self, hub: ModelHub) -> None:
        for _ in range(60):
            if self.sender.welcomed and self.outbox.waiting == 0:
                return
            self.talk(hub)
        raise AssertionError(f"{self.outbox.waiting} facts still wait after sixty rounds")

    def lines(self) -> list[bytes]:
        return [line for _, line in self.outbox.lines_since(0)]


@pytest.fixture
def node(tmp_path: Path):  # type: ignore[no-untyped-def]
    node = Node(tmp_path / "outbox.db")
    yield node
    node.stop()


@pytest.mark.parametrize("offline", [1, 10, 44, 45, 60, 200])
def test_a_restored_image_keeps_every_offline_fact(
    tmp_path: Path, node: Node, offline: int
) -> None:
    """More, as many, and fewer offline facts than the image had lost (44 of 100)."""
    hub = ModelHub()
    node.record(56)
    node.drain(hub)
    node.outbox.close()
    shutil.copy(node.path, tmp_path / "image.db")
    node.start()
    node.record(44)
    node.drain(hub)
    node.stop()
    shutil.copy(tmp_path / "image.db", node.path)
    for leftover in tmp_path.glob("outbox.db-*"):
        leftover.unlink()
    node.start()
    node.record(offline)
    node.drain(hub)
    assert "new_epoch" in node.found
    assert len(hub.by_id) == 100 + offline
    assert set(node.lines()) <= set(hub.by_id.values())
    (void,) = node.outbox.unsaid()
    assert (void.reason, void.first_seq) == ("older_image", 101), "what was never sent is declared"


def test_the_window_is_kept(node: Node) -> None:
    hub = ModelHub()
    node.record(MAX_UNRECEIPTED + 90)
    node.talk(hub, lose_batches=99)
    assert node.sender.next_batch(node.now_ms) is None
    assert node.sender._sent == MAX_UNRECEIPTED
    node.drain(hub)


def test_a_forged_or_foreign_receipt_acknowledges_nothing(node: Node) -> None:
    hub = ModelHub()
    node.record(5)
    node.talk(hub, lose_batches=9)
    real = hub.on_hello(node.sender.hello(node.now_ms))
    node.sender.on_welcome(real, 1, 1)
    forged = Receipt(epoch=real.epoch, upto=3, chain_at_upto="00" * 32, hub_generation="0" * 32)
    foreign = forged.model_copy(update={"epoch": "11" * 16, "chain_at_upto": real.chain})
    assert node.sender.on_receipt(foreign, 1, 1) is None
    assert node.outbox.waiting == 5
    assert node.sender.on_receipt(forged, 1, 1) == "new_epoch"
    assert node.outbox.waiting == 5
    node.drain(hub)
    assert len(hub.by_id) == 5


def test_an_overtaken_receipt_changes_nothing(node: Node) -> None:
    hub = ModelHub()
    node.record(10)
    node.talk(hub)
    late = hub.on_hello(node.sender.hello(node.now_ms))
    node.drain(hub)
    node.record(3)
    epoch = node.outbox.epoch
    node.drain(hub)
    assert (late.upto, node.outbox.epoch, len(hub.by_id)) == (10, epoch, 13)


def test_a_quarantined_node_sends_nothing_and_keeps_recording(node: Node) -> None:
    hub = ModelHub()
    node.record(2)
    welcome = hub.on_hello(node.sender.hello(0)).model_copy(update={"state": "quarantined"})
    assert node.sender.on_welcome(welcome, 1, 1) == "quarantined"
    node.record(1)
    assert node.sender.next_batch(1) is None
    assert node.outbox.waiting == 3


class Conversation(RuleBasedStateMachine):
    """Any order of records, losses, kills, restored images and restored or lost hubs."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.node = Node(self.folder / "outbox.db")
        self.hub = ModelHub()
        self.backup = self.hub.restored()
        self.image: bytes | None = None

    @rule(count=st.integers(1, 70))
    def record(self, count: int) -> None:
        self.node.record(count)

    @rule(batches=st.integers(0, 3), receipts=st.integers(0, 3))
    def talk(self, batches: int, receipts: int) -> None:
        self.node.talk(self.hub, lose_batches=batches, lose_receipts=receipts)

    @rule()
    def restart(self) -> None:
        self.node.stop()
        self.node.start()

    @rule()
    def take_image(self) -> None:
        self.node.stop()
        self.image = self.node.path.read_bytes()
        self.node.start()

    @rule()
    def restore_image(self) -> None:
        if self.image is None:
            return
        self.node.stop()
        self.node.path.write_bytes(self.image)
        for leftover in self.folder.glob("outbox.db-*"):
            leftover.unlink()
        self.node.start()

    @rule()
    def back_up_hub(self) -> None:
        self.backup = self.hub.restored()

    @rule()
    def restore_hub(self) -> None:
        self.hub = self.backup.restored()
        self.node.sender.greet_soon()  # a hub that connects publishes its roster

    @rule()
    def lose_hub(self) -> None:
        self.hub = ModelHub()
        self.backup = self.hub.restored()
        self.node.sender.greet_soon()

    @rule()
    def drain(self) -> None:
        self.node.drain(self.hub)
        assert set(self.node.lines()) <= set(self.hub.by_id.values())

    @invariant()
    def keys_are_contiguous(self) -> None:
        if not hasattr(self, "node"):
            return
        rows = self.node.outbox.pending(1, 100_000)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))

    def teardown(self) -> None:
        if hasattr(self, "node"):
            self.drain()
            self.node.stop()
            shutil.rmtree(self.folder)


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
