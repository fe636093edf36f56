"""A desk in a hurry: cards tapped twice, odd digits, somebody who taps while another types."""

from datetime import date

import pytest

from hub.matters import acts
from hub.matters.acting import find
from tests.hub.nodes import COMMUNITY
from tests.kiosk.desk.desk_seat import SIZES, Seat, seated
from tests.kiosk.desk.making import COMMITTEE, PROPERTY, doing, made, verified
from tests.kiosk.hub_here import LI, NEIGHBOUR, RESIDENT, WANG, HubHere

pytestmark = pytest.mark.long
HELLO = "您好,请问办什么事?"


async def open_matter(seat: Seat, number: int) -> None:
    await seat.press("slash")
    await seat.enter(str(number))
    await seat.sees(f"事项 {number}号", "[1]")


async def test_a_card_tapped_twice_begins_one_duty(here: HubHere) -> None:
    async with seated(here) as seat:
        for _ in range(2):
            seat.app.card(WANG)
        await seat.sees(HELLO, "社区:王强")
        jobs = seat.app._worker._jobs
        await seat.until(jobs.empty, "both taps answered")
        seat.tap(RESIDENT)
        await seat.sees("王**")
        assert [one.name for one in seat.app.desk.duty] == ["王强"]
        seat.tap(LI)
        await seat.sees(HELLO, "▶物业:李梅", "社区:王强")
        await seat.later(4)
        seat.tap(WANG)
        await seat.sees("[1] 下岗")
        for _ in range(3):
            seat.app.page.press("1")
        await seat.sees(HELLO)
        await seat.until(lambda: len(seat.app.desk.duty) == 1, "one officer left")
        seat.tap(LI)
        await seat.later(4)
        await seat.sees("物业:李梅")
        assert [one.name for one in seat.app.desk.duty] == ["李梅"]


async def test_digits_of_an_input_method_are_digits_or_nothing(here: HubHere) -> None:
    made(here, count=2)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("slash")
        await seat.enter("②")
        await seat.sees("事项 2号")
        await seat.press("escape", "slash")
        await seat.enter("௰")
        await seat.sees("没有待办 ✓")
        await seat.press("escape", "escape", "enter")
        await seat.enter("11-1-102")
        await seat.sees("11-1-102", "孙*", HELLO)
        await seat.press("9")
        await seat.sees("1 100034")
        await seat.type("①²")
        await seat.sees("1 100034", "11-1-102 的卡")


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
async def test_a_resident_who_taps_meanwhile_takes_no_words_away(
    here: HubHere, size: tuple[int, int]
) -> None:
    made(here)
    async with seated(here, size) as seat:
        await seat.on_duty(WANG)
        await open_matter(seat, 1)
        await seat.choose("备注")
        await seat.type("住户晚上才在家")
        seat.tap(RESIDENT)
        await seat.sees("3-2-501 来了:先办完这一步", "住户晚上才在家", "王**")
        await seat.press("enter")
        await seat.sees("已办:1号现为已派", "王**")


async def test_an_objection_is_of_the_household_whose_day_it_is(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        seat.tap(NEIGHBOUR)
        await seat.sees("11-1-102", HELLO)
        await seat.press("8")
        await seat.sees("2 2026-05-10")
        await seat.press("2", "1")
        await seat.sees("11-1-102  2026-05-10", "住户怎么说?")
        await seat.type("那天早上刷过卡")
        seat.tap(RESIDENT)
        await seat.sees("3-2-501 来了", "11-1-102  2026-05-10", "那天早上刷过卡")
        await seat.press("enter")
        await seat.sees("异议1号已交办公室答复")
        await seat.press("escape")
        await seat.sees("奖励查询:3-2-501", "1 2026-05-11")


async def test_the_offices_password_does_not_outlive_a_lock(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG, LI)
        seat.tap(NEIGHBOUR)
        await seat.sees("孙*", HELLO)
        await seat.press("9", "0")
        await seat.sees("迁出:11-1-102")
        for text in ("0", "", "", "a-office"):
            await seat.enter(text)
        await seat.sees("密码")
        await seat.type(here.passwords["office"])
        await seat.later(301)
        await seat.sees("已锁屏")
        seat.tap(LI)
        await seat.sees("迁出:11-1-102", "密码")
        await seat.press("enter")
        await seat.sees("这一项必须填")


async def test_nobody_rates_for_a_household_that_is_not_there(here: HubHere) -> None:
    verified(here, made(here))
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await open_matter(seat, 1)
        await seat.choose("住户当面评价")
        await seat.press("1")
        await seat.sees("要住户本人评", "[1] 满意")
        seat.tap(RESIDENT)
        await seat.sees("3-2-501 来了", "[1] 满意")
        await seat.press("2")
        await seat.sees("已办:1号现为结案")


async def test_whom_to_call_back_stands_beside_the_answer(here: HubHere) -> None:
    number = verified(here, made(here))
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await open_matter(seat, number)
        await seat.choose("已回访")
        await seat.sees("回访:  3-2-501  王**  13800000501", "[4] 未联系上")
        await seat.press("escape", "asterisk")
        await seat.sees("经过")
        assert "13800000501" not in seat.text()


async def test_a_strange_staff_number_is_asked_for_again(here: HubHere) -> None:
    made(here)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await open_matter(seat, 1)
        await seat.choose("列入督办")
        await seat.enter("77")
        await seat.enter("3")
        await seat.enter("盯紧")
        await seat.sees("没有这个工号的工作人员", "谁?", "77")
        await seat.press("backspace", "backspace")
        await seat.enter("1")
        await seat.press("enter", "enter")
        await seat.sees("已办:1号", "督办人 王强")


async def test_all_of_a_long_text_can_be_read(here: HubHere) -> None:
    made(here, text="长话" * 150 + "最后一句")
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("slash")
        await seat.enter("1")
        await seat.sees("……(按 * 看全文)")
        doing(here, 1, COMMITTEE, acts.Note(act="note", text="备" * 200 + "到此"))
        await seat.press("asterisk")
        await seat.sees("最后一句", "到此")


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
async def test_a_line_end_in_a_text_moves_no_row(here: HubHere, size: tuple[int, int]) -> None:
    number = made(here)
    doing(here, number, PROPERTY, acts.Accept(act="accept"))
    doing(here, number, PROPERTY, acts.Finish(act="finish", result="第一行\n第二行\n第三行"))
    async with seated(here, size) as seat:
        await seat.on_duty(WANG)
        await open_matter(seat, number)
        await seat.sees("结果:第一行 第二行 第三行", "[1]", "Esc 返回")


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
async def test_a_card_brings_the_grids_levels(here: HubHere, size: tuple[int, int]) -> None:
    async with seated(here, size) as seat:
        await seat.on_duty(WANG)
        seat.tap(RESIDENT)
        await seat.sees("网格3级  网格员 赵敏 88000131", "[9] 换卡、挂失、迁出")


async def test_what_the_hub_does_not_know_is_said_in_chinese(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("slash")
        await seat.enter("99")
        await seat.sees("没有这个事项")


async def test_what_does_not_go_its_way_is_said_before_the_resident_leaves(here: HubHere) -> None:
    first = made(here)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        seat.tap(NEIGHBOUR)
        await seat.sees("孙*", HELLO)
        for key, texts, seen in (
            ("3", (str(first + 70),), "没有这个事项"),
            ("3", (str(first),), "状态  并单"),
            ("4", ("供电局", "两天内答复"), "状态  转出"),
            ("5", ("不属本小区",), "状态  不予受理"),
            ("6", ("分不清是谁的",), "状态  待厘清"),
        ):
            if HELLO in seat.text():
                await seat.press("1", "6")
                await seat.enter("3号楼")
                await seat.enter("灯不亮")
                await seat.sees("当场办结?", "[3] 并单")
            await seat.press(key)
            for text in texts:
                await seat.enter(text)
            await seat.sees(seen)
            if "状态" in seen:
                await seat.press("enter")
                await seat.sees(HELLO)
        await seat.press("2")
        await seat.sees("1 #1 报修", "2 #3 报修", "3 #5 报修")
    with here.session() as session:
        merged, gone, declined = (find(session, COMMUNITY, number).matter for number in (2, 3, 4))
        assert (merged.merged_into, gone.where, declined.told) == (first, "供电局", "不属本小区")


async def test_what_comes_after_the_lock_names_nobody(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        app = seat.app
        app.lock()
        heard: list[str] = []

        def came(text: str) -> None:
            app.say(text)
            heard.append(text)

        app.ask(app.pages[0], lambda _port: "3-2-501 王小明", came)
        await seat.until(lambda: heard, "the answer")
        await seat.sees("已锁屏")
        assert "501" not in seat.text()


async def test_the_watch_list_says_when_to_look_again(here: HubHere) -> None:
    number = made(here)
    watch = acts.WatchOver(act="watch", person="o02", next_check=date(2026, 5, 13), note="盯紧")
    doing(here, number, COMMITTEE, watch)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("5")
        await seat.sees("1 #1 报修", "督办 05-13", "物业 李梅 期限")


async def test_a_key_that_bounces_blocks_no_card(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        seat.tap(NEIGHBOUR)
        await seat.sees("孙*", HELLO)
        await seat.press("9")
        await seat.sees("1 100034  ✓ 在用")
        await seat.press("1", "1")
        await seat.sees("再按一次 1 立即挂失", "✓ 在用")
        await seat.press("escape")
        await seat.sees("1 100034  ✓ 在用")
