"""Every key path on the real screen, at both sizes, over a real bus."""

import pytest

from tests.kiosk.point_bus import Broker, PointOnBus, point_on
from tests.kiosk.scripted_point import ScriptedPoint, bins
from tests.kiosk.seat import seated, sizes
from wire.point_bus import ScreenLink

A, B, C = "11-1-102", "11-2-301", "12-1-501"


@sizes
async def test_the_picture(broker: Broker, point: PointOnBus, size: tuple[int, int]) -> None:
    point.script.bins = bins(faulty=(3,))
    point.script.link = ScreenLink(up=False, waiting=37)
    point.tap(A, B, None)
    async with seated(broker, point, size) as seat:
        await seat.sees(
            "3号点  在岗 08:00起", "○ 离线 已存 37 条   09:40", "秤3故障,不影响奖励",
            "1号  刷卡 09:40:00", "待评 3", "▶  1 11-1-102", "   2 11-2-301", "   3 未登记卡",
            "有害1", "可回收2", "厨余3", "厨余6", "其他7", "其他14", "1.01kg", "14.14kg", "故障",
            "1 合格   2 不合格   3 看不清   4 改正后合格", "0 撤销   + − 移▶   回车两次 全部合格",
        )  # fmt: skip
        assert "┏━┓" in seat.text(), "the door at ▶ stands in large digits"
        await seat.press("2", "2")
        await seat.sees("✗ 102 不合格 未破袋", "▶  2 11-2-301")
        assert A not in "\n".join(seat.rows()[:-3]), "judged rows shorten to the room"


ON = [("1",), ("3",), ("4",), ("2", "1"), ("2", "2"), ("2", "3"), ("2", "4")]
OFF = [
    ("end",), ("pagedown",), ("left",),
    ("down", "end"), ("down", "down"), ("down", "pagedown"), ("down", "left"),
]  # fmt: skip
VERDICTS = [
    ("accepted", "✓ 101 合格"),
    ("unclear", "? 102 看不清"),
    ("corrected", "✓ 103 改正后合格"),
    ("rejected mixed", "✗ 104 不合格 混投"),
    ("rejected unbroken_bag", "✗ 105 不合格 未破袋"),
    ("rejected wrong_bin", "✗ 106 不合格 投错桶"),
    ("rejected other", "✗ 107 不合格 其他原因"),
]


@sizes
@pytest.mark.parametrize("pressed", [ON, OFF], ids=["numlock-on", "numlock-off"])
async def test_verdict_keys(
    broker: Broker, point: PointOnBus, size: tuple[int, int], pressed: list[tuple[str, ...]]
) -> None:
    point.tap(*[f"1-1-{room}" for room in range(101, 109)])
    expected = {}
    async with seated(broker, point, size) as seat:
        for no, (keys, (verdict, words)) in enumerate(zip(pressed, VERDICTS, strict=True), 1):
            await seat.press(*keys)
            expected[f"1-1-{100 + no}"] = verdict
            await seat.settled(expected)
            await seat.sees(
                words, f"▶  {no + 1} 1-1-{101 + no}", "已记录,按0撤销", f"待评 {8 - no}"
            )


@sizes
async def test_the_reason_is_asked_for_and_can_be_cancelled(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(A)
    async with seated(broker, point, size) as seat:
        await seat.press("2")
        await seat.sees(
            "11-1-102 不合格:请按原因 1–4", "1 混投   2 未破袋   3 投错桶   4 其他", "按其他键取消"
        )
        await seat.press("insert")
        await seat.sees("已取消,没有记录", "▶  1 11-1-102")
        await seat.settled({})


@sizes
@pytest.mark.parametrize("undo", ["0", "insert"])
async def test_undo(broker: Broker, point: PointOnBus, size: tuple[int, int], undo: str) -> None:
    point.tap(A, B)
    async with seated(broker, point, size) as seat:
        await seat.press("1")
        await seat.settled({A: "accepted"})
        await seat.press(undo)
        await seat.settled({})
        await seat.sees("已撤销,请重新评判▶这一户", "▶  1 11-1-102")


@sizes
@pytest.mark.parametrize(("plus", "minus"), [("plus", "minus"), ("add", "subtract")])
async def test_moving_the_arrow(
    broker: Broker, point: PointOnBus, size: tuple[int, int], plus: str, minus: str
) -> None:
    point.tap(A, B, C)
    async with seated(broker, point, size) as seat:
        await seat.press(plus, plus)
        await seat.sees("▶  3 12-1-501", "3号  刷卡")
        await seat.press(minus)
        await seat.sees("▶  2 11-2-301")
        point.tap("7-1-601")
        await seat.sees("待评 4", "▶  2 11-2-301")


@sizes
async def test_enter_enter_accepts_what_was_listed(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(A, None, C)
    async with seated(broker, point, size) as seat:
        await seat.press("enter")
        await seat.sees(
            "再按回车:以下3户全部判为合格", "  1 11-1-102", "  2 未登记卡", "  3 12-1-501",
            "回车 全部合格", "按其他键取消",
        )  # fmt: skip
        point.tap("7-1-601")
        await seat.until(lambda: len(seat.app.board.visits) == 4, "the tap behind the list")
        assert "7-1-601" not in seat.text()
        await seat.press("enter")
        await seat.settled({A: "accepted", "?": "accepted", C: "accepted"})
        await seat.sees("3户合格,已记录", "▶  4 7-1-601")


@sizes
async def test_enter_and_another_key_accepts_nothing(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(A, B)
    async with seated(broker, point, size) as seat:
        await seat.press("enter")
        await seat.sees("再按回车")
        await seat.press("1")
        await seat.sees("已取消,没有记录", "待评 2")
        await seat.settled({})


@sizes
async def test_forty_visits_come_in_pages(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(*[f"{no}-1-{no}01" for no in range(1, 41)])
    async with seated(broker, point, size) as seat:
        await seat.sees("待评 40", "▶  1 1-1-101")
        await seat.press(*["add"] * 20)
        await seat.sees("▶ 21 21-1-2101")
        await seat.press("enter")
        await seat.sees("  1 1-1-101", " 36 36-1-3601")


@sizes
async def test_nobody_on_duty(broker: Broker, point: PointOnBus, size: tuple[int, int]) -> None:
    point.script.on_duty = False
    point.tap(A)
    async with seated(broker, point, size) as seat:
        await seat.sees("3号点  无人值守", "无人值守 请刷督导员卡,或按 * 输入工号")
        await seat.press("1")
        await seat.sees("11-1-102 合格 已留存,请刷督导员卡,或按 * 输入工号")
        point.script.on_duty = True
        point.show()
        await seat.settled({A: "accepted"})
        await seat.sees("在岗 08:00起")


@sizes
async def test_a_stale_verdict_says_look_again(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(A)
    async with seated(broker, point, size) as seat:
        point.fall_silent()  # the terminal still shows what was
        with point.lock:
            point.script.change(point.script.visits[0].visit)
        await seat.press("1")
        await seat.sees("11-1-102 名单刚变,请再看一眼", "▶  1 11-1-102")
        await seat.settled({})


@sizes
async def test_a_command_without_an_answer_is_shown_and_sent_again(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(A, B)
    async with seated(broker, point, size) as seat:
        point.deaf = True
        await seat.press("1")
        await seat.sees("11-1-102 合格 正在登记…", "登记中 1", "…  1 11-1-102", "▶  2 11-2-301")
        seat.now_ms += 2500
        await seat.sees("主机没有应答,请稍候")
        await seat.until(lambda: len(point.script.received) >= 2, "the command again")
        point.deaf = False
        seat.now_ms += 5000
        await seat.settled({A: "accepted"})
        assert len({command.command_id for command in point.script.received}) == 1


@sizes
async def test_the_bus_away_is_told_and_on_return_all_goes_on(
    own_broker: Broker, size: tuple[int, int]
) -> None:

    with point_on(own_broker, ScriptedPoint()) as point:
        point.tap(A)
        async with seated(own_broker, point, size) as seat:
            own_broker.kill()
            await seat.sees("✗ 主机断开", "与主机断开,评判键暂不起作用,恢复后继续", "▶  1 11-1-102")
            await seat.press("1")
            await seat.sees("与主机断开,没有记录,请稍后再按")
            own_broker.start()
            await seat.sees("● 已联网")
            await seat.press("1")
            await seat.settled({A: "accepted"})


@sizes
async def test_a_silent_point_is_told(
    broker: Broker, point: PointOnBus, size: tuple[int, int]
) -> None:
    point.tap(A)
    async with seated(broker, point, size) as seat:
        point.fall_silent()
        seat.now_ms += 2500
        await seat.sees("✗ 主机无应答", "主机没有应答,请稍候")
        point.show()
        await seat.sees("● 已联网")


async def test_keys_that_would_leave_do_nothing(broker: Broker, point: PointOnBus) -> None:
    point.tap(A)
    async with seated(broker, point) as seat:
        before = seat.app.board.arrow, seat.app.board.pending, seat.app.board.message
        for key in ("ctrl+c", "ctrl+q", "ctrl+z", "ctrl+backslash", "ctrl+p", "escape", "tab"):
            await seat.pilot.press(key)
        await seat.pilot.press("a", "f1", "f5", "q")
        assert seat.app.is_running
        board = seat.app.board
        assert (board.arrow, board.pending, board.message) == before


@sizes
async def test_english_by_setting(broker: Broker, point: PointOnBus, size: tuple[int, int]) -> None:
    point.tap(A, None)
    async with seated(broker, point, size, language="en", theme="night") as seat:
        await seat.sees(
            "on duty since 08:00", "● online", "Waiting for a verdict: 2", "unregistered card",
            "hazard1", "recycle2", "kitchen3", "other14",
            "1 accepted   2 rejected   3 unclear   4 accepted after correction",
        )  # fmt: skip


async def test_nothing_shown_says_who_or_how_much(broker: Broker, point: PointOnBus) -> None:
    point.tap(A)
    async with seated(broker, point) as seat:
        await seat.press("1")
        await seat.settled({A: "accepted"})
        await seat.sees("已记录")
        for word in ("元", "0.30", "奖励", "v03"):
            assert word not in seat.text()


async def test_for_developers_ctrl_q_ends_it(broker: Broker, point: PointOnBus) -> None:
    async with seated(broker, point, dev=True) as seat:
        await seat.pilot.press("ctrl+q")
        await seat.until(lambda: not seat.app.is_running, "the end")
