"""Dead letters: what waits in them for a hub that can read it, and reading it again.

Only a rejected line waits: its receipt has gone out, so its node never sends it again, and the line
is kept with the aliases. A message that was not taken as a whole had no receipt; its node sends it
again, and nothing is to be done here.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from hub.db import insert_many, table
from hub.intake import store
from hub.intake.marks import next_mark
from hub.intake.tables import DeadLetter, EpochState, FactAlias, FactRow
from hub.intake.unit import read_line
from hub.registry.rotation import carry_over
from hub.visits.accepted import Accepted
from hub.visits.project import project
from wire.codec import BadMessageError, Fact

Row = dict[str, Any]


@dataclass(frozen=True)
class Retried:
    """``fact`` is held now; without one the line is still refused, for ``reason``."""

    fact: str | None = None
    reason: str | None = None
    detail: str = ""


def waiting_line(connection: Connection, letter: DeadLetter) -> bytes | None:
    """The whole line that would be read again; None when nothing of the letter waits here."""
    if letter.epoch is None or letter.seq is None or letter.reason == "conflict":
        return None
    a = table(FactAlias).c
    line: bytes | None = connection.execute(select(a.line).where(*_key(letter))).scalar()
    return line


def retry(connection: Connection, letter: DeadLetter, now_ms: int) -> Retried | None:
    """Read the line again, as if it had come now but for its time of receipt.

    None when nothing waits. What is taken leaves the dead letters. The caller commits.
    """
    line = waiting_line(connection, letter)
    if line is None:
        return None
    fact = read_line(line)
    if isinstance(fact, BadMessageError):
        return Retried(reason=fact.reason, detail=fact.detail)
    store.take_turn(connection)
    held = store.lines_by_id(connection, letter.community, [fact.id]).get(fact.id)
    if held is not None and held != line:
        detail = f"fact {fact.id} is held with other bytes; expected another name or the same line"
        return Retried(reason="id_conflict", detail=detail)
    if held is None:
        _accept(connection, letter, line, fact, now_ms)
    else:
        names = {"fact_id": fact.id, "reason": None, "line": None}
        connection.execute(update(table(FactAlias)).where(*_key(letter)).values(names))
    d = table(DeadLetter)
    connection.execute(delete(d).where(d.c.letter == letter.letter))
    return Retried(fact=fact.id)


def _key(letter: DeadLetter) -> tuple[Any, ...]:
    names = ("community", "point", "epoch", "seq")
    return tuple(table(FactAlias).c[name] == getattr(letter, name) for name in names)


def _accept(
    connection: Connection, letter: DeadLetter, line: bytes, fact: Fact, now_ms: int
) -> None:
    community, point, epoch, seq = letter.community, letter.point, letter.epoch, letter.seq
    if point is None or epoch is None or seq is None:
        return
    arrival, mark = store.newest(connection, community)
    row: Row = {
        "community": community, "arrival": arrival + 1, "fact_id": fact.id, "point": point,
        "kind": fact.envelope.kind, "epoch": epoch, "seq": seq, "line": line,
        "received_ms": letter.received_ms,
    }  # fmt: skip
    row["mark"] = next_mark(
        mark, arrival=arrival + 1, point=point, epoch=epoch, seq=seq,
        received_ms=letter.received_ms, line=line,
    )  # fmt: skip
    connection.execute(delete(table(FactAlias)).where(*_key(letter)))
    insert_many(connection, FactRow, [row])
    e = table(EpochState)
    mine = (e.c.community == community, e.c.point == point, e.c.epoch == epoch)
    connection.execute(update(e).where(*mine).values(facts=e.c.facts + 1))
    accepted = Accepted(arrival + 1, point, letter.received_ms, fact)
    carry_over(connection, community, [accepted.body], now_ms)
    project(connection, community, [accepted])
