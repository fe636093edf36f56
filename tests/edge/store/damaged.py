"""An outbox as a killed daemon leaves it, what may happen to its bytes, and what stays readable."""

import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.store.carve import FRAME_HEAD_BYTES, WAL_HEAD_BYTES
from edge.store.outbox import NewFact, Outbox
from tests.edge.model_hub import ModelHub
from tests.edge.test_sender import Node
from wire.codec import encode_fact
from wire.facts import Report, Stamp

PAGE_BYTES = 4096
FRAME_BYTES = FRAME_HEAD_BYTES + PAGE_BYTES
AROUND_BYTES = 128
"""More than what stands in a record before its line and behind it."""


@dataclass
class Remains:
    """The two files, what was recorded in them, and the hub as it was then."""

    db: bytes
    wal: bytes
    lines: list[bytes]
    hub: ModelHub
    epoch: str
    touched: set[tuple[str, int]] = field(default_factory=set)

    def lay_down(self, path: Path) -> None:
        path.write_bytes(self.db)
        log = path.with_name(f"{path.name}-wal")
        if self.wal:
            log.write_bytes(self.wal)


def fact(number: int) -> NewFact:
    """Of any length between 300 bytes and a kilobyte."""
    fact_id = secrets.token_hex(16)
    stamp = Stamp(
        boot=1, boot_id="b", up_ms=number, wall_ms=1_777_766_400_000 + number, trust="hub"
    )
    text = "".join(secrets.choice("楼道堆物abc ") for _ in range(secrets.randbelow(200)))
    body = Report(matter="m", place="p", text=text, by="v01", command_id=fact_id)
    return NewFact(fact_id, stamp.wall_ms, encode_fact(fact_id, stamp, body))


@cache
def remains() -> Remains:
    """A hundred and twenty facts, half of them in the database, forty at the hub."""
    with TemporaryDirectory() as folder:
        node = Node(Path(folder) / "outbox.db")
        hub = ModelHub()
        for number in range(120):
            node.outbox.append([fact(number)])
            if number == 59:
                node.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if number == 39:
                node.drain(hub)
        found = Remains(
            node.path.read_bytes(), Path(f"{node.path}-wal").read_bytes(), node.lines(), hub,
            node.outbox.epoch,
        )  # fmt: skip
        node.stop()
    return found


def readable(before: Remains, db: bytes, wal: bytes) -> set[bytes]:
    """Lines whose bytes, and those around them, are untouched in some place where they stood."""
    found = {line for line in before.lines if _stands(before.db, db, line)}
    return found | {line for line in before.lines if _stands(before.wal, wal, line, log=True)}


def _stands(before: bytes, after: bytes, line: bytes, *, log: bool = False) -> bool:
    at = before.find(line)
    while at >= 0:
        start, end = at - AROUND_BYTES, at + len(line) + AROUND_BYTES
        if before[start:end] == after[start:end] and not (
            log and not _committed(before, after, at)
        ):
            return True
        at = before.find(line, at + 1)
    return False


def _committed(before: bytes, after: bytes, at: int) -> bool:
    """Whether the head of a commit is still there, in this frame or behind it."""
    frame = WAL_HEAD_BYTES + (at - WAL_HEAD_BYTES) // FRAME_BYTES * FRAME_BYTES
    salt = after[frame + 8 : frame + 16]
    if salt != before[frame + 8 : frame + 16]:
        return False
    return any(
        after[head : head + 24] == before[head : head + 24]
        and before[head + 4 : head + 8] != bytes(4)
        for head in range(frame, len(after) - FRAME_BYTES + 1, FRAME_BYTES)
    )


def reborn(path: Path) -> Outbox:
    return Outbox(path, "lhyy", "p03")
