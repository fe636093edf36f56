"""Every dialog as it is painted, at both sizes: whole words, nothing of the list beside them."""

import asyncio
from pathlib import Path

import pytest

from tests.kiosk.pane import Pane
from tests.kiosk.point_bus import Broker, PointOnBus
from tests.kiosk.scripted_point import bins
from tests.kiosk.seat import SIZES, Seat, seated, sizes
from tests.kiosk.test_terminal import terminal
from wire.session import PortStatus

A, B, C = "11-1-102", "11-2-301", "12-1-501"
PORTS = (
    PortStatus(name="reader-1", kind="rdm6300", up=True, bytes=1400, frames=100),
    PortStatus(name="scales", kind="modbus", up=False, bytes=9, errors=3, last_error="no_answer"),
)
PAGES: list[tuple[list[str], list[str]]] = [
    (["slash"], ["菜单", "1 报事   2 换桶   3 交接", "4 小结   5 广播   6 设备", "/ 返回"]),
    (["slash", "1"], ["报什么事?", "1 设备故障", "2 公共设施", "3 扰民、堵通道"]),
    (["slash", "1", "3"], ["扰民、堵通道,就在本点:上报吗?", "回车 上报"]),
    (["slash", "2", "4", "enter"], ["厨余4 号:换上了另一个桶?", "回车 确认"]),
    (["slash", "3"], ["交接班", "还有 2 户未评", "1 全部合格   2 逐户评   3 留给办公室",
                      "11-1-102  11-2-301", "改正后合格 0"]),
    (["slash", "3", "1"], ["2 户将全部判为合格", "回车 交接"]),
    (["slash", "4"], ["本班小结", "刷卡 7   补登 1   投放 9", "合格 4(其中批量 2)", "待评 2"]),
    (["slash", "5"], ["广播", "1 立即播放   2 停止"]),
    (["slash", "6"], ["设备", "读卡 ✓", "秤 13/14  不影响奖励;按 / 1 报修", "✓ reader-1 rdm6300",
                      "✗ scales modbus  字节 9 帧 0 错 3  no_answer"]),
    (["f8", *"11", "full_stop", "1", "decimal", *"102", "enter"],
     ["补登(没带卡)", "11-1-102 在名册上。是这一户来投放吗?", "╺┓ ╺┓"]),
    (["f8", *"99", "full_stop", "1", "full_stop", "1", "enter"],
     ["99-1-1 不在名册上,由办公室核对"]),
    (["1", "asterisk"], ["改判", "1 09:40 ✓ 11-1-102  合格", "1–9 选择"]),
    (["multiply", "1", "2"], ["改判", "1 混投   2 未破袋   3 投错桶   4 其他"]),
]  # fmt: skip


@pytest.fixture
def busy(point: PointOnBus) -> PointOnBus:
    with point.lock:
        point.script.ports = PORTS
        point.script.bins = bins(faulty=(3,))
    point.tap(A, B)
    return point


@sizes
async def test_each_page_is_whole(broker: Broker, busy: PointOnBus, size: tuple[int, int]) -> None:
    async with seated(broker, busy, size) as seat:
        for keys, words in PAGES:
            for key in keys:
                await seat.press(key)
                await answered(seat)
            await seat.sees(*words)
            assert "回车两次" not in seat.text(), "nothing of the list shows beside it"
            await seat.press("divide")
            await seat.sees("回车两次")


async def answered(seat: Seat) -> None:
    """A person reads before the next key."""
    while seat.app.board.pending:
        seat.now_ms += 10
        await asyncio.sleep(0.01)


@sizes
async def test_going_on_duty_by_number(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.script.on_duty = False
    point.tap(A)
    async with seated(broker, point, size) as seat:
        await seat.press("1", "asterisk", *"103")
        await seat.sees("没带卡,上岗", "工号,再按回车")
        await seat.press("enter", *"4711")
        await seat.sees("密码,再按回车", "╺━╸╺━╸╺━╸╺━╸")
        await seat.press("enter")
        await seat.settled({A: "accepted"})
        await seat.sees("在岗 08:00起", "回车两次")


@sizes
async def test_an_opening_that_is_not_well_says_what_to_do(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    with point.lock:
        point.script.on_duty = False
        point.script.bins = bins(faulty=(3,))
        point.script.reader_ok = False
    async with seated(broker, point, size) as seat:
        await seat.sees("无人值守")
        with point.lock:
            point.script.come_on_duty()
        await seat.sees("开始之前", "读卡 ✗  看读卡器插头和灯", "秤 13/14", "按任意键返回名单")
        await seat.press("5")
        await seat.sees("回车两次", "秤3故障,不影响奖励")


async def test_it_dims_when_nobody_is_there_and_the_next_tap_wakes_it(
    broker: Broker, point: PointOnBus
) -> None:
    async with seated(broker, point) as seat:
        await seat.sees("有害1")
        by_day = bin_colour(seat)
        seat.now_ms += 300_000
        await seat.until(lambda: seat.app.theme == "dim", "dim")
        await seat.sees("3号点  在岗", "读卡 ✓")
        await seat.until(lambda: bin_colour(seat) != by_day, "darker bins")
        point.tap(A)
        await seat.until(lambda: seat.app.theme == "day", "awake")
        await seat.until(lambda: bin_colour(seat) == by_day, "the colours of the day")
        seat.now_ms += 400_000
        await asyncio.sleep(0.6)
        assert seat.app.theme == "day", "never while somebody waits for a verdict"


@sizes
async def test_maintenance_and_a_missing_roster_are_said(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    with point.lock:
        point.script.maintenance = True
    async with seated(broker, point, size) as seat:
        await seat.sees("维护中,刷卡不计;技术员再刷卡结束")
        with point.lock:
            point.script.maintenance, point.script.roster = False, 0
        await seat.sees("名册未到,所有卡都显示未登记")


def test_the_menu_and_a_door_in_a_real_terminal_with_numlock_off(
    broker: Broker, point: PointOnBus, tmp_path: Path
) -> None:
    with terminal(broker, point, SIZES[0], tmp_path) as pane:
        pane.keys("KP/")
        pane.sees("菜单", "1 报事   2 换桶   3 交接")
        raw(pane, "1b 5b 45")  # KP_Begin: the 5 of a keypad with NumLock off
        pane.sees("广播", "1 立即播放   2 停止")
        pane.keys("KP/")
        pane.keys("DC", "End", "End", "DC", "End", "DC", "End", "IC", "Down", "KPEnter")
        pane.sees("11-1-102 在名册上。是这一户来投放吗?")
        pane.keys("KPEnter")
        pane.sees("▶  1 11-1-102", "11-1-102 已补登,请照常评")
        raw(pane, "1b 4f 45")
        pane.sees("此键在这里不起作用")


def bin_colour(seat: Seat) -> object:
    """The background under the word of the first bin."""
    for strip in seat.app.screen._compositor.render_strips():
        for segment in strip:
            if "有害" in segment.text and segment.style is not None:
                return segment.style.bgcolor
    return None


def raw(pane: Pane, octets: str) -> None:
    """Bytes as another terminal would send them."""
    pane._tmux("send-keys", "-t", "0", "-H", *octets.split())
