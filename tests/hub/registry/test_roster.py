"""Rosters: pages within their size, whatever the compound; a version only for new content."""

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.db import table, upsert, write_session
from hub.registry.publisher import current_version, read_roster
from hub.registry.roster import Roster, encode_roster
from hub.registry.tables import CardBinding, CardBlock, Household, Person, RegistryChange
from tests.hub.nodes import COMMUNITY, T_MS, card
from wire.codec import decode
from wire.roster import MAX_PAGE_BYTES, RosterManifest, RosterPage, RosterPerson

PIN = "scrypt$" + "e6" * 16 + "$" + "f7" * 32
DAY_MS = 86_400_000


@pytest.mark.parametrize(("cards", "people"), [(0, 0), (600, 30), (601, 1), (3, 200), (11_000, 40)])
def test_pages_hold_everything_once_and_fit(cards: int, people: int) -> None:
    roster = Roster(
        tuple((card(no), "88888888-88888888-88888888", "ok") for no in range(cards)),
        tuple(
            RosterPerson(person=f"{no:032d}", number=f"{no:08d}", card=card(no), pin=PIN)
            for no in range(people)
        ),
    )
    payload, pages = encode_roster(roster, 7, T_MS)
    manifest = decode(payload, RosterManifest)
    assert (manifest.version, manifest.cards) == (7, cards)
    assert max(map(len, pages.values())) <= MAX_PAGE_BYTES
    read = [decode(pages[str(ref.no)], RosterPage) for ref in manifest.pages]
    assert [one for page in read for one in page.cards] == list(roster.cards)
    assert [one for page in read for one in page.people] == list(roster.people)
    for ref in manifest.pages:
        assert hashlib.sha256(pages[str(ref.no)]).hexdigest() == ref.sha256


def test_only_what_holds_now_is_in_the_roster(engine: Engine) -> None:
    def bound(no: int, from_ms: int, to_ms: int | None) -> dict[str, object]:
        return {
            "community": COMMUNITY, "card": card(no), "from_ms": from_ms, "to_ms": to_ms,
            "household_id": f"1-1-{no}",
        }  # fmt: skip

    with write_session(engine) as session:
        connection = session.connection()
        upsert(
            connection,
            CardBinding,
            [
                bound(1, T_MS, None),
                bound(2, T_MS - DAY_MS, T_MS),
                bound(3, T_MS + 1, None),
                bound(4, T_MS - DAY_MS, T_MS + 1),
            ],
        )
        block = {"community": COMMUNITY, "card": card(4), "from_ms": T_MS, "until_ms": None}
        upsert(connection, CardBlock, [block])
        person = {"person_id": "v01", "number": "1", "role": "volunteer", "pin": PIN}
        upsert(connection, Person, [person | {"community": COMMUNITY}])
        roster = read_roster(connection, COMMUNITY, T_MS)
    assert roster.cards == ((card(1), "1-1-1", "ok"), (card(4), "1-1-4", "blocked"))
    assert [item.pin for item in roster.people] == [PIN]


def test_no_store_gives_a_number_that_another_gave_to_other_content(engine: Engine) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        first = current_version(connection, "aa", T_MS)
        assert first == T_MS // 1000
        assert current_version(connection, "aa", T_MS + DAY_MS) == first
        assert current_version(connection, "bb", T_MS) == first + 1
        assert current_version(connection, "cc", T_MS - DAY_MS) == first + 2
        assert current_version(connection, "dd", T_MS + DAY_MS) == (T_MS + DAY_MS) // 1000


@pytest.mark.parametrize(
    ("model", "first", "second"),
    [
        (CardBinding, {"from_ms": 5, "to_ms": 9}, {"from_ms": 8, "to_ms": None}),
        (CardBinding, {"from_ms": 5, "to_ms": None}, {"from_ms": 1, "to_ms": 6}),
        (CardBlock, {"from_ms": 5, "until_ms": 9}, {"from_ms": 8, "until_ms": None}),
        (CardBinding, {"from_ms": 1, "to_ms": 2}, {"from_ms": 9, "to_ms": 8}),
        (
            Household,
            {"household_id": "1-1-1", "from_day": date(2026, 1, 1), "to_day": None},
            {"household_id": "1-1-1-2", "from_day": date(2026, 2, 1), "to_day": None},
        ),
    ],
)
@pytest.mark.both_engines
def test_the_store_itself_refuses_two_at_the_same_time(
    engine: Engine, model: Any, first: dict[str, Any], second: dict[str, Any]
) -> None:
    common = {
        CardBinding: {"card": card(1), "household_id": "1-1-1"},
        CardBlock: {"card": card(1)},
        Household: {"building": "1", "unit": "1", "room": "1", "kind": "residence"},
    }[model] | {"community": COMMUNITY}
    with write_session(engine) as session:
        upsert(session.connection(), model, [common | first])
    with pytest.raises(IntegrityError), write_session(engine) as session:
        upsert(session.connection(), model, [common | second])
    with engine.connect() as connection:
        assert len(connection.execute(select(table(model))).all()) == 1


@pytest.mark.both_engines
def test_what_was_changed_stays_recorded(engine: Engine) -> None:
    said = {
        "community": COMMUNITY, "at_ms": 1, "user": "u", "role": "office", "why": "w",
        "what": "grid", "key": "g1", "fields": "{}",
    }  # fmt: skip
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(table(RegistryChange)), [said])
    for statement in ("UPDATE registry_change SET why = 'x'", "DELETE FROM registry_change"):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            engine.execution_options(writes=True).begin() as connection,
        ):
            connection.execute(text(statement))
