"""Lost, found and replaced cards, a household that moves out, and the meeting."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlmodel import select

from hub.matters.clockwork import run_clocks
from hub.registry.cards import held_by
from hub.registry.tables import CardBinding, Household
from tests.hub.nodes import COMMUNITY
from tests.kiosk.desk.desk_seat import Seat, seated
from tests.kiosk.desk.making import made
from tests.kiosk.hub_here import CHEN, FRESH, LI, NEIGHBOUR, RESIDENT, SECOND, WANG, HubHere


async def at_the_cards(seat: Seat) -> None:
    await seat.on_duty(WANG)
    await seat.press("enter")
    await seat.enter("3-2-501")
    await seat.sees("3-2-501  王**")
    await seat.press("9")
    await seat.sees("3-2-501 的卡", "1 100018  ✓ 在用", "2 100026  ✓ 在用")


@pytest.mark.long
async def test_a_lost_card_is_blocked_without_having_it(here: HubHere) -> None:
    async with seated(here) as seat:
        await at_the_cards(seat)
        await seat.press("1")
        await seat.choose("挂失")
        await seat.sees("再按一次 1 立即挂失")
        await seat.choose("挂失")
        await seat.sees("已办:挂失", "1 100018  ✗ 已挂失", "2 100026  ✓ 在用")
        seat.tap(RESIDENT)
        await seat.sees("✗ 此卡已挂失")
        await seat.press("9")
        await seat.sees("1 100018  ✗ 已挂失")
        await seat.press("1")
        await seat.sees("[1] 换新卡")
        assert "[2]" not in seat.text(), "what was reported lost the office gives back"


async def test_a_card_without_a_printed_serial_is_blocked_and_replaced(here: HubHere) -> None:
    with here.session() as session:
        session.execute(update(CardBinding).values(serial=None))
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await seat.press("enter")
        await seat.enter("3-2-501")
        await seat.sees("3-2-501  王**")
        await seat.press("9")
        await seat.sees("1 无卡号,1970-01-01 起  ✓ 在用", "2 无卡号,1970-01-01 起  ✓ 在用")
        await seat.press("1")
        await seat.choose("挂失")
        await seat.sees("再按一次 1 立即挂失")
        await seat.choose("挂失")
        await seat.sees("已办:挂失", "1 无卡号,1970-01-01 起  ✗ 已挂失", "✓ 在用")
        await seat.press("2")
        await seat.choose("换新卡")
        await seat.sees("请刷新卡")
        seat.tap(FRESH)
        await seat.sees("新卡上印的卡号")
        await seat.enter("100042")
        await seat.sees("已办:换新卡", "✗ 已挂失", "100042  ✓ 在用")
    with here.session() as session:
        held = {one.card for one in held_by(session, COMMUNITY, "3-2-501", here.clock[0])}
    assert FRESH in held
    assert len(held & {RESIDENT, SECOND}) == 1


async def test_a_new_card_takes_the_place_of_the_old_one(here: HubHere) -> None:
    async with seated(here) as seat:
        await at_the_cards(seat)
        await seat.press("2")
        await seat.choose("换新卡")
        await seat.sees("请刷新卡")
        seat.tap(NEIGHBOUR)
        await seat.sees("新卡上印的卡号")
        await seat.enter("100042")
        await seat.sees("新卡已有主", "请刷新卡")
        seat.tap(FRESH)
        await seat.sees("新卡上印的卡号", "100042")
        await seat.press("enter")
        await seat.sees("已办:换新卡", "1 100018", "2 100042  ✓ 在用")


@pytest.mark.long
async def test_moving_out_ends_one_household_and_begins_its_successor(here: HubHere) -> None:
    async with seated(here) as seat:
        await at_the_cards(seat)
        await seat.press("0")
        await seat.sees("迁出:3-2-501", "迁出日期")
        await seat.enter("2-30")
        await seat.sees("没有这一天")
        await seat.press("backspace", "backspace", "backspace", "backspace")
        for words, text in (
            ("迁出日期", "0"), ("迁入人姓名", "周杰"), ("迁入人电话", ""),
            ("办公室账号", "a-office"), ("密码", "wrong"),
        ):  # fmt: skip
            await seat.sees(words)
            await seat.enter(text)
        await seat.sees("用户名或密码不对")
        assert "wrong" not in seat.text()
        for _ in "wrong":
            await seat.press("backspace")
        await seat.enter(here.passwords["office"])
        await seat.sees("已办:新户编号 3-2-501")
        assert here.passwords["office"] not in seat.text()
    with here.session() as session:
        old = session.get(Household, (COMMUNITY, "3-2-501"))
        assert old is not None
        assert old.to_day == date(2026, 5, 11)
        homes = [h for h in session.exec(select(Household)).all() if h.successor_of == "3-2-501"]
        assert [(h.building, h.unit, h.room, h.from_day) for h in homes] == [
            ("3", "2", "501", date(2026, 5, 11))
        ]


async def test_a_meeting_decides_by_one_key_and_both_sides_sign(here: HubHere) -> None:
    made(here, kind="other", text="楼道里有怪味")
    here.clock[0] += 9 * 3_600_000
    run_clocks(here.hub)
    async with seated(here) as seat:
        await seat.on_duty(WANG, LI)
        await seat.press("7")
        await seat.sees("还没有会议")
        await seat.press("n")
        await seat.sees("推进会议 2026-05-11", "已定 0 / 1", "#1 说不清", "社区 …  物业 …")
        await seat.press("1")
        await seat.choose("定责任人")
        await seat.press("2")
        await seat.enter("2")
        await seat.enter("3")
        await seat.enter("找到源头,清掉")
        await seat.sees("已定 1 / 1", "→ 定责任人  李梅 2026-05-14  找到源头,清掉")
        seat.tap(CHEN)
        await seat.sees("社区 ✓  物业 …")
        seat.tap(LI)
        await seat.sees("社区 ✓  物业 ✓")
        await seat.press("escape", "escape", "2")
        await seat.sees("#1 说不清", "已派")
