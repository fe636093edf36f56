"""Importing: every error at once, nothing half imported, again changes nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from hub.db import table, write_session
from hub.registry.changes import Who
from hub.registry.columns import LISTS
from hub.registry.importing import import_read
from hub.registry.pins import pin_matches
from hub.registry.publisher import read_roster
from hub.registry.reading import Read
from hub.registry.tables import CardBinding, Household, Person, RegistryChange
from hub.registry.templates import write_templates
from hub.rewards.policy import publish
from hub.rewards.tables import RewardPolicy
from tests.hub.nodes import COMMUNITY, T_MS, card

HOUSEHOLDS = (
    "building,unit,room,kind,from_day\n11,1,102,residence,2026-01-01\n11,1,103,shop,2026-01-01\n"
)
CARDS = (
    "card,building,unit,room,serial,from\n"
    f"{card(1)},11,1,102,S1,2026-01-01T00:00:00+08:00\n"
    f"{card(2)},11,1,103,,2026-01-01T00:00:00+08:00\n"
)
PEOPLE = (
    "person,number,role,card,pin,building,unit,room\n"
    f"v01,1,volunteer,{card(9)},1234,11,1,102\nv02,2,volunteer,,,,,\n"
)
WHO = Who("li.fang", "office", "the first list", T_MS)


def files(households: str = "", cards: str = "", people: str = "") -> Read:
    read = Read()
    for kind, text in (("households", households), ("cards", cards), ("people", people)):
        if text:
            read.file(f"{kind[0]}.csv", text.encode(), kind)
    return read


def bring_in(engine: Engine, given: Read, *, dry_run: bool = False) -> list[str]:
    with write_session(engine) as session:
        return import_read(session, COMMUNITY, given, WHO, dry_run=dry_run).problems


def rows(engine: Engine, model: Any) -> list[Any]:
    target = table(model)
    with engine.connect() as connection:
        return list(connection.execute(select(target).order_by(*target.primary_key)))


def test_three_files_make_a_roster(engine: Engine) -> None:
    assert bring_in(engine, files(HOUSEHOLDS, CARDS, PEOPLE)) == []
    with engine.connect() as connection:
        roster = read_roster(connection, COMMUNITY, T_MS)
    assert roster.cards == ((card(1), "11-1-102", "ok"), (card(2), "11-1-103", "ok"))
    assert [(item.person, item.number, item.card) for item in roster.people] == [
        ("v01", "1", card(9)),
        ("v02", "2", None),
    ]
    assert pin_matches("1234", roster.people[0].pin or "")
    assert not pin_matches("1235", roster.people[0].pin or "")
    assert [row.household_id for row in rows(engine, Person)] == ["11-1-102", None]


def test_importing_again_changes_no_roster_and_records_nothing(engine: Engine) -> None:
    digests, recorded = [], []
    for _ in range(2):
        assert bring_in(engine, files(HOUSEHOLDS, CARDS, PEOPLE)) == []
        with engine.connect() as connection:
            digests.append(read_roster(connection, COMMUNITY, T_MS).digest)
        recorded.append(len(rows(engine, RegistryChange)))
    assert digests[0] == digests[1]
    assert recorded[0] == recorded[1] == 2 + 2 + 2 + 1 + 1  # with the building and its unit


def test_every_error_is_told_at_once_and_nothing_is_imported(engine: Engine) -> None:
    households = HOUSEHOLDS + "1-1,1,1,palace,yesterday\n11,1,102,shop,2026-01-01\n"
    cards = CARDS + "k1.short,11,1,102,,2026-01-01T00:00:00+08:00\n"
    cards += f"{card(3)},99,1,1,,soon\n{card(4)},99,1,1,,2026-01-01T00:00:00Z\n"
    people = PEOPLE + "v02,7,boss,,12,,,\nv03,1,volunteer,,,9,9,9\n"
    problems = bring_in(engine, files(households, cards, people))
    expected = [
        "h.csv:4: building", "h.csv:4: kind", "h.csv:4: from_day", "c.csv:4: card",
        "c.csv:5: from", "p.csv:4: role", "p.csv:4: pin",
        "h.csv:5: building: 11-1-102 stands on line 2 already",
        "c.csv:6: room: no household 99-1-1", "p.csv:5: room: no household 9-9-9",
        "p.csv:2: number: is v03's already", "p.csv:5: number: is v01's already",
    ]  # fmt: skip
    assert len(problems) == len(expected), problems
    for line, start in zip(problems, expected, strict=True):
        assert line.startswith(start), problems
    assert problems[1] == "h.csv:4: kind: found 'palace'; expected 住宅 or 商户"
    assert "12" not in problems[6].split("found")[1].split(";")[0], "a PIN is never shown"
    for model in (Household, CardBinding, Person, RegistryChange):
        assert rows(engine, model) == []


def test_a_dry_run_tells_the_same_and_writes_nothing(engine: Engine) -> None:
    with write_session(engine) as session:
        given = files(HOUSEHOLDS, CARDS, PEOPLE)
        done = import_read(session, COMMUNITY, given, WHO, dry_run=True)
    assert done.told == "2 households, 2 cards, 2 people (rows: 8 new, 0 changed, 0 as before)"
    assert rows(engine, Household) == rows(engine, RegistryChange) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("building,unit\n1,1\n", "missing columns 类型 (kind), 起始日 (from_day)"),
        (HOUSEHOLDS + "1,1,1,shop,2026-01-01,more\n", "(too many columns)"),
        (HOUSEHOLDS + "1,1\n", "kind: is empty; expected 住宅 or 商户"),
        (HOUSEHOLDS.replace("room", "rum"), "rum: is no column of this list"),
        (HOUSEHOLDS + '"', "not CSV"),
        ("a\0b", "NUL"),
        ("", "missing columns"),
    ],
)
def test_a_file_of_another_shape_is_told(engine: Engine, text: str, what: str) -> None:
    read = Read()
    read.file("h.csv", text.encode(), "households")
    assert what in " ".join(bring_in(engine, read))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("between", ["\t", ";"])
def test_what_a_spreadsheet_puts_between_columns(
    engine: Engine, between: str, encoding: str
) -> None:
    read = Read()
    text = "住户一览,\n门牌,类型,起始日,户主\n11-1-102,住宅,2026-01-01,单雄信\n"
    read.file("h.csv", text.replace(",", between).encode(encoding), "households")
    assert bring_in(engine, read) == []
    assert [row.household_id for row in rows(engine, Household)] == ["11-1-102"]


def test_line_numbers_of_an_office_are_no_stranger(engine: Engine) -> None:
    read = Read()
    text = "序号,门牌,类型,起始日\n1,11-1-102,住宅,2026-01-01\n2,11-1-103,住宅,2026-01-01\n"
    read.file("h.csv", text.encode(), "households")
    assert bring_in(engine, read) == []
    assert [row.household_id for row in rows(engine, Household)] == ["11-1-102", "11-1-103"]


def test_a_later_binding_ends_the_open_one(engine: Engine) -> None:
    bring_in(engine, files(HOUSEHOLDS, CARDS))
    head = CARDS.splitlines()[0]
    moved = f"{head}\n{card(1)},11,1,103,,2026-04-01\n"
    assert bring_in(engine, files(cards=moved)) == []
    bound = [(row.household_id, row.from_ms, row.to_ms) for row in rows(engine, CardBinding)]
    begins = bound[1][1]
    assert bound[0] == ("11-1-102", bound[0][1], begins)
    assert bound[1] == ("11-1-103", begins, None)
    taken = f"{head}\n{card(1)},11,1,102,,2026-04-01T00:00:00+08:00\n"
    assert "bound to 11-1-103" in bring_in(engine, files(cards=taken))[0]


def test_a_back_dated_binding_ends_where_the_next_begins(engine: Engine) -> None:
    bring_in(engine, files(HOUSEHOLDS, CARDS))
    head = CARDS.splitlines()[0]
    assert bring_in(engine, files(cards=f"{head}\n{card(1)},11,1,103,,2025-12-01\n")) == []
    spans = [(row.household_id, row.to_ms) for row in rows(engine, CardBinding)][:2]
    first = rows(engine, CardBinding)[1].from_ms
    assert spans == [("11-1-103", first), ("11-1-102", None)]


def test_a_door_that_is_let_again_is_another_household(engine: Engine) -> None:
    bring_in(engine, files(HOUSEHOLDS))
    head = "building,unit,room,kind,from_day,to_day,successor_of\n"
    both = "11,1,102,residence,2026-04-01,,\n"
    (told,) = bring_in(engine, files(head + both))
    assert "household 11-1-102's from 2026-01-01 to open" in told
    ended = "11,1,102,residence,2026-01-01,2026-04-01,\n"
    assert bring_in(engine, files(head + ended + both)) == []
    homes = {row.household_id: (row.from_day.month, row.to_day) for row in rows(engine, Household)}
    assert homes["11-1-102-2"] == (4, None)
    assert homes["11-1-102"][1] is not None
    cards = f"card,门牌,from\n{card(1)},11#-1-102,2026-03-31\n{card(2)},11#-1-102,2026-04-01\n"
    assert bring_in(engine, files(cards=cards)) == []
    assert [row.household_id for row in rows(engine, CardBinding)] == ["11-1-102", "11-1-102-2"]


def test_no_household_gets_more_cards_than_the_policy_allows(engine: Engine) -> None:
    with write_session(engine) as session:
        policy = RewardPolicy(
            community=COMMUNITY, policy_id="p1", version=1, published_ms=0, max_cards=2,
            from_day=date(2020, 1, 1),
        )  # fmt: skip
        publish(session, policy)
    head = "card,door,from\n"
    two = "".join(f"{card(no)},11-1-102,2026-01-01\n" for no in (1, 2))
    assert bring_in(engine, files(HOUSEHOLDS, head + two)) == []
    (told,) = bring_in(engine, files(cards=f"{head}{card(3)},11-1-102,2026-02-01\n"))
    assert told == "c.csv:2: card: 11-1-102 would have 3 cards; the policy allows 2"
    later = f"{head}{card(3)},11-1-102,2027-02-01\n"
    assert bring_in(engine, files(cards=later)) == [], "not yet bound"


def test_a_thousand_rows_say_how_far_they_are(engine: Engine) -> None:
    many = "".join(f"1,1,{no},residence,2026-01-01\n" for no in range(1200))
    seen: list[tuple[str, int, int]] = []
    with write_session(engine) as session:
        given = files(HOUSEHOLDS.splitlines()[0] + "\n" + many)
        import_read(
            session, COMMUNITY, given, WHO, dry_run=False,
            progress=lambda *said: seen.append(said),
        )  # fmt: skip
    assert [said for said in seen if said[0] == "household"] == [
        ("household", 500, 1200), ("household", 1000, 1200), ("household", 1200, 1200),
    ]  # fmt: skip


def test_a_folder_of_files_is_as_good_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "garden"
    assert len(write_templates(folder)) == len(LISTS)
    read = Read()
    for path in sorted(folder.glob("*.csv")):
        read.file(str(path), path.read_bytes(), path.stem)
    assert read.problems == []
    assert not any(read.lines.values()), "the examples are remarks"
