"""What to do with a hello or a batch, given what is held. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

KEPT_NONCES = 16


class Lease(StrEnum):
    """What a hello did to its epoch."""

    KEPT = "kept"
    TAKEN = "taken"
    QUARANTINED = "quarantined"


def lease(
    nonce: str, current: str | None, superseded: Sequence[str], *, quarantined: bool
) -> Lease:
    """Who may speak for an epoch after this hello.

    A start of a node never comes back once another start has taken over: seeing it again means
    that two live nodes hold one outbox.
    """
    if quarantined or (nonce != current and nonce in superseded):
        return Lease.QUARANTINED
    return Lease.KEPT if nonce == current else Lease.TAKEN


def superseded_after(current: str | None, superseded: Sequence[str]) -> tuple[str, ...]:
    """The remembered nonces once ``current`` has been taken over, newest first, bounded."""
    return (() if current is None else (current,)) + tuple(superseded)[: KEPT_NONCES - 1]


class Answer(StrEnum):
    """What a batch is, seen from the cursor."""

    TAKE = "take"
    KNOWN = "known"
    GAP = "gap"
    CONFLICT = "conflict"
    NOT_LEASED = "not_leased"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Cursor:
    """How an epoch stands: everything up to ``upto`` is held."""

    upto: int
    nonce: str | None
    quarantined: bool


@dataclass(frozen=True)
class Batch:
    """A decision: ``skip`` lines are held already; for a conflict ``seq`` says where."""

    answer: Answer
    skip: int = 0
    seq: int | None = None


def overlap(cursor: Cursor, first_seq: int, count: int) -> range:
    """The positions of a batch that are held already, to be compared byte by byte."""
    return range(first_seq, min(cursor.upto, first_seq + count - 1) + 1)


def judge_batch(
    cursor: Cursor, nonce: str, first_seq: int, lines: Sequence[bytes], held: Mapping[int, bytes]
) -> Batch:
    """Accept only cursor + 1; ``held`` has the bytes of every overlapping position."""
    if cursor.quarantined:
        return Batch(Answer.QUARANTINED)
    if nonce != cursor.nonce:
        return Batch(Answer.NOT_LEASED)
    if first_seq > cursor.upto + 1:
        return Batch(Answer.GAP)
    known = overlap(cursor, first_seq, len(lines))
    for seq in known:
        if held.get(seq) != lines[seq - first_seq]:
            return Batch(Answer.CONFLICT, seq=seq)
    if len(known) == len(lines):
        return Batch(Answer.KNOWN, skip=len(lines))
    return Batch(Answer.TAKE, skip=len(known))
