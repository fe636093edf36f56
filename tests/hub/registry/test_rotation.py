"""A card under a new key stays its household's card, and a supervisor's stays his."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlmodel import Session

from hub.db import table, upsert, write_session
from hub.meta import REVISION, read_meta
from hub.registry.publisher import read_roster
from hub.registry.tables import CardBinding, CardBlock, Person, RegistryChange
from hub.rewards.settlement import settle_day
from hub.visits.project import PROJECTIONS, rebuild
from tests.hub.nodes import COMMUNITY, T_MS, Node, card, line, name, take, verdict
from tests.hub.rewards.case_world import CaseWorld
from tests.hub.rewards.point_node import encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms, card_token
from wire.facts import Tap, Verdict

OLD, NEW, NEWER = card(1), "k2." + card(1)[3:], "k3." + card(1)[3:]
WORLD = {
    "households": [{"id": "H1", "building": "1"}],
    "people": [],
    "bindings": [{"card": "K1", "household": "H1", "from": "2026-01-01T00:00:00+08:00"}],
    "policies": [{"id": "p1", "from_day": "2026-01-01", "amount_fen": 30}],
}


def tap(new: str = NEW, old: str | None = OLD) -> Tap:
    return Tap(card=new, card_old=old, reader="reader-1", known="known", signal="recorded")


def sent(no: int, body: Tap) -> Node:
    """A node of one fact."""
    return Node(
        epoch=name("e", no), nonce=name("n", no), lines=[line(name("f", no), body, up_ms=no)]
    )


def say(engine: Engine, no: int, *bodies: Tap) -> None:
    node = sent(no, bodies[0])
    node.lines += [line(name("g", no, i), one) for i, one in enumerate(bodies[1:])]
    take(engine, node.hello(), node.batch(1, len(node.lines)))


def register(engine: Engine) -> None:
    bound = {"community": COMMUNITY, "card": OLD, "household_id": "1-1-1", "serial": "L-7"}
    spans: list[dict[str, Any]] = [
        bound | {"from_ms": 5, "to_ms": 9, "household_id": "1-1-2"},
        bound | {"from_ms": 9, "to_ms": None},
    ]
    block = {"community": COMMUNITY, "card": OLD, "from_ms": 6, "until_ms": 7}
    person = {"community": COMMUNITY, "person_id": "v01", "number": "1", "role": "volunteer"}
    with write_session(engine) as session:
        upsert(session.connection(), CardBinding, spans)
        upsert(session.connection(), CardBlock, [block])
        upsert(session.connection(), Person, [person | {"card": OLD}])


def registry(connection: Connection) -> list[list[tuple[Any, ...]]]:
    return [
        sorted(tuple(row) for row in connection.execute(select(table(model))))
        for model in (CardBinding, CardBlock, Person)
    ]


def spans_of(engine: Engine, token: str) -> list[tuple[Any, ...]]:
    b = table(CardBinding).c
    wanted = (b.from_ms, b.to_ms, b.household_id, b.serial)
    with engine.connect() as connection:
        found = connection.execute(select(*wanted).where(b.card == token).order_by(b.from_ms))
        return [tuple(row) for row in found]


def test_a_card_under_a_new_key_earns_for_its_household(engine: Engine) -> None:
    world = CaseWorld(engine, "rotated", WORLD)
    token = card_token("K1")
    body = Tap(
        card="k2." + token[3:], card_old=token, reader="r", known="known", signal="recorded",
        shift="5" * 32,
    )  # fmt: skip
    seen = at_ms("2026-05-03T07:00:00+08:00")
    world.send("p01", encode_fact(hex_id("r1"), stamp(seen), body), seen + 1000)
    said = Verdict(
        visit=hex_id("r1"), value="accepted", by="v1", shift="5" * 32, command_id="0" * 32
    )
    world.send("p01", encode_fact(hex_id("w1"), stamp(seen + 60_000), said), seen + 61_000)
    with write_session(engine) as session:
        run = settle_day(session, "rotated", date(2026, 5, 3), seen + 86_400_000)
    assert run.amount_fen == 30


def test_everything_registered_goes_with_the_card_and_the_roster_knows(engine: Engine) -> None:
    register(engine)
    say(engine, 1, tap(), tap())
    say(engine, 2, tap(NEWER, NEW))
    with Session(engine) as session:
        connection = session.connection()
        roster = read_roster(connection, COMMUNITY, T_MS)
        revision = read_meta(connection, REVISION)
        blocks = {row[1] for row in registry(connection)[1]}
        told = connection.execute(select(table(RegistryChange)))
        recorded = {(row.what, row.user) for row in told}
    assert spans_of(engine, OLD) == spans_of(engine, NEW) == [
        (5, 9, "1-1-2", "L-7"), (9, None, "1-1-1", "L-7"),
    ]  # fmt: skip
    assert {token for token, _, _ in roster.cards} >= {OLD, NEW}
    assert [person.card for person in roster.people] == [NEWER]
    assert blocks >= {OLD, NEW}
    assert revision is not None
    assert recorded == {("card_binding", "intake"), ("card_block", "intake"), ("person", "intake")}


def test_it_is_carried_over_once(engine: Engine) -> None:
    register(engine)
    say(engine, 1, tap())
    with engine.connect() as connection:
        before, revision = registry(connection), read_meta(connection, REVISION)
    say(engine, 2, tap())
    say(engine, 3, tap(card(40), card(41)), tap(card(42), None))
    with engine.connect() as connection:
        assert (registry(connection), read_meta(connection, REVISION)) == (before, revision)


def test_a_new_token_that_is_bound_keeps_its_own_household(engine: Engine) -> None:
    register(engine)
    own = {"community": COMMUNITY, "card": NEW, "household_id": "2-2-2", "serial": None}
    with write_session(engine) as session:
        upsert(session.connection(), CardBinding, [own | {"from_ms": 1, "to_ms": None}])
    say(engine, 1, tap())
    assert spans_of(engine, NEW) == [(1, None, "2-2-2", None)]


def test_a_rebuild_makes_the_same_projections_and_leaves_the_registry(engine: Engine) -> None:
    node = Node(lines=[line(name("f"), tap()), line(name("w"), verdict(name("f")))])
    take(engine, node.hello(), node.batch(1, 2))
    register(engine)  # bound only after the tap: a rebuild must not carry it over now

    def everything(connection: Connection) -> list[Any]:
        rows = [
            sorted(map(repr, connection.execute(select(table(model))).all()))
            for model in PROJECTIONS
        ]
        return [*rows, *registry(connection)]

    with engine.execution_options(writes=True).begin() as connection:
        before = everything(connection)
        assert rebuild(connection, COMMUNITY) == 2
        assert everything(connection) == before
