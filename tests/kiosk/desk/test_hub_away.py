"""A hub that is killed, a line that falls silent: nothing freezes, is lost or done twice."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from hub.matters.tables import MatterEvent
from tests.hub.nodes import COMMUNITY
from tests.kiosk.cut_line import CutLine, Silent, cut_line
from tests.kiosk.desk.desk_seat import Seat, seated
from tests.kiosk.desk.making import made
from tests.kiosk.hub_here import LI, RESIDENT, WANG, HubHere
from tests.programs import answers, free_port, until

pytestmark = pytest.mark.long
PATIENCE_S = 1.0
"""Of the terminal, while the line is silent: a test has no ten seconds for each answer."""


@contextmanager
def silenced(seat: Seat, line: CutLine, silent: Silent) -> Iterator[None]:
    client = seat.app._worker._port._client
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.common.hub.ANSWER_S", PATIENCE_S)
        patch.setattr(client, "timeout", PATIENCE_S)
        line.silent = silent
        yield
    line.silent = ""


async def written(seat: Seat) -> None:
    await seat.press("1")
    await seat.sees("[6] 报修")
    await seat.press("6")
    await seat.enter("大门口")
    await seat.enter("门禁坏了")
    await seat.sees("当场办结?")


def happened(here: HubHere, act: str) -> int:
    with here.session() as session:
        events = session.exec(select(MatterEvent)).all()
        return sum(one.act == act for one in events)


@pytest.mark.parametrize("silent", ["both", "answers"])
async def test_a_silent_line_says_so_and_makes_one_matter(here: HubHere, silent: Silent) -> None:
    with cut_line(here.url) as line:
        async with seated(replace(here, url=line.url)) as seat:
            await seat.on_duty(WANG, LI)
            seat.tap(RESIDENT)
            await seat.sees("王**")
            await written(seat)
            with silenced(seat, line, silent):
                await seat.press("2")
                await seat.sees("正在提交…")
                await seat.later(2)
                await seat.sees("连不上:草稿已存", "○ 未联网", "内容: 门禁坏了")
            await seat.later(6)
            await seat.sees("已连上:请接着办", "当场办结?", "●")
            await seat.press("2")
            await seat.sees("受理单", "归属  物业")
    assert happened(here, "receive") == 1


async def test_a_note_is_kept_by_a_silent_line_and_noted_once(here: HubHere) -> None:
    made(here)
    with cut_line(here.url) as line:
        async with seated(replace(here, url=line.url)) as seat:
            await seat.on_duty(WANG)
            await seat.press("2")
            await seat.sees("1 #1 报修")
            await seat.press("1")
            await seat.choose("备注")
            await seat.type("住户晚上才在家")
            with silenced(seat, line, "answers"):
                await seat.press("enter", "up", "enter")
                await seat.sees("连不上", "住户晚上才在家")
            await seat.later(6)
            await seat.sees("已连上", "住户晚上才在家")
            await seat.press("enter")
            await seat.sees("已办:1号")
            assert not seat.app.desk.box.words
    assert happened(here, "note") == 1


async def test_what_could_not_be_read_is_there_once_the_line_is(here: HubHere) -> None:
    made(here, count=2)
    with cut_line(here.url) as line:
        async with seated(replace(here, url=line.url)) as seat:
            await seat.on_duty(WANG)
            with silenced(seat, line, "both"):
                for _ in range(4):
                    await seat.press("2", "escape")
                await seat.press("2")
                await seat.sees("连不上", "待办   0–0 / 0")
                assert seat.app._worker._jobs.empty(), "nothing queues up for a silent hub"
            await seat.later(6)
            await seat.sees("已连上", "1 #1 报修", "2 #2 报修")


class KilledHub:
    """The hub as a process of its own, over a copy of the store of ``here``."""

    def __init__(self, here: HubHere, folder: Path) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.store = folder / "data" / "hub.db"
        self.store.parent.mkdir()
        source, copy = sqlite3.connect(str(here.hub.engine.url.database)), self._opened()
        source.backup(copy)
        source.close()
        copy.close()
        self._config = folder / "hub.toml"
        self._config.write_text(
            f'community = "{COMMUNITY}"\ndata = "data"\nnodes = {{ p01 = "n1" }}\n'
            f'[http]\nport = {self._port}\n[broker]\nport = {free_port()}\npassword = "h"\n'
        )
        self._config.chmod(0o600)

    def start(self) -> None:
        command = [sys.executable, "-m", "hub", "serve", "--config", str(self._config)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: answers(self._port, "/healthz"), "the hub serves", 60)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def matters(self) -> int:
        store = self._opened()
        try:
            return int(store.execute("SELECT count(*) FROM matter").fetchone()[0])
        finally:
            store.close()

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self.store)


@contextmanager
def killed_hub(here: HubHere, folder: Path) -> Iterator[KilledHub]:
    hub = KilledHub(here, folder)
    hub.start()
    try:
        yield hub
    finally:
        hub.kill()


async def test_a_hub_killed_under_a_draft_and_a_list(here: HubHere, tmp_path: Path) -> None:
    made(here)
    with killed_hub(here, tmp_path) as hub:
        async with seated(replace(here, url=hub.url)) as seat:
            await seat.on_duty(WANG, LI)
            await seat.press("1")
            await seat.sees("[6] 报修")
            await seat.press("6")
            await seat.enter("大门口")
            await seat.type("门禁")
            hub.kill()
            await seat.enter("坏了")
            await seat.enter("")
            await seat.press("2")
            await seat.sees("连不上:草稿已存", "○ 未联网", "内容: 门禁坏了")
            await seat.press("escape", "2")
            await seat.sees("连不上", "待办   0–0 / 0")
            hub.start()
            await seat.later(6)
            await seat.sees("1 #1 报修")
            await an_act_under_which_it_is_killed(seat, hub)
            await seat.press("escape", "escape", "f1", "2")
            await seat.sees("受理单", "归属  物业")
        assert hub.matters() == 2


async def an_act_under_which_it_is_killed(seat: Seat, hub: KilledHub) -> None:
    await seat.press("1")
    await seat.choose("备注")
    hub.kill()
    await seat.enter("住户晚上才在家")
    await seat.sees("连不上", "住户晚上才在家")
    hub.start()
    await seat.later(6)
    await seat.sees("已连上", "住户晚上才在家")
    await seat.press("enter")
    await seat.sees("已办:1号")
