"""Importing: every error at once, nothing half imported, again changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from hub.db import table, write_session
from hub.registry.importing import Files, apply, problems_against
from hub.registry.pins import pin_matches
from hub.registry.publisher import read_roster
from hub.registry.tables import CardBinding, Household, Person
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


def files(folder: Path, households: str = "", cards: str = "", people: str = "") -> Files:
    paths: list[Path | None] = []
    for name, text in (("h.csv", households), ("c.csv", cards), ("p.csv", people)):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path if text else None)
    return Files.read(*paths)


def bring_in(engine: Engine, given: Files) -> list[str]:
    with write_session(engine) as session:
        problems = problems_against(session.connection(), COMMUNITY, given)
        if not problems:
            apply(session.connection(), COMMUNITY, given)
    return problems


def rows(engine: Engine, model: Any) -> list[Any]:
    target = table(model)
    with engine.connect() as connection:
        return list(connection.execute(select(target).order_by(*target.primary_key)))


def test_three_files_make_a_roster(engine: Engine, tmp_path: Path) -> None:
    assert bring_in(engine, files(tmp_path, HOUSEHOLDS, CARDS, PEOPLE)) == []
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


def test_importing_again_changes_no_roster(engine: Engine, tmp_path: Path) -> None:
    given = files(tmp_path, HOUSEHOLDS, CARDS, PEOPLE)
    digests = []
    for _ in range(2):
        assert bring_in(engine, given) == []
        with engine.connect() as connection:
            digests.append(read_roster(connection, COMMUNITY, T_MS).digest)
    assert digests[0] == digests[1]


def test_every_error_is_told_at_once_and_nothing_is_imported(
    engine: Engine, tmp_path: Path
) -> None:
    households = HOUSEHOLDS + "1 1,1,1,palace,yesterday\n11,1,102,shop,2026-01-01\n"
    cards = CARDS + "k1.short,11,1,102,,2026-01-01T00:00:00+08:00\n"
    cards += f"{card(3)},99,1,1,,2026-01-01T00:00:00\n{card(4)},99,1,1,,2026-01-01T00:00:00Z\n"
    people = PEOPLE + "v02,7,boss,,12,,,\nv03,1,volunteer,,,9,9,9\n"
    problems = bring_in(engine, files(tmp_path, households, cards, people))
    told = [problem.removeprefix(f"{tmp_path}/") for problem in problems]
    expected = [
        "h.csv:4: building", "h.csv:4: kind", "h.csv:4: from_day", "c.csv:4: card",
        "c.csv:5: from", "p.csv:4: role", "p.csv:4: pin", "h.csv:5: building: stands on line 2",
        "p.csv:5: number: stands on line 2", "c.csv:6: room: no household 99-1-1",
        "p.csv:5: room: no household 9-9-9",
    ]  # fmt: skip
    assert len(told) == len(expected), told
    for line, start in zip(told, expected, strict=True):
        assert line.startswith(start), told
    assert "12" not in told[6].split("found")[1].split(";")[0], "a PIN is never shown"
    assert rows(engine, Household) == rows(engine, CardBinding) == rows(engine, Person) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("building,unit\n1,1\n", "missing columns room, kind, from_day"),
        (HOUSEHOLDS + "1,1,1,shop,2026-01-01,more\n", "(too many columns)"),
        (HOUSEHOLDS + "1,1\n", "room"),
    ],
)
def test_a_file_of_another_shape_is_told(
    engine: Engine, tmp_path: Path, text: str, what: str
) -> None:
    problems = bring_in(engine, files(tmp_path, text))
    assert what in problems[0]


def test_a_later_binding_ends_the_open_one(engine: Engine, tmp_path: Path) -> None:
    bring_in(engine, files(tmp_path, HOUSEHOLDS, CARDS))
    head = CARDS.splitlines()[0]
    moved = f"{head}\n{card(1)},11,1,103,,2026-04-01T00:00:00+08:00\n"
    assert bring_in(engine, files(tmp_path, cards=moved)) == []
    bound = [(row.household_id, row.from_ms, row.to_ms) for row in rows(engine, CardBinding)]
    begins = bound[1][1]
    assert bound[0] == ("11-1-102", bound[0][1], begins)
    assert bound[1] == ("11-1-103", begins, None)
    taken = f"{head}\n{card(1)},11,1,102,,2026-04-01T00:00:00+08:00\n"
    assert "bound to 11-1-103" in bring_in(engine, files(tmp_path, cards=taken))[0]
