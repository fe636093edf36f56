"""What people write in spreadsheets: headings, doors, merged cells, encodings, damaged files."""

import io
import random
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import Engine, delete
from sqlmodel import Session

from hub.db import table, write_session
from hub.registry import tables, tidy
from hub.registry.changes import Who
from hub.registry.columns import LISTS
from hub.registry.exporting import exported
from hub.registry.importing import import_read
from hub.registry.reading import Read
from hub.registry.sheets import write_csv, write_xlsx
from tests.hub.nodes import COMMUNITY, T_MS, card

WHO = Who("li.fang", "office", "list", T_MS)
HEADINGS = ("楼号", "单元", "房号", "类型", "户主", "电话", "起始日")


def book(*rows: tuple[Any, ...], merged: tuple[str, ...] = (), title: str = "住户") -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes, kind: str | None = None, name: str = "list.xlsx") -> Read:
    found = Read()
    found.file(name, content, kind)
    return found


def doors(found: Read) -> list[str]:
    assert found.problems == []
    return ["-".join(line.row.place) for line in found.lines["households"]]


@pytest.mark.parametrize(
    "text",
    [
        "11-1-102", "11#-1-102", "11#1-102", "11号楼1单元102室", "11栋1单元102", "11幢1单元102号",
        "１１＃－１－１０２", "11 号楼 1 单元 102 室", " 11—1—102 ", "11/1/102", "11号-1-102",
    ],
)  # fmt: skip
def test_a_door_is_read_however_it_is_written(text: str) -> None:
    assert tidy.door(text) == ("11", "1", "102")


@pytest.mark.parametrize(
    "text", ["11号楼102室", "11-1", "", "11-1-102-3", "1单元102", "2011-01-02", "2011/1/2"]
)
def test_what_is_missing_in_a_door_is_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="expected building, unit and room"):
        tidy.door(text)


def test_a_workbook_as_an_office_writes_it() -> None:
    content = book(
        ("连心花园住户登记表", None, None, None, None, None, None),
        HEADINGS,
        ("11号楼", "1单元", 102, "住宅", "单雄信 ", "138 0000 0000", datetime(2026, 1, 1)),  # noqa: DTZ001 - a cell has no zone
        (None, None, 103.0, "商户", "A1便利店", None, "2026年2月1日"),
        (None, None, None, None, None, None, None),
        (None, "2单元", "201室", "住宅", None, None, date(2026, 3, 1)),
        merged=("A1:G1", "A3:A6", "B3:B5"),
    )
    found = read(content)
    assert doors(found) == ["11-1-102", "11-1-103", "11-2-201"]
    first, second, third = (line.row for line in found.lines["households"])
    assert (first.name, first.phone, first.from_day) == (
        "单雄信",
        "138 0000 0000",
        date(2026, 1, 1),
    )
    assert (second.kind, second.from_day, third.name) == ("shop", date(2026, 2, 1), None)


def test_every_problem_names_sheet_row_and_column() -> None:
    content = book(
        ("门牌", "类型", "起始日"),
        ("11-102", "住宅", "2026-01-01"),
        ("11-1-102", "别墅", "明天"),
        ("11-1-103", None, "2026-01-01"),
    )
    assert read(content).problems == [
        "list.xlsx[住户]:2: 门牌: found '11-102'; expected building, unit and room, "
        "as 11#-1-102 or 11号楼1单元102室",
        "list.xlsx[住户]:3: 类型: found '别墅'; expected 住宅 or 商户",
        "list.xlsx[住户]:3: 起始日: found '明天'; expected a day, as 2026-01-31",
        "list.xlsx[住户]:4: 类型: is empty; expected 住宅 or 商户",
    ]


def test_what_is_wrong_with_a_row_as_a_whole_names_a_column_of_the_sheet() -> None:
    parts = ("楼栋", "单元", "房号", "类型", "起始日", "终止日")
    first, last = "2026-05-01", "2026-04-30"
    content = book(parts, (11, None, 102, "住宅", first), (11, 1, 103, "住宅", first, last))
    assert read(content).problems == [
        "list.xlsx[住户]:2: 单元: the door is not whole; expected building, unit and room, "
        "as 11#-1-102",
        "list.xlsx[住户]:3: 终止日: ends 2026-04-30, before it begins 2026-05-01",
    ]
    empty = book(("门牌", "类型", "起始日"), (None, "住宅", first))
    (problem,) = read(empty).problems
    assert problem.startswith("list.xlsx[住户]:2: 门牌: the door is not whole")


def test_a_door_that_a_spreadsheet_made_a_day_of_is_refused() -> None:
    cell = datetime(2011, 1, 2)  # noqa: DTZ001 - a cell has no zone
    (problem,) = read(book(("门牌", "类型", "起始日"), (cell, "住宅", "2026-01-01"))).problems
    assert problem.startswith("list.xlsx[住户]:2: 门牌: found '2011-01-02'; expected building")


def test_names_and_cards_are_never_shown_in_problems() -> None:
    text = "card,door,from,卡号\nk1.secret,11-1-102,2026-01-01,\n"
    assert "secret" not in " ".join(read(text.encode(), "cards", "c.csv").problems)
    named = "door,kind,from_day,姓名,电话\n1-1-1,shop,2026-01-01,=Zhang,+86x\n"
    problems = " ".join(read(named.encode(), "households", "h.csv").problems)
    assert "Zhang" not in problems
    assert "86x" not in problems
    assert problems.count("(hidden)") == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_encoding_that_spreadsheets_write(encoding: str) -> None:
    text = "# 备注\n\n楼号,单元,房号,类型,起始日\n１１号楼,1单元,102室 ,住宅,2026/1/1\n,,,,\n"
    assert doors(read(text.encode(encoding), "households", "h.csv")) == ["11-1-102"]


def test_a_workbook_may_hold_every_list_and_a_stranger_is_told() -> None:
    made = write_xlsx(
        [
            ("网格", ("网格", "名称"), [("g1", "第一网格")]),
            ("cards", ("card", "door", "from"), [(card(1), "11-1-102", "2026-01-01")]),
            ("Sheet3", ("a",), [("b",)]),
        ]
    )
    found = read(made)
    assert len(found.lines["grids"]) == len(found.lines["cards"]) == 1
    assert found.problems[0].startswith("list.xlsx[Sheet3]: no such list; expected 小区 or")


def test_a_damaged_workbook_is_told_not_a_crash() -> None:
    whole = book(HEADINGS, ("11", "1", "102", "住宅", "", "", "2026-01-01"))
    luck = random.Random(6)
    for _ in range(40):
        broken = bytearray(whole[: luck.randrange(4, len(whole))] if luck.random() < 0.4 else whole)
        for _ in range(luck.randrange(1, 6)):
            broken[luck.randrange(4, len(broken))] = luck.randrange(256)
        read(bytes(broken))
    assert "neither UTF-8 nor GB18030" in read(b"\xff\xff\xff").problems[0]


TEXT = st.text(alphabet="张王单欧阳ABCxyz 0123", min_size=1, max_size=6).map(str.strip)
HOME = st.tuples(
    st.sampled_from(["1", "11", "A"]), st.sampled_from(["1", "2"]), st.sampled_from(["101", "102"])
)
ONE = st.tuples(
    st.sampled_from(["住宅", "商户"]),
    TEXT,
    st.sampled_from(["", "13800000000"]),
    st.sampled_from(["2026-01-01", "2026-02-03"]),
    st.sampled_from(["", "2026-04-01"]),
)


def _again(engine: Engine, kind: str, content: bytes) -> tuple[bytes, str]:
    with write_session(engine) as session:
        done = import_read(session, COMMUNITY, read(content, kind), WHO, dry_run=False)
        assert done.problems == []
        return exported(session, COMMUNITY, kind, xlsx=False)[1], done.told


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(homes=st.dictionaries(HOME, ONE, min_size=1, max_size=8))
def test_what_is_exported_imports_to_the_same(
    engine: Engine, homes: dict[tuple[str, str, str], tuple[str, ...]]
) -> None:
    with write_session(engine) as session:
        for model in (tables.Household, tables.Holder, tables.NameInitials, tables.CardBinding):
            session.execute(delete(table(model)))
    names = ("building", "unit", "room", "kind", "name", "phone", "from_day", "to_day")
    first = write_csv(names, [(*home, *rest) for home, rest in homes.items()])
    cards = write_csv(
        ("card", "serial", "door", "from"),
        [(card(no), f"S{no}", "-".join(home), "2026-03-01") for no, home in enumerate(homes)],
    )
    for kind, content in (("households", first), ("cards", cards)):
        out, _ = _again(engine, kind, content)
        again, told = _again(engine, kind, out)
        assert again == out
        assert "0 new, 0 changed" in told


def test_a_workbook_and_a_csv_file_hold_the_same(engine: Engine) -> None:
    rows = {
        "grids": "grid,name\ng1,一\n",
        "buildings": "building,grid\n11,g1\n",
        "points": "point,name,grid\np01,1号点,g1\n",
        "bins": "point,bin,category\np01,1,有害垃圾\n",
        "community": "name\n连心花园\n",
        "households": "door,kind,from_day,name\n11-1-102,住宅,2026-01-01,单雄信\n",
        "cards": f"card,door,from\n{card(1)},11-1-102,2026-01-01\n",
        "blocks": f"card,from,until\n{card(1)},2026-02-01 09:30,2026-02-02\n",
        "people": f"person,number,role,card,pin\nv01,1,志愿者,{card(2)},1234\n",
        "contacts": "contact,level,body,title,name,phone\nc1,1,社区,书记,社区书记,88000101\n",
    }
    assert set(rows) == set(LISTS)
    for kind, text in rows.items():
        _again(engine, kind, text.encode())
    for kind in rows:
        with Session(engine) as session:
            _, content = exported(session, COMMUNITY, kind, xlsx=True)
        _, told = _again(engine, kind, content)
        assert "(rows: 0 new, 0 changed" in told, (kind, told)
