"""``python -m tests.kiosk.desk.pictures`` draws the desk's pictures in docs/img."""

import asyncio
import sys
import tempfile
from pathlib import Path

from hub.matters.clockwork import run_clocks
from tests.hub.stores import SqliteStores
from tests.kiosk.desk.desk_seat import Seat, seated
from tests.kiosk.desk.making import made, verified
from tests.kiosk.hub_here import LI, RESIDENT, WANG, ZHAO, HubHere, hubs_in
from tests.kiosk.pictures import IMAGES, put_right
from tests.kiosk.seat import Looking
from tests.kiosk.selfcheck.test_selfcheck import seated as at_the_machine

Drawn = dict[str, str]


def take(drawn: Drawn, name: str, seat: Looking, title: str) -> None:
    drawn[name] = put_right(seat.app.export_screenshot(title=title))


async def draw_desk(here: HubHere, drawn: Drawn) -> None:
    """A morning at the desk."""
    _some_matters(here)
    async with seated(here) as seat, seated(here, desk="d2") as other:
        await seat.on_duty(WANG, LI)
        await other.on_duty(ZHAO)
        await _a_draft(seat)
        seat.tap(RESIDENT)
        await seat.sees("王**", "F1 停车管理")
        take(drawn, "desk", seat, "lianxin-kiosk desk")
        await seat.press("1")
        await seat.sees("[6] 报修")
        take(drawn, "desk-new", seat, "lianxin-kiosk desk")
        await seat.press("6")
        await seat.enter("3号楼2单元 楼梯灯")
        await seat.enter("二楼的灯不亮,老人上下楼看不见")
        await seat.press("2")
        await seat.sees("归属  物业")
        take(drawn, "desk-slip", seat, "lianxin-kiosk desk")
        await seat.press("enter", "2")
        await seat.sees("#6 报修", "扰民堵通道")
        take(drawn, "desk-list", seat, "lianxin-kiosk desk")
        await seat.press("slash")
        await seat.enter("4")
        await seat.sees("事项 4号", "接单")
        take(drawn, "desk-matter", seat, "lianxin-kiosk desk")
        await _conflict(seat, other, drawn)
        await seat.press("2", "escape", "escape", "9")
        await seat.sees("2 100026  ✓ 在用")
        take(drawn, "desk-cards", seat, "lianxin-kiosk desk")


def _some_matters(here: HubHere) -> None:
    for text in ("二楼灯不亮", "门禁刷卡没有反应", "地下车库漏水"):
        made(here, text=text)
    made(here, kind="blocked_way", text="装修垃圾堵在消防通道")
    verified(here, made(here, kind="facility", text="健身器材松动"))


async def _a_draft(seat: Seat) -> None:
    await seat.press("1", "7")
    await seat.enter("东门")
    await seat.enter("车停在坡道上")
    await seat.press("escape")
    await seat.sees("已存:按 F1 继续")


async def _conflict(seat: Seat, other: Seat, drawn: Drawn) -> None:
    await other.press("slash")
    await other.enter("4")
    await seat.choose("备注")
    await seat.type("住户已联系施工队,今晚清走")
    await other.choose("接单")
    await other.sees("现为处置中")
    await seat.press("enter")
    await seat.sees("我的(未提交):")
    take(drawn, "desk-conflict", seat, "lianxin-kiosk desk")


async def draw_rest(here: HubHere, drawn: Drawn) -> None:
    """The meeting after closing, and the self-check machine."""
    made(here, kind="other", text="楼道里有怪味")
    verified(here, made(here))
    here.clock[0] += 9 * 3_600_000
    run_clocks(here.hub)
    async with seated(here) as seat:
        await seat.on_duty(WANG, LI)
        await seat.press("7")
        await seat.sees("还没有会议")
        await seat.press("n")
        await seat.sees("#1 说不清")
        seat.tap(WANG)
        await seat.sees("社区 ✓  物业 …")
        take(drawn, "desk-meeting", seat, "lianxin-kiosk desk")
    async with at_the_machine(here) as machine:
        machine.tap(RESIDENT)
        await machine.sees("昨天 …")
        take(drawn, "self", machine, "lianxin-kiosk self")
        await machine.pilot.press("3")
        await machine.sees("← 请评价")
        take(drawn, "self-matters", machine, "lianxin-kiosk self")


def main() -> None:
    drawn: Drawn = {}
    with tempfile.TemporaryDirectory() as folder, hubs_in(SqliteStores(Path(folder))) as hubs:
        for part in (draw_desk, draw_rest):
            with hubs.fresh() as here:
                asyncio.run(part(here, drawn))
    for name, svg in drawn.items():
        (IMAGES / f"{name}.svg").write_text(svg, encoding="utf-8")
        sys.stdout.write(f"{IMAGES / name}.svg\n")


if __name__ == "__main__":
    main()
