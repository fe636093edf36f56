"""Key paths of the desk at both sizes, over the hub's own application."""

import pytest

from tests.kiosk.desk.desk_seat import SIZES, seated
from tests.kiosk.desk.making import finished, made, verified
from tests.kiosk.hub_here import LI, NEIGHBOUR, RESIDENT, UNKNOWN, WANG, ZHAO, HubHere

pytestmark = pytest.mark.long

sizes = pytest.mark.parametrize(
    "size", [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.long)], ids=["80x24", "120x36"]
)


@sizes
async def test_a_resident_leaves_with_a_slip(here: HubHere, size: tuple[int, int]) -> None:
    async with seated(here, size) as seat:
        await seat.sees("已锁屏", "请工作人员刷卡")
        await seat.on_duty(WANG, LI)
        await seat.sees("合署办公", "社区:王强", "▶物业:李梅", "[1] 新事项", "未选住户")
        seat.tap(RESIDENT)
        await seat.sees("3-2-501", "王**", "网格员 赵敏 88000131")
        await seat.press("1")
        await seat.sees("[6] 报修", "[8] 扰民堵通道", "联合(牵头 物业 / 协办 社区)", "[9] 说不清")
        await seat.press("6")
        await seat.sees("报修  → 归属:物业", "在哪里?")
        await seat.enter("3号楼2单元 楼梯灯")
        await seat.enter("二楼的灯不亮,老人上下楼看不见")
        await seat.sees("当场办结?", "地点: 3号楼2单元 楼梯灯", "内容: 二楼的灯不亮")
        await seat.press("2")
        await seat.sees("受理单", "归属  物业", "责任人  李梅", "电话  88000102", "期限  05-1")
        assert "╺" in seat.text() or "┃" in seat.text(), "the number stands big"
        await seat.press("p")
        await seat.sees("受理单:", "slips/1.pdf")
        slip = seat.app.desk.config.data / "slips" / "1.pdf"
        assert slip.read_bytes()[:5] == b"%PDF-"
        await seat.press("enter")
        await seat.sees("待办 1 · 将到期 0 · 超时 0", "[2] 待办 1")
        assert not seat.app.desk.box.drafts


@sizes
async def test_from_the_list_through_every_hand(here: HubHere, size: tuple[int, int]) -> None:
    made(here, count=11)
    async with seated(here, size) as seat:
        await seat.on_duty(WANG, LI)
        await seat.press("2")
        await seat.sees("待办   1–9 / 11", "1 #1 报修 3号楼2单元 楼梯灯", "已派 ● 按时")
        await seat.press("+")
        await seat.sees("10–11 / 11", "2 #11")
        await seat.press("-", "3")
        await seat.sees("事项 3号", "已派  物业", "民提✓", "[1] 接单")
        await seat.choose("接单")
        await seat.sees("已办:3号现为处置中")
        await seat.choose("本方办完")
        await seat.sees("办了什么?")
        await seat.enter("换了灯泡")
        await seat.sees("已办:3号现为待核查", "结果:换了灯泡")


@sizes
async def test_nobody_checks_their_own_work(here: HubHere, size: tuple[int, int]) -> None:
    finished(here, made(here, count=3))
    async with seated(here, size) as seat:
        await seat.on_duty(WANG, LI)
        await seat.press("slash")
        await seat.enter("3")
        await seat.sees("事项 3号", "结果:换了灯泡")
        await seat.choose("核查")
        await seat.sees("办好了吗?", "[1] 已办好", "[2] 没办好,退回处置")
        await seat.press("1")
        await seat.enter("")
        await seat.sees("这一步该由别人办")
        await seat.press("escape", "escape", "escape", "asterisk")
        await seat.sees("▶社区:王强")
        await seat.press("slash")
        await seat.enter("3")
        await seat.choose("核查")
        await seat.press("1")
        await seat.enter("灯亮了")
        await seat.sees("已办:3号现为待回访")


@sizes
async def test_a_call_back_and_what_happened(here: HubHere, size: tuple[int, int]) -> None:
    verified(here, made(here))
    async with seated(here, size) as seat:
        await seat.on_duty(WANG)
        await seat.press("6")
        await seat.sees("待回访   1–1 / 1")
        await seat.press("1")
        await seat.choose("已回访")
        await seat.sees("[1] 满意", "[2] 基本满意", "[3] 不满意", "[4] 未联系上")
        await seat.press("4")
        await seat.enter("")
        await seat.sees("已打 1 次")
        await seat.press("asterisk")
        await seat.sees(
            "经过", "已回访", "核查  社区 王强", "派给  系统  物业", "受理  社区 王强  灯不亮"
        )


@sizes
async def test_two_taps_settle_whose_it_is(here: HubHere, size: tuple[int, int]) -> None:
    made(here, kind="other", text="楼道里有怪味")
    async with seated(here, size) as seat:
        await seat.on_duty(WANG, LI)
        await seat.press("4")
        await seat.sees("#1 说不清", "待厘清")
        await seat.press("1")
        await seat.sees("(首接,暂定)")
        await seat.choose("厘清归属:双方刷卡")
        await seat.sees("归谁?", "[3] 联合,物业牵头")
        await seat.press("3")
        await seat.enter("气味来自垃圾间")
        await seat.enter("怪味")
        await seat.sees("请双方刷卡确认")
        seat.tap(RESIDENT)
        await seat.sees("此卡不能在这里签")
        seat.tap(WANG)
        await seat.sees("一方已刷卡", "社区已刷卡:联合(牵头 物业 / 协办 社区)")
        seat.tap(LI)
        await seat.sees("已办:1号现为已派", "联合(牵头 物业 / 协办 社区)")


async def test_both_texts_stay_when_somebody_was_faster(here: HubHere) -> None:
    made(here)
    async with seated(here) as seat, seated(here, desk="d2") as other:
        await seat.on_duty(WANG, LI)
        await other.on_duty(ZHAO)
        for one in (seat, other):
            await one.press("2")
            await one.sees("#1 报修")
            await one.press("1")
            await one.sees("[1] 接单")
        await seat.choose("备注")
        await seat.type("住户说晚上才在家")
        await other.choose("接单")
        await other.sees("现为处置中")
        await seat.press("enter")
        await seat.sees("我的(未提交):", "住户说晚上才在家", "对方的(已生效):", "处置中")
        await seat.press("3")
        await seat.sees("记什么?", "住户说晚上才在家")
        await seat.press("enter")
        await seat.sees("已办:1号现为处置中")


async def test_the_menu_goes_with_what_it_was_about(here: HubHere) -> None:
    made(here)
    async with seated(here) as seat:
        await seat.on_duty(LI)
        await seat.press("2")
        await seat.sees("#1 报修")
        await seat.press("1")
        await seat.sees("[1] 接单")
        page = seat.app.page
        page.opened()
        page.press("1")
        assert seat.app.page is page, "a digit of a menu that is being renewed does nothing"


async def test_why_a_day_did_not_pay_and_an_objection(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("8")
        await seat.sees("请先确定住户")
        await seat.press("escape")
        seat.tap(NEIGHBOUR)
        await seat.sees("11-1-102")
        await seat.press("8")
        await seat.sees("奖励查询:11-1-102", "2 2026-05-10  …   0.00", "本日尚未结算")
        await seat.press("2", "1")
        await seat.sees("住户怎么说?")
        await seat.enter("那天早上刷过卡")
        await seat.sees("异议1号已交办公室答复")


async def test_a_household_is_found_by_door_and_by_initials(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("enter")
        await seat.enter("11.1.102")
        await seat.sees("11-1-102  孙*")
        await seat.press("w")
        await seat.enter("xm")
        await seat.sees("3-2-501  王**", "网格员 赵敏")
        await seat.press("enter")
        await seat.enter("3-2")
        await seat.sees("1 3-2-501  王**", "2 3-2-502  钱*")
        await seat.press("2")
        await seat.sees("3-2-502  钱*", "您好")
        await seat.press("enter")
        await seat.enter("99-9-999")
        await seat.sees("没有这户")
        assert "99-9-999" in seat.text(), "what was typed stays"


async def test_cards_that_nobody_knows_say_so(here: HubHere) -> None:
    async with seated(here) as seat:
        seat.tap(UNKNOWN)
        await seat.sees("不认识此卡")
        seat.tap(RESIDENT)
        await seat.sees("前台已锁:请工作人员刷卡")
        assert "501" not in seat.text()
        assert UNKNOWN not in seat.text()


async def test_no_key_ends_it_but_a_staff_card_does(here: HubHere) -> None:
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        for key in ("ctrl+c", "ctrl+q", "ctrl+z", "ctrl+backslash", "ctrl+p", "escape", "q"):
            await seat.press(key)
        assert seat.app.is_running
        await seat.press("escape")
        await seat.later(4)
        seat.tap(WANG)
        await seat.sees("[1] 下岗", "[9] 退出程序")
        await seat.press("9")
        await seat.until(lambda: not seat.app.is_running, "the end")


async def test_english_by_setting(here: HubHere) -> None:
    made(here)
    async with seated(here, language="en", theme="night", title="Desk") as seat:
        seat.tap(WANG)
        await seat.sees("What can we do for you?", "committee:王强", "[1] new matter")
        await seat.press("2")
        await seat.sees("all open matters", "● in time")
