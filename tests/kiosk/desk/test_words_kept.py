"""Words of an act: there again after a restart, for whoever wrote them, until they are sent."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from hub.matters.tables import MatterEvent
from kiosk.desk.drafts import MOST_WORDS, WORDS_MS, Box, Draft, Words
from tests.kiosk.desk.desk_seat import Seat, seated
from tests.kiosk.desk.making import made
from tests.kiosk.hub_here import LI, NEIGHBOUR, WANG, HubHere
from tests.programs import until

SAID = "住户晚上才在家"
long = pytest.mark.long


async def at_the_note(seat: Seat) -> None:
    await seat.press("slash")
    await seat.enter("1")
    await seat.choose("备注")
    await seat.sees("记什么?")


async def on_the_disk(folder: Path, word: str, *, there: bool = True) -> None:
    file = folder / "desk" / "drafts.json"
    await asyncio.to_thread(
        until, lambda: file.exists() and (word in file.read_text()) is there, f"{word}: {there}"
    )


def notes(here: HubHere) -> list[str]:
    with here.session() as session:
        events = session.exec(select(MatterEvent)).all()
        return [one.actor for one in events if one.act == "note"]


@long
async def test_a_note_is_there_after_a_restart_and_gone_when_sent(
    here: HubHere, tmp_path: Path
) -> None:
    made(here)
    async with seated(here, folder=tmp_path) as seat:
        await seat.on_duty(WANG)
        await at_the_note(seat)
        await seat.type(SAID)
        await on_the_disk(tmp_path, SAID)
    async with seated(here, folder=tmp_path) as seat:
        await seat.sees("已锁屏")
        assert SAID not in seat.text()
        await seat.on_duty(LI)
        await at_the_note(seat)
        assert SAID not in seat.text(), "another officer's words"
        await seat.press("escape", "escape", "escape", "asterisk")
        await seat.sees("▶社区:王强")
        await at_the_note(seat)
        await seat.sees(SAID, "您上次写的还在")
        await seat.enter(",七点后")
        await seat.sees("已办:1号")
        await on_the_disk(tmp_path, SAID, there=False)
    assert notes(here) == ["o01"]


@long
async def test_an_answer_that_got_lost_with_the_terminal_makes_no_second_note(
    here: HubHere, tmp_path: Path
) -> None:
    made(here)
    async with seated(here, folder=tmp_path) as seat:
        await seat.on_duty(WANG)
        await at_the_note(seat)
        here.flaky.deaf = True
        await seat.enter(SAID)
        await seat.sees("连不上", SAID)
    here.flaky.deaf = False
    async with seated(here, folder=tmp_path) as seat:
        seat.tap(WANG)
        await seat.sees("您好")
        await at_the_note(seat)
        await seat.sees(SAID)
        await seat.press("enter")
        await seat.sees("已办:1号")
    assert notes(here) == ["o01"]


@long
async def test_behind_the_lock_another_ones_words_are_not_shown(here: HubHere) -> None:
    made(here)
    async with seated(here) as seat:
        await seat.on_duty(LI, WANG)
        await at_the_note(seat)
        await seat.type(SAID)
        await seat.later(301)
        await seat.sees("已锁屏")
        seat.tap(LI)
        await seat.sees("您好,请问办什么事?", "▶物业:李梅")
        assert SAID not in seat.text()
        await at_the_note(seat)
        assert SAID not in seat.text()
        await seat.later(301)
        seat.tap(LI)
        await seat.until(lambda: seat.app.locked is None, "unlocked")
        await seat.sees("记什么?")
        await seat.press("escape", "escape", "escape", "asterisk")
        await seat.sees("▶社区:王强")
        await at_the_note(seat)
        await seat.sees(SAID)


@long
async def test_escape_keeps_words_and_an_empty_field_drops_them(here: HubHere) -> None:
    made(here)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await at_the_note(seat)
        await seat.type("灯")
        await seat.press("escape")
        await seat.sees("事项 1号", "写的已留着")
        await seat.choose("备注")
        await seat.sees("您上次写的还在", "灯")
        await seat.press("backspace", "escape")
        await seat.sees("事项 1号")
        assert not seat.app.desk.box.words
        await seat.press("escape", "escape")
        seat.tap(NEIGHBOUR)
        await seat.sees("孙*")
        await seat.press("8")
        await seat.sees("2 2026-05-10")
        await seat.press("2", "1")
        await seat.enter("那天早上刷过卡")
        await seat.sees("异议1号")
        assert not seat.app.desk.box.words


@long
async def test_who_comes_on_duty_does_not_sign_what_another_one_writes(here: HubHere) -> None:
    made(here)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        await at_the_note(seat)
        await seat.type(SAID)
        seat.tap(LI)
        await seat.sees("李梅 已上岗", "▶社区:王强", SAID)
        await seat.press("enter")
        await seat.sees("已办:1号")
    assert notes(here) == ["o01"]


places = st.sampled_from(["o01/1/note", "o01/2/note", "o02/1/note", "o02/draft-k/merge"])
words = st.builds(
    Words,
    made_ms=st.integers(0, 3 * WORDS_MS),
    texts=st.dictionaries(st.sampled_from(["text", "note"]), st.sampled_from(["", "灯"])),
)


@given(st.lists(st.tuples(places, words)))
def test_words_stay_apart_and_only_empty_or_old_ones_go(steps: list[tuple[str, Words]]) -> None:
    box = Box().put(1, Draft(key="k"))
    for place, one in steps:
        before, box = box, box.write(place, one)
        assert (place in box.words) == any(one.texts.values())
        assert box.drafts == before.drafts
        gone = before.words.keys() - box.words.keys() - {place}
        assert all(before.words[old].made_ms < one.made_ms - WORDS_MS for old in gone)
        assert Box.model_validate_json(box.model_dump_json()) == box
    left = box.drop(1)
    assert {where for where in box.words if "draft-k" not in where} == set(left.words)


def test_the_oldest_of_too_many_go() -> None:
    box = Box()
    for number in range(MOST_WORDS + 5):
        box = box.write(f"o01/{number}/note", Words(made_ms=1, texts={"text": "灯"}))
    assert list(box.words) == [f"o01/{number}/note" for number in range(5, MOST_WORDS + 5)]
