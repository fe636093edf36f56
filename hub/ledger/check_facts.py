"""Fact lines against the hub's marks and the chain of each epoch."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import Session

from hub.db import table
from hub.intake.marks import FIRST_MARK, next_mark
from hub.intake.store import Epoch, held_lines, load_epoch
from hub.intake.tables import EpochState, FactAlias, FactRow
from hub.intake.unit import read_line
from wire.codec import BadMessageError, chain_next, chain_seed

PORTION = 1000
_fact, _epoch = table(FactRow).c, table(EpochState).c


def differences(session: Session, community: str) -> Iterator[str]:
    """Marks in the order of arrival, then chains by epoch."""
    connection = session.connection()
    yield from _marks(connection, community)
    yield from _chains(connection, community)
    yield from _aliases(connection, community)


def _marks(connection: Connection, community: str) -> Iterator[str]:
    """The first that does not follow; all later ones would not either."""
    mark, arrival = FIRST_MARK, 0
    while rows := _portion(connection, community, arrival):
        for row in rows:
            arrival += 1
            if row.arrival != arrival:
                yield f"fact {row.fact_id}: arrival {row.arrival}, expected {arrival}"
                return
            mark = next_mark(
                mark, arrival=arrival, point=row.point, epoch=row.epoch, seq=row.seq,
                received_ms=row.received_ms, line=row.line,
            )  # fmt: skip
            if row.mark != mark:
                yield f"fact {row.fact_id} (arrival {arrival}): its row does not give its mark"
                return
            yield from _said(row)


def _portion(connection: Connection, community: str, after: int) -> list[Any]:
    return list(
        connection.execute(
            select(table(FactRow))
            .where(_fact.community == community, _fact.arrival > after)
            .order_by(_fact.arrival)
            .limit(PORTION)
        ).all()
    )


def _said(row: Any) -> Iterator[str]:
    fact = read_line(row.line)
    if isinstance(fact, BadMessageError):
        yield f"fact {row.fact_id}: its line is none: {fact.detail}"
    elif (fact.id, fact.envelope.kind) != (row.fact_id, row.kind):
        yield f"fact {row.fact_id}, {row.kind}: its line says {fact.id}, {fact.envelope.kind}"


def _chains(connection: Connection, community: str) -> Iterator[str]:
    """Every position up to the cursor is held, and its lines give the chain that was answered."""
    held = _counts(connection, community)
    for point, name in sorted(_known(connection, community)):
        epoch, where = load_epoch(connection, community, point, name), f"epoch {name} of {point}"
        if epoch is None:
            continue
        seq, chain = _walked(connection, community, epoch)
        if seq < epoch.upto:
            yield f"{where}: position {seq + 1} is not held"
        elif chain != epoch.chain:
            yield f"{where}: its lines give another chain than was answered"
        count, newest = held.pop((point, name), (0, 0))
        if count != epoch.facts or newest > epoch.upto:
            expected = f"expected {epoch.facts} up to {epoch.upto}"
            yield f"{where}: {count} facts up to {newest}, {expected}"
    for point, name in sorted(held):
        yield f"epoch {name} of {point}: has facts but is not known"


def _walked(connection: Connection, community: str, epoch: Epoch) -> tuple[int, bytes]:
    """How far the positions go without a gap, and the chain there."""
    seq, chain = 0, chain_seed(epoch.epoch)
    while seq < epoch.upto:
        seqs = range(seq + 1, min(seq + PORTION, epoch.upto) + 1)
        lines = held_lines(connection, community, epoch, seqs)
        for place in seqs:
            if place not in lines:
                return seq, chain
            seq, chain = place, chain_next(chain, lines[place])
    return seq, chain


def _known(connection: Connection, community: str) -> set[tuple[str, str]]:
    rows = connection.execute(
        select(_epoch.point, _epoch.epoch).where(_epoch.community == community)
    )
    return {(point, epoch) for point, epoch in rows}


def _counts(connection: Connection, community: str) -> dict[tuple[str, str], tuple[int, int]]:
    rows = connection.execute(
        select(_fact.point, _fact.epoch, func.count(), func.max(_fact.seq))
        .where(_fact.community == community)
        .group_by(_fact.point, _fact.epoch)
    )
    return {(point, epoch): (count, newest) for point, epoch, count, newest in rows}


def _aliases(connection: Connection, community: str) -> Iterator[str]:
    """A position without a fact of its own names a fact, or keeps a line and why it is none."""
    alias = table(FactAlias)
    known = _known(connection, community)
    for row in connection.execute(select(alias).where(alias.c.community == community)):
        where = f"alias {row.point} {row.epoch} {row.seq}"
        if (row.point, row.epoch) not in known:
            yield f"{where}: its epoch is not known"
        if row.line is None:
            if row.fact_id is None or row.reason is not None:
                yield f"{where}: neither a fact nor a rejected line"
            continue
        read = read_line(row.line)
        why = read.reason if isinstance(read, BadMessageError) else "id_conflict"
        if row.fact_id is not None or row.reason != why:
            yield f"{where}: rejected as {row.reason}, its line gives {why}"
