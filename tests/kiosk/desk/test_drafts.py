"""Drafts: parked, switched, kept through a lost connection, a lock, a restart; sent once."""

from pathlib import Path

import pytest

from kiosk.desk import drafts
from kiosk.desk.drafts import Box, Draft
from tests.kiosk.desk.desk_seat import Seat, seated
from tests.kiosk.hub_here import LI, RESIDENT, WANG, HubHere

pytestmark = pytest.mark.long


async def write_one(seat: Seat, place: str, text: str) -> None:
    await seat.press("1")
    await seat.sees("[6] 报修")
    await seat.press("6")
    await seat.enter(place)
    await seat.enter(text)


def posts(here: HubHere) -> int:
    return here.flaky.seen.count(("POST", "/matters"))


async def test_a_lost_connection_keeps_the_draft_and_it_becomes_one_matter(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG, LI)
        seat.tap(RESIDENT)
        await seat.sees("王**")
        await write_one(seat, "大门口", "门禁坏了")
        await seat.sees("当场办结?")
        here.flaky.away = True
        await seat.press("2")
        await seat.sees("连不上:草稿已存", "○ 未联网", "内容: 门禁坏了")
        here.flaky.away = False
        before = posts(here)
        for _ in range(3):
            seat.app.page.press("2")
        await seat.sees("受理单", "归属  物业")
        assert posts(here) == before + 1
        await seat.press("enter")
        await seat.sees("[2] 待办 1")


async def test_an_answer_that_got_lost_is_asked_for_again_and_makes_nothing_new(
    here: HubHere,
) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG, LI)
        await write_one(seat, "大门口", "门禁坏了")
        await seat.sees("回访电话")
        await seat.enter("13800000000")
        await seat.sees("当场办结?")
        here.flaky.deaf = True
        await seat.press("2")
        await seat.sees("连不上:草稿已存")
        here.flaky.deaf = False
        await seat.press("2")
        await seat.sees("受理单")
        await seat.press("enter")
        await seat.sees("[2] 待办 1")


@pytest.mark.long
async def test_nine_are_parked_one_key_each_and_a_restart_has_them(
    here: HubHere, tmp_path: Path
) -> None:
    async with seated(here, folder=tmp_path) as seat:
        await seat.on_duty(WANG)
        for number in range(1, 10):
            await write_one(seat, f"{number}号楼", f"第{number}件")
            await seat.press("escape")
            await seat.sees(f"已存:按 F{number} 继续")
        await seat.press("1")
        await seat.sees("已存九份草稿", "F9 报修  9号楼  第9件")
        await seat.press("f7")
        await seat.sees("新事项  F7")
        await seat.press("f2")
        await seat.sees("新事项  F2", "2号楼")
        await seat.press("up", "up")
        await seat.type("旁")
        await seat.sees("2号楼旁")
    async with seated(here, folder=tmp_path) as seat:
        await seat.sees("已存草稿 9 份")
        seat.tap(WANG)
        await seat.sees("F2 报修  2号楼旁  第2件", "F9 报修  9号楼  第9件")


async def test_a_draft_is_there_after_a_restart(here: HubHere, tmp_path: Path) -> None:
    async with seated(here, folder=tmp_path) as seat:
        await seat.on_duty(WANG)
        await write_one(seat, "大门口", "门禁坏了")
        await seat.sees("回访电话")
    async with seated(here, folder=tmp_path) as seat:
        await seat.sees("已存草稿 1 份")
        seat.tap(WANG)
        await seat.sees("F1 报修  大门口  门禁坏了")


async def test_the_desk_locks_after_five_minutes_and_shows_nobody(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        seat.tap(RESIDENT)
        await seat.sees("王**")
        await write_one(seat, "3号楼", "半句话")
        await seat.later(299)
        await seat.sees("当场办结?")
        await seat.later(301)
        await seat.sees("已锁屏", "已存草稿 1 份")
        assert "王**" not in seat.text()
        assert "半句话" not in seat.text()
        await seat.press("2")
        await seat.sees("已锁屏")
        here.flaky.away = True
        seat.tap(RESIDENT)
        await seat.sees("连不上", "已锁屏")
        seat.tap(WANG)
        await seat.sees("当场办结?", "内容: 半句话")


async def test_what_is_missing_is_said_at_the_field_and_nothing_is_lost(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("1")
        await seat.sees("[6] 报修")
        await seat.press("6", "enter")
        await seat.sees("在哪里?", "这一项必须填")
        await seat.enter("长" * 201)
        await seat.sees("共 201 字,最多 200 字:请缩短", "在哪里?")
        assert seat.app.desk.box.drafts[1].place == "长" * 201
        await seat.press("backspace", "enter")
        await seat.sees("什么事?")
        await seat.enter("灯")
        await seat.enter("abc")
        await seat.sees("电话是 3 到 20 位数字", "回访电话")
        assert seat.app.desk.box.drafts[1].phone == "abc"
        await seat.press("backspace", "backspace", "backspace")
        await seat.enter("13800000000")
        await seat.sees("当场办结?", "电话: 13800000000")
        await seat.press("delete")
        await seat.sees("再按一次 Delete", "内容: 灯")
        await seat.press("up", "enter", "delete")
        await seat.sees("再按一次 Delete", "内容: 灯")
        await seat.press("delete")
        await seat.sees("您好,请问办什么事?")
        assert not seat.app.desk.box.drafts


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    file.write_bytes(b'{"drafts": {"12": {}}}')
    box, aside = drafts.read(file)
    assert (box.drafts, aside) == ({}, tmp_path / "drafts.damaged")
    assert aside is not None
    assert aside.exists()


def test_the_file_is_whole_private_and_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    box = Box().put(3, Draft(text="灯\n不亮", household="3-2-501")).put(1, Draft(kind="repair"))
    drafts.write(file, box)
    assert drafts.read(file) == (box, None)
    assert file.stat().st_mode & 0o777 == 0o600
    assert box.free() == 2
    assert box.drop(1).free() == 1


@pytest.mark.parametrize("number", [0, 10])
def test_only_nine_numbers(number: int) -> None:
    with pytest.raises(ValueError, match=r"less than|greater than"):
        Box().put(number, Draft())
