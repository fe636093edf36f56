"""Doors in texts: one word, however they were written and however they are asked for."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from hub.db import table
from hub.matters.search import asked, doors, grams
from hub.matters.tables import MatterGram, MatterRow
from hub.migrations import migrate, migrate_down
from tests.hub.stores import Stores

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
DASHES = ("-", "‐", "–", "—", "/", ".")
BUILDINGS = st.sampled_from(
    ["号楼", "#楼", "#", "栋", "幢", "座", "楼", "号", "号楼-", "#-", *DASHES]
)
UNITS = st.sampled_from(["单元", "门", "单元-", *DASHES])
ROOMS = st.sampled_from(["", "室", "房", "号"])
BEFORE = st.sampled_from(["", "翠园", "请到 ", "电梯坏,", "2026-05-03 ", "1、", "2.", "5-"])
AFTER = st.sampled_from(["", "的灯不亮", " 2楼漏水", ",住户在家", "\n502也是"])
Door = tuple[str, str, str]
DOORS = st.tuples(
    st.sampled_from(["1", "3", "11", "23", "a"]),
    st.sampled_from(["1", "2", "11"]),
    st.sampled_from(["1", "11", "110", "101", "1101", "501", "b101", "110a"]),
)


@st.composite
def written(draw: st.DrawFn, door: Door) -> str:
    """As people write it: with spaces, in full width, in capitals."""
    space = draw(st.sampled_from(["", " "]))
    parts = (door[0], draw(BUILDINGS), door[1], draw(UNITS), door[2], draw(ROOMS))
    text = space.join(parts[:5]) + parts[5]
    if draw(st.booleans()):
        text = text.translate(WIDE)
    return text.upper() if draw(st.booleans()) else text


def found(question: str, text: str) -> bool:
    wanted = asked(question)
    return bool(wanted) and set(wanted) <= set(grams(text))


@settings(max_examples=50)
@given(st.data(), DOORS, BEFORE, AFTER)
def test_a_door_is_found_in_every_notation_by_every_notation(
    data: st.DataObject, door: Door, before: str, after: str
) -> None:
    text = before + data.draw(written(door)) + after
    question = data.draw(written(door))
    assert found(question, text), (question, text)
    for end in range(1, len(door[2])):
        begun = data.draw(written((door[0], door[1], door[2][:end])))
        if begun[-1].isdigit():
            assert found(begun, text), "the room has been typed in part"


@settings(max_examples=50)
@given(st.data(), DOORS, DOORS)
def test_another_door_is_not_found_though_it_consists_of_the_same_characters(
    data: st.DataObject, door: Door, other: Door
) -> None:
    same = door[:2] == other[:2] and other[2].startswith(door[2])
    assert found(data.draw(written(door)), data.draw(written(other))) is same


def by_pairs(question: str, text: str) -> bool:
    """As search was before it knew doors."""

    def words(of: str) -> list[str]:
        plain = unicodedata.normalize("NFKC", of).casefold()
        return "".join(one if one.isalnum() or one == "_" else " " for one in plain).split()

    def pairs(of: str) -> set[str]:
        return {a + b for word in words(of) for a, b in pairwise(word)}

    wanted = sorted({one for one in words(question) if len(one) == 1} | pairs(question))[:8]
    return bool(wanted) and set(wanted) <= pairs(text) | {
        one for word in words(text) for one in word
    }


@settings(max_examples=50)
@given(st.data(), DOORS, DOORS, BEFORE, AFTER)
def test_what_pairs_found_of_a_door_in_texts_that_name_it_is_found(
    data: st.DataObject, door: Door, other: Door, before: str, after: str
) -> None:
    text = f"{before}{data.draw(written(other))}、{data.draw(written(door))}{after}"
    question = data.draw(written(door))
    assert found(question, text) or not by_pairs(question, text), (question, text)


def test_beside_a_door_other_words_are_asked_for() -> None:
    text = "11号楼1单元110的灯不亮"
    for words in ("灯不亮", " 不亮", "灯", " 灯 "):
        assert found(f"11-1-110{words}", text)
        assert found(f"{words} 11#1-110室", text)
    assert found("11-1-110", "11号楼1单元110楼下漏水")
    assert not found("11-1-110 漏水", text)
    assert not found("11-1-111 不亮", text)
    assert asked("11-1-110 3号楼2单元501 不亮") == ["11-1-110", "3-2-501", "不亮"]


@pytest.mark.parametrize(
    "text",
    [
        "3号楼2单元",
        "3号楼501",
        "501",
        "2026-05-03",
        "2026.5.3",
        "3号楼2单元2楼",
        "11-1",
        "楼梯灯",
        "",
    ],
)
def test_what_is_no_whole_door_is_asked_for_by_its_pairs(text: str) -> None:
    assert not doors(text)
    assert all(len(one) <= 2 for one in asked(text))
    assert found(text, text) is bool(text)


def test_texts_of_an_older_store_are_found_by_their_doors(stores: Stores) -> None:
    texts = {1: ("11号楼1单元110", "灯不亮"), 2: ("东门", "灯坏"), 3: ("楼梯", "11-1-110漏水")}
    row = {
        "community": "c", "version": 1, "state": "assigned", "open": True, "kind": "repair",
        "channel": "desk", "owner": "o01", "watched": False, "next_ms": 1, "received_ms": 1,
        "updated_ms": 1,
    }  # fmt: skip
    with stores.empty() as engine:
        migrate(engine, "0040")
        old = [row | {"matter": no, "place": p, "text": t} for no, (p, t) in texts.items()]
        pair = {"community": "c", "gram": "11", "matter": 1}
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(insert(table(MatterRow)), old)
            connection.execute(insert(table(MatterGram)), [pair])
        migrate(engine)
        c = table(MatterGram).c
        where = select(c.matter).where(c.gram == "11-1-110").order_by(c.matter)
        with engine.connect() as connection:
            assert connection.scalars(where).all() == [1, 3]
            assert len(connection.execute(select(table(MatterGram))).all()) == 7
        migrate_down(engine, "0040")
        with engine.connect() as connection:
            assert connection.execute(select(table(MatterGram))).all() == [("c", "11", 1)]


@settings(max_examples=50)
@given(st.text(alphabet="0123ab号楼院栋座幢单元门室房#-—/. 、\n", max_size=40))
def test_any_text_can_be_read_and_is_found_by_itself(text: str) -> None:
    assert set(asked(text)) <= set(grams(text))
