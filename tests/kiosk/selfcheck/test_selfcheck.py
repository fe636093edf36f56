"""The self-check machine at both sizes, over the hub's own application."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from edge.reader_service import LineSocket
from hub.registry.tables import CardBinding
from hub.visits.tables import Visit
from kiosk.common.settings import HubConfig
from kiosk.selfcheck.app import SelfApp
from kiosk.selfcheck.config import SelfConfig
from kiosk.selfcheck.shapes import DayMark
from kiosk.selfcheck.visit import grid
from kiosk.words import translator
from tests.hub.nodes import COMMUNITY
from tests.kiosk.desk.making import made, verified
from tests.kiosk.hub_here import FRESH, NEIGHBOUR, RESIDENT, SECOND, UNKNOWN, WANG, HubHere
from tests.kiosk.seat import SIZES, Looking

pytestmark = pytest.mark.long

sizes = pytest.mark.parametrize(
    "size", [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.long)], ids=["80x24", "120x36"]
)


class Seat(Looking):
    app: SelfApp

    def __init__(self, here: HubHere, folder: Path, *, by_hub: bool = False) -> None:
        self.here, self.now_ms = here, 1_000_000
        self.reader = LineSocket(folder / "r.sock")
        hub = HubConfig(url=here.url, username="a-selfcheck", password=here.passwords["selfcheck"])
        named: dict[str, Any] = {"desk": "s1", "taps": folder / "r.sock"}
        if by_hub:
            named = {"desk": hub.username, "taps": "hub"}
        config = SelfConfig(**named, hub=hub)
        self.app = SelfApp(config, clock_ms=lambda: self.now_ms, wall_ms=lambda: here.clock[0])

    def tap(self, card: str) -> None:
        self.reader.send(json.dumps({"card": card}).encode() + b"\n")

    async def later(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)
        self.app._ticked()


@asynccontextmanager
async def seated(
    here: HubHere, size: tuple[int, int] = (80, 24), *, by_hub: bool = False
) -> AsyncIterator[Seat]:
    with tempfile.TemporaryDirectory(prefix="lx") as made:
        seat = Seat(here, Path(made), by_hub=by_hub)
        try:
            async with seat.app.run_test(size=size) as pilot:
                seat.pilot = pilot
                await seat.until(lambda: seat.app.reader.up, "the reader")
                yield seat
        finally:
            seat.reader.close()


def tap_at(here: HubHere, machine: str, card: str) -> None:
    form = {"username": "a-desk", "password": here.passwords["desk"]}
    token = httpx2.post(f"{here.url}/auth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{here.url}/desks/{machine}/taps"
    assert httpx2.post(url, json={"card": card}, headers=headers).status_code == 202


@sizes
async def test_a_tap_shows_the_month_and_a_minute_hides_it(
    here: HubHere, size: tuple[int, int]
) -> None:
    async with seated(here, size) as seat:
        await seat.sees("自助查询", "请刷住户卡")
        seat.tap(RESIDENT)
        await seat.sees(
            "3-2-501   本月 0.00 元(0天)   余额 0.00 元", "周一", "周日", " 11 …",
            "今天 … 本日尚未结算", "昨天 … 本日尚未结算", "✓ 有奖  ✗ 无奖", "2 挂失",
        )  # fmt: skip
        await seat.later(61)
        await seat.sees("请刷住户卡")
        assert "501" not in seat.text()
        assert len(seat.app.pages) == 1


async def test_another_card_never_sees_what_was_open(here: HubHere) -> None:
    async with seated(here) as seat:
        seat.tap(RESIDENT)
        await seat.sees("3-2-501   本月")
        here.flaky.away = True
        seat.tap(NEIGHBOUR)
        await seat.sees("请刷住户卡", "连不上")
        assert "501" not in seat.text()
        here.flaky.away = False
        seat.tap(NEIGHBOUR)
        await seat.sees("11-1-102   本月")
        seat.tap(UNKNOWN)
        await seat.sees("不认识此卡")
        assert "11-1-102" not in seat.text()


@sizes
async def test_an_officers_card_shows_how_the_machine_is_and_ends_it(
    here: HubHere, size: tuple[int, int]
) -> None:
    async with seated(here, size) as seat:
        seat.tap(RESIDENT)
        await seat.sees("3-2-501   本月")
        seat.tap(WANG)
        await seat.sees("s1 维护 o01", "账号 a-selfcheck:正常", "r.sock:正常", "[9] 退出程序")
        assert "501" not in seat.text(), "a resident's page is gone"
        await seat.pilot.press("0")
        await seat.sees("请刷住户卡")
        seat.tap(WANG)
        await seat.sees("[9] 退出程序")
        await seat.later(61)
        await seat.sees("请刷住户卡")
        await seat.pilot.press("9")
        await seat.sees("请刷住户卡")
        assert seat.app.is_running, "nobody's key ends it"
        seat.tap(WANG)
        await seat.sees("[9] 退出程序")
        await seat.pilot.press("9")
        await seat.until(lambda: not seat.app.is_running, "it has ended")
        assert seat.app.return_code == 0


async def test_who_comes_while_an_officers_card_is_looked_up_is_not_shown_the_service(
    here: HubHere,
) -> None:
    async with seated(here) as seat:
        seat.tap(RESIDENT)
        await seat.sees("3-2-501   本月")
        answered: list[int] = []
        seat.app._ask_staff(0, WANG)
        seat.app.ask(seat.app.pages[0], lambda _port: 1, answered.append)
        await seat.until(lambda: answered, "the answer of an earlier tap")
        await seat.sees("3-2-501   本月")
        assert ("POST", "/self/staff") in here.flaky.seen


async def test_taps_that_the_hub_passes_on_open_the_machine_of_that_name_alone(
    here: HubHere,
) -> None:
    async with seated(here, by_hub=True) as seat:
        tap_at(here, "d1", NEIGHBOUR)
        tap_at(here, "a-selfcheck", RESIDENT)
        await seat.sees("3-2-501   本月")
        assert "11-1-102" not in seat.text()


@sizes
async def test_a_doubt_becomes_a_matter_with_five_steps_and_a_rating(
    here: HubHere, size: tuple[int, int]
) -> None:
    done = verified(here, made(here))
    async with seated(here, size) as seat:
        seat.tap(RESIDENT)
        await seat.sees("昨天 …")
        for _ in range(2):
            await seat.pilot.press("1")
            await seat.sees("已成事项2号:", "答复,电话 8800")
        await seat.pilot.press("3")
        await seat.sees(f"2 {done}  报修", "← 请评价", "民提✓", "奖励疑问", "王强 88000101")
        await seat.pilot.press("1")
        await seat.sees("办结后可以评价")
        await seat.pilot.press("2")
        await seat.sees("[1] 满意", "[2] 基本满意", "[3] 不满意")
        await seat.pilot.press("2")
        await seat.sees("谢谢,评价已记下", "基本满意", "结案")


async def test_another_card_of_the_household_is_reported_lost(here: HubHere) -> None:
    async with seated(here) as seat:
        seat.tap(SECOND)
        await seat.sees("2 挂失", "本月 0.00")
        await seat.pilot.press("2")
        await seat.sees("哪张卡丢了?", "1 100018  ✓ 在用")
        assert "100026" not in seat.text(), "the card in the hand is not lost"
        await seat.pilot.press("1")
        await seat.sees("挂失 100018?")
        await seat.pilot.press("1")
        await seat.sees("已挂失,立即生效", "1 100018  ✗ 已挂失")
        seat.tap(RESIDENT)
        await seat.sees("此卡已挂失:请到前台", "请刷住户卡")


@sizes
async def test_which_card_without_a_serial_is_lost_is_seen_by_its_last_tap(
    here: HubHere, size: tuple[int, int]
) -> None:
    with here.session() as session:
        session.execute(update(CardBinding).values(serial=None))
        session.add(
            CardBinding(
                community=COMMUNITY, card=FRESH, household_id="3-2-501",
                from_ms=here.clock[0] - 86_400_000,
            )
        )  # fmt: skip
        session.add(
            Visit(
                community=COMMUNITY, visit_id="v1", source="card", card=RESIDENT, trusted=True,
                occurred_ms=1, received_ms=1, arrival=1, day=date(2026, 5, 9), point="p03",
            )
        )  # fmt: skip
    async with seated(here, size) as seat:
        seat.tap(SECOND)
        await seat.sees("2 挂失", "本月 0.00")
        await seat.pilot.press("2")
        await seat.sees(
            "无卡号,1970-01-01 起  ✓ 在用   最近刷卡 2026-05-09 p03号点",
            "无卡号,2026-05-10 起  ✓ 在用   还没刷过",
        )
        await seat.pilot.press("2" if "2 无卡号,2026" in seat.text() else "1")
        await seat.sees("挂失 无卡号,2026-05-10 起?")
        await seat.pilot.press("1")
        await seat.sees("已挂失,立即生效", "2026-05-10 起  ✗ 已挂失", "1970-01-01 起  ✓ 在用")


async def test_a_visit_that_the_hub_has_ended_locks(here: HubHere) -> None:
    async with seated(here) as seat:
        seat.tap(RESIDENT)
        await seat.sees("本月 0.00")
        here.clock[0] += 121_000
        await seat.pilot.press("3")
        await seat.sees("时间到了:请再刷卡", "请刷住户卡")


def test_the_grid_puts_every_day_under_its_weekday() -> None:
    days = [
        DayMark(day=f"2026-05-{n:02}", mark="yes" if n % 2 else "no", amount_fen=0, why="",
                why_en="")
        for n in range(1, 32)
    ]  # fmt: skip
    rows = ["".join(span.text for span in row) for row in grid(days, 4, 80, translator("zh"))]
    assert rows[0].startswith(" 周一")
    assert rows[1].rstrip().endswith("3 ✓")
    assert rows[2].startswith("  4 ✗")
    assert all(len(row.encode("gb18030")) >= 80 for row in rows)
