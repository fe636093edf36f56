"""A desk in a real Chromium: what an input method commits, a reload, a terminal that dies."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from hub.matters.tables import MatterRow
from tests.kiosk.hub_here import LI, WANG, HubHere
from tests.kiosk.web.browser import (
    Browser,
    Web,
    at_the_desk,
    chromium,
    on_duty,
    opened,
    saved,
    serving,
    tapped,
)
from tests.programs import until

pytestmark = pytest.mark.long


@pytest.fixture
def web(here: HubHere, tmp_path: Path) -> Iterator[Web]:
    with serving(here, tmp_path) as web:
        yield web


def made_matters(web: Web) -> list[tuple[str, str]]:
    with web.here.session() as session:
        return [(one.place, one.text) for one in session.exec(select(MatterRow)).all()]


async def test_an_input_methods_commit_in_chromium_becomes_the_matter(
    web: Web, tmp_path: Path
) -> None:
    kept = tmp_path / "desk" / "drafts.json"
    async with chromium(tmp_path / "profile", f"{web.url}/login") as browser:
        await opened(browser, web)
        for card in (WANG, LI):
            await on_duty(web, card)
        for text, holds in (("1", '"kind"'), ("6", '"repair"'), ("三号楼二单元楼梯灯", "楼梯灯")):
            await browser.type(text)
            await saved(kept, holds)
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"text"')
        await browser.type("二楼的灯不亮,老人上下楼看不见")
        await saved(kept, "看不见")
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"phone"')
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"settle"')
        await browser.type("2")
        await asyncio.to_thread(until, lambda: made_matters(web), "the matter")
    assert made_matters(web) == [("三号楼二单元楼梯灯", "二楼的灯不亮,老人上下楼看不见")]


async def half_a_matter(browser: Browser, kept: Path) -> None:
    for text, holds in (("1", '"kind"'), ("6", '"repair"'), ("三号楼二单元", "二单元")):
        await browser.type(text)
        await saved(kept, holds)
    await browser.key("Enter", 13)
    await saved(kept, '"asking":"text"')
    await browser.type("楼梯灯")
    await saved(kept, "楼梯灯")


async def gone_on_with(browser: Browser, web: Web, kept: Path, text: str) -> None:
    """The desk begins locked; the draft is one key away, its cursor after the last letter."""
    await tapped(web, WANG, "who")
    await browser.key("F1", 112)
    await browser.type(text)
    await saved(kept, f"楼梯灯{text}")


async def test_a_reload_keeps_the_draft(web: Web, tmp_path: Path) -> None:
    kept = tmp_path / "desk" / "drafts.json"
    async with chromium(tmp_path / "profile", f"{web.url}/login") as browser:
        await opened(browser, web)
        await on_duty(web, WANG)
        await half_a_matter(browser, kept)
        before = len(web.here.flaky.seen)
        await browser.run("document.title = 'before'")
        await browser.ask("Page.reload")
        await browser.until("document.title === '合署办公'")
        await at_the_desk(browser, web, before)
        await gone_on_with(browser, web, kept, "不亮")


async def test_a_terminal_that_dies_is_said_in_its_window_and_its_button_brings_it_back(
    web: Web, tmp_path: Path
) -> None:
    kept = tmp_path / "desk" / "drafts.json"
    async with chromium(tmp_path / "profile", f"{web.url}/login") as browser:
        await opened(browser, web)
        await on_duty(web, WANG)
        await half_a_matter(browser, kept)
        for pid in web.terminals():
            os.kill(pid, signal.SIGKILL)
        await browser.until("document.body.classList.contains('-closed')")
        assert "写的都在" in await browser.run("document.querySelector('.closed').innerText")
        await browser.until("document.activeElement?.matches('button')")
        before = len(web.here.flaky.seen)
        await browser.run("document.querySelector('button').click()")
        await browser.until("!document.body.classList.contains('-closed')")
        await at_the_desk(browser, web, before)
        await gone_on_with(browser, web, kept, "不亮")
