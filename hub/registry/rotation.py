"""A card under the token of a new key: what was registered under the old token goes with it.

Read from facts once, as they are accepted: the registry is edited by people, so it is never made
again from facts.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from hub.db import chunks, table
from hub.registry.changes import Registrar, Row, Who
from hub.registry.tables import CardBinding, CardBlock, Person
from wire.base import WireModel
from wire.facts import Tap

WHY = "the card under a new key"


def carry_over(
    connection: Connection, community: str, bodies: Iterable[WireModel], now_ms: int
) -> None:
    """Within the transaction that accepts the taps, so that their visits have a household."""
    renamed: dict[str, str] = {}
    for body in bodies:
        if isinstance(body, Tap) and body.card_old and body.card_old != body.card:
            renamed.setdefault(body.card, body.card_old)
    if not renamed:
        return
    bound = _rows(connection, CardBinding, community, renamed)
    fresh = {new: old for new, old in renamed.items() if new not in bound}
    bindings = _copies(_rows(connection, CardBinding, community, fresh.values()), fresh)
    moved = {row["card"]: fresh[row["card"]] for row in bindings}
    blocks = _copies(_rows(connection, CardBlock, community, moved.values()), moved)
    registrar = Registrar(connection, community, Who("intake", "machine", WHY, now_ms))
    registrar.put(CardBinding, bindings)
    registrar.put(CardBlock, blocks)
    registrar.put(Person, _people(connection, community, renamed))


def _rows(
    connection: Connection, model: type[SQLModel], community: str, cards: Iterable[str]
) -> dict[str, list[Row]]:
    target = table(model)
    found: dict[str, list[Row]] = {}
    for part in chunks(set(cards)):
        here = (target.c.community == community) & target.c.card.in_(part)
        for row in connection.execute(select(target).where(here)).mappings():
            found.setdefault(row["card"], []).append(dict(row))
    return found


def _copies(held: Mapping[str, list[Row]], renamed: Mapping[str, str]) -> list[Row]:
    return [row | {"card": new} for new, old in renamed.items() for row in held.get(old, [])]


def _people(connection: Connection, community: str, renamed: Mapping[str, str]) -> list[Row]:
    """A supervisor has one card."""
    old = _rows(connection, Person, community, renamed.values())
    return [row | {"card": new} for new, one in renamed.items() for row in old.get(one, [])]
