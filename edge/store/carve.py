"""Facts in the bytes of an outbox, without SQLite: what is whole is found wherever it stands.

A row is recognised by the header of its record (file format of SQLite, section 2.1) and believed
by its own check sum, so neither a broken page nor a broken log hides its neighbours. A row never
spans pages: no fact is longer than a page.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from wire.codec import BadMessageError, decode_fact
from wire.facts import Void

WAL_HEAD_BYTES, FRAME_HEAD_BYTES = 32, 24
MOST_VOIDS = 40
FURTHEST_JUMP = 100_000
# Types: n NULL (it is the row's number), epoch 32 characters, seq, id 32 characters, wall_ms,
# line, chain 32 bytes, acked_ms, crc. The first byte is the length of this header.
_INT = rb"[\x00-\x06\x08\x09]"
_ROW = re.compile(
    rb"(?=([\x0a\x0b])\x00\x4d(" + _INT + rb")\x4d(" + _INT + rb")([\x80-\xff][\x00-\x7f])\x4c("
    + _INT + rb")(" + _INT + rb"?))"
)  # fmt: skip
_SEQUENCE = re.compile(rb"\x03\x15([\x01-\x06])fact")
_INT_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}
_HEX_BYTES = _CHAIN_BYTES = 32
_OLD_HEAD = 10
"""Of a row written before there was a check sum: then its line has to agree with it."""


@dataclass(frozen=True)
class Carved:
    """One whole row; ``at`` is where its header stands."""

    at: int
    n: int
    epoch: str
    seq: int
    id: str
    boot: int
    wall_ms: int
    line: bytes
    acked: bool


def crc_of(n: int, wall_ms: int, line: bytes) -> int:
    """A row's own check sum: against what a disk does to it. Against people there is the chain."""
    return zlib.crc32(line, zlib.crc32(f"{n} {wall_ms}".encode()))


def carve(data: bytes) -> Iterator[Carved]:
    """Every whole row, in the order of the bytes; older copies of a row included."""
    names: dict[bytes, tuple[str, int] | None] = {}
    for match in _ROW.finditer(data):
        row = _read(data, match, names)
        if row is not None:
            yield row


def highest_n(data: bytes) -> int:
    """The newest number SQLite says it gave to a fact; 0 when it says nothing."""
    return max((n for _, n in _sequence(data)), default=0)


def _sequence(data: bytes) -> Iterator[tuple[int, int]]:
    """``(where, n)`` of every copy of SQLite's counter of facts."""
    for at in _SEQUENCE.finditer(data):
        yield at.start(), int.from_bytes(data[at.end() : at.end() + _INT_BYTES[at[1][0]]], "big")


def committed_beyond(log: bytes, page_bytes: int, newest_n: int) -> int | None:
    """A fact in the log, newer than all SQLite reads from it, that had been committed; its n.

    What a kill left half-written has no commit frame after it.
    """
    frame_bytes = FRAME_HEAD_BYTES + page_bytes
    for at, n in [*((row.at, row.n) for row in carve(log)), *_sequence(log)]:
        if not newest_n < n < newest_n + FURTHEST_JUMP:
            continue
        first = WAL_HEAD_BYTES + (at - WAL_HEAD_BYTES) // frame_bytes * frame_bytes
        salt = log[first + 8 : first + 16]
        for frame in range(first, len(log) - frame_bytes + 1, frame_bytes):
            if log[frame + 4 : frame + 8] != bytes(4) and log[frame + 8 : frame + 16] == salt:
                return n
    return None


def newest_of_each(rows: Iterable[Carved], keep_ms: int) -> list[Carved]:
    """Each fact once, in its order; what had been acknowledged and pruned stays away."""
    by_id = {row.id: row for row in rows}
    newest_ms = max((row.wall_ms for row in by_id.values()), default=0)
    kept = [row for row in by_id.values() if not row.acked or row.wall_ms >= newest_ms - keep_ms]
    return sorted(kept, key=lambda row: (row.n, row.at))


def gone(rows: list[Carved], highest: int) -> list[Void]:
    """What is missing between and after whole rows and was not known to be at the hub."""
    found = [
        _void(before, after.n - before.n - 1, after)
        for before, after in pairwise(rows)
        if after.n - before.n > 1 and not after.acked
    ]
    if not rows:
        found.append(Void(reason="outbox_damaged", detail="no fact could be read"))
    elif 0 < highest - rows[-1].n < FURTHEST_JUMP:
        found.append(_void(rows[-1], highest - rows[-1].n, None))
    elif highest < rows[-1].n:
        detail = "what was recorded last is not known"
        found.append(
            Void(reason="outbox_damaged", epoch=rows[-1].epoch, first_seq=rows[-1].seq + 1,
                 detail=detail)
        )  # fmt: skip
    if len(found) > MOST_VOIDS:
        rest = f"{len(found) - MOST_VOIDS + 1} more gaps"
        found[MOST_VOIDS - 1 :] = [Void(reason="outbox_damaged", detail=rest)]
    return found


def _void(before: Carved, count: int, after: Carved | None) -> Void:
    detail = f"{count} facts after n={before.n}"
    last = before.seq + count
    if after is not None and (after.epoch, after.seq) != (before.epoch, last + 1):
        return Void(reason="outbox_damaged", detail=detail)
    return Void(reason="outbox_damaged", epoch=before.epoch, first_seq=before.seq + 1,
                last_seq=last, detail=detail)  # fmt: skip


def _read(
    data: bytes, match: re.Match[bytes], names: dict[bytes, tuple[str, int] | None]
) -> Carved | None:
    """The row whose header stands here; None when its bytes cannot be one that was written."""
    head_bytes, line_bytes = match[1][0], _line_bytes(match[4])
    types = [match[2][0], match[3][0], match[5][0]]
    if head_bytes != _OLD_HEAD:
        types += match[6][:1]
    seq_size, wall_size, acked_size, *crc_size = (_INT_BYTES[kind] for kind in types)
    sizes = [_HEX_BYTES, seq_size, _HEX_BYTES, wall_size, line_bytes, _CHAIN_BYTES, acked_size]
    n = _number_before(data, match.start(), head_bytes + sum(sizes) + sum(crc_size))
    if n is None or line_bytes < 0:
        return None
    at, parts = match.start() + head_bytes, []
    for size in [*sizes, *crc_size]:
        parts.append(data[at : at + size])
        at += size
    epoch, line, wall_ms = parts[0], parts[4], _int(parts[3], types[1])
    if crc_size and int.from_bytes(parts[7], "big") != crc_of(n, wall_ms, line):
        return None
    if line not in names:  # a log holds many copies of each
        names[line] = _name(line, wall_ms)
    name = names[line]
    if name is None or (not crc_size and name[0].encode() != parts[2]):
        return None
    return Carved(match.start(), n, epoch.decode(errors="replace"), _int(parts[1], types[0]),
                  *name, wall_ms, line, bool(acked_size))  # fmt: skip


def _name(line: bytes, wall_ms: int) -> tuple[str, int] | None:
    """Id and boot of a fact, if it is one and of that time."""
    try:
        envelope = decode_fact(line).envelope
    except BadMessageError:
        return None
    return (envelope.id, envelope.boot) if envelope.wall_ms == wall_ms else None


def _line_bytes(kind: bytes) -> int:
    """12 + 2 × length, in two bytes; one more where a spoilt bit makes TEXT of the BLOB."""
    value = (kind[0] & 0x7F) << 7 | kind[1]
    return (value - 12) // 2 if value >= 12 else -1


def _int(value: bytes, kind: int) -> int:
    return kind - 8 if kind >= 8 else int.from_bytes(value, "big", signed=True)


def _number_before(data: bytes, at: int, payload_bytes: int) -> int | None:
    """The row's number stands before its header, and before that the length of the whole."""
    length = _varint(payload_bytes)
    for size in range(1, 10):
        start = at - size
        if start < len(length):
            return None
        number = data[start:at]
        ends_here = number[-1] < 0x80 and all(byte >= 0x80 for byte in number[:-1])
        if ends_here and data[start - len(length) : start] == length:
            n = 0
            for byte in number:
                n = n << 7 | byte & 0x7F
            return n
    return None


def _varint(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
