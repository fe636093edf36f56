"""The slip: no line too long, no wide character cut, every word on the page."""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.matters import typeset
from hub.matters.slip import COLUMNS, Slip, columns_of, plain, tidy
from hub.matters.slip_pdf import SlipError, pdf
from tests.programs import needs

SLIP = Slip(
    community="连心花园",
    number=1024,
    kind="报修",
    place="3号楼2单元 三层楼梯间,感应灯不亮,晚上老人上下楼看不见,靠近电表箱一侧",
    belongs="联合(牵头:物业)",
    person="物业值班员",
    phone="0571-8800 0102",
    due_ms=1_777_368_600_000,
    received_ms=1_777_187_520_000,
    ask="凭编号或住户卡到前台、自助机,或拨上面的电话",
)


def test_a_plain_slip_as_it_is_printed() -> None:
    assert plain(SLIP) == (
        "            连心花园\n"
        "        合署办公 受理单\n"
        "--------------------------------\n"
        "编号 1024\n"
        "类别 报修\n"
        "地点 3号楼2单元 三层楼梯间,感应\n"
        "     灯不亮,晚上老人上下楼看不\n"
        "     见,靠近电表箱一侧\n"
        "归属 联合(牵头:物业)\n"
        "责任 物业值班员\n"
        "电话 0571-8800 0102\n"
        "期限 2026-04-28 周二 17:30\n"
        "受理 2026-04-26 周日 15:12\n"
        "查询 凭编号或住户卡到前台、自助\n"
        "     机,或拨上面的电话\n"
        "--------------------------------\n"
    )


@settings(max_examples=60)
@given(st.text(max_size=80), st.text(max_size=20))
def test_no_line_is_too_long_and_nothing_is_lost(place: str, community: str) -> None:
    text = plain(replace(SLIP, place=place, community=community))
    assert all(columns_of(line) <= COLUMNS for line in text.split("\n"))
    assert tidy(place).replace(" ", "") in text.replace("\n", "").replace(" ", "")
    assert text.isprintable() or all(line.isprintable() for line in text.split("\n"))


@settings(max_examples=60)
@given(st.text(st.characters(codec="gb2312", categories=["L", "N", "P", "S"]), max_size=80))
def test_a_printer_of_gb2312_never_wraps_a_line(place: str) -> None:
    for line in plain(replace(SLIP, place=f"3号楼·2单元“西”{place}")).split("\n"):
        assert len(line.encode("gb2312", errors="replace")) <= COLUMNS


def test_a_slip_has_no_field_for_who_reported_it() -> None:
    names = {field.name for field in fields(Slip)}
    assert not names & {"name", "household", "reporter", "contact_name", "contact_phone", "text"}


def test_an_a5_page_with_every_word_and_nothing_taken_for_markup(tmp_path: Path) -> None:
    if not set(typeset.CHINESE) & set(typst.Fonts().families()):
        needs("fonts-noto-cjk")
    odd = "#panic() *a* $x$ \\ @b [c] <d>"
    path = tmp_path / "slip.pdf"
    path.write_bytes(pdf(replace(SLIP, person=odd)))
    info = subprocess.check_output([needs("pdfinfo"), path], text=True)
    assert "419.5" in info
    assert "595.2" in info
    assert "Pages:           1" in info
    text = subprocess.check_output([needs("pdftotext"), "-layout", path, "-"], text=True)
    told = "".join(text.split())
    expected = [value for _, value in SLIP.rows if value != SLIP.person] + [odd, SLIP.community]
    missing = [value for value in expected if "".join(value.split()) not in told]
    assert missing == []


def test_without_a_chinese_font_there_is_no_page_of_boxes() -> None:
    bare = typst.Fonts(include_system_fonts=False)
    with pytest.raises(typeset.NoChineseFontError):
        typeset.page({"rows": []}, bare)


@pytest.mark.parametrize(
    ("code", "said"), [(typeset.NO_FONT, "apt install fonts-noto-cjk"), (7, "exit code 7: lost")]
)
def test_a_page_that_cannot_be_made_says_why_and_what_to_do(
    code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "typeset.py"
    program.write_text(f"import sys; print('lost', file=sys.stderr); sys.exit({code})")
    monkeypatch.setattr("hub.matters.slip_pdf._PROGRAM", program)
    with pytest.raises(SlipError, match=said) as told:
        pdf(SLIP)
    assert "plain slip" in str(told.value)


def test_the_hub_itself_never_loads_typst() -> None:
    code = "import hub.matters.slip_pdf, sys; sys.exit('typst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
