"""A desk in a browser: the log-in, the cookie, one window a desk, taps, a real Chromium."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from sqlmodel import select

from hub.access.users import add_user
from hub.matters.tables import MatterRow
from tests.hub.nodes import COMMUNITY
from tests.kiosk.hub_here import LI, MORNING_MS, RESIDENT, WANG, HubHere
from tests.programs import free_port, listens, needs, until

pytestmark = pytest.mark.long


@dataclass
class Web:
    here: HubHere
    url: str

    def log_in(
        self, password: str | None = None, user: str = "a-desk", desk: str = "d1"
    ) -> httpx2.Response:
        form = {"desk": desk, "username": user,
                "password": password or self.here.passwords["desk"]}  # fmt: skip
        return httpx2.post(f"{self.url}/login", data=form, follow_redirects=False)

    def tap(self, card: str, desk: str = "d1") -> None:
        token = httpx2.post(
            f"{self.here.url}/auth/token",
            data={"username": "a-desk", "password": self.here.passwords["desk"]},
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.here.url}/desks/{desk}/taps"
        done = httpx2.post(url, json={"card": card}, headers=headers)
        assert done.status_code == 202, done.text


@contextmanager
def serving(here: HubHere, folder: Path) -> Iterator[Web]:
    port = free_port()
    (folder / "desk.toml").write_text(
        f'desk = "d1"\ntaps = "hub"\ndata = "desk"\n[hub]\nurl = "{here.url}"\n'
        f'username = "a-desk"\npassword = "{here.passwords["desk"]}"\n'
    )
    (folder / "self.toml").write_text(
        f'desk = "a-selfcheck"\ntaps = "hub"\n[hub]\nurl = "{here.url}"\n'
        f'username = "a-selfcheck"\npassword = "{here.passwords["selfcheck"]}"\n'
    )
    (folder / "web.toml").write_text(
        f'port = {port}\nhub = "{here.url}"\n'
        '[[desks]]\ndesk = "d1"\ntitle = "一号前台"\nconfig = "desk.toml"\n'
        '[[desks]]\ndesk = "a-selfcheck"\ntitle = "自助"\nconfig = "self.toml"\n'
        'terminal = "self"\n'
    )
    command = [sys.executable, "-m", "kiosk", "web", "--config", str(folder / "web.toml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: listens(port), "the web server")
        yield Web(here, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def web(here: HubHere, tmp_path: Path) -> Iterator[Web]:
    with serving(here, tmp_path) as web:
        yield web


class Screen:
    """What a window was sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.sent = ""

    async def sees(self, word: str) -> None:
        while word not in self.sent:
            message = await self._socket.receive(timeout=30)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (
                f"closed before {word}: {self.sent[-500:]}"
            )
            if message.type is aiohttp.WSMsgType.BINARY:
                self.sent += message.data.decode(errors="replace")

    async def type(self, text: str) -> None:
        await self._socket.send_json(["stdin", text])

    async def ended(self) -> None:
        while not self._socket.closed:
            await self._socket.receive(timeout=30)


@asynccontextmanager
async def window(web: Web, cookie: str, **headers: str) -> AsyncIterator[Screen]:
    given = {"Cookie": cookie, **headers}
    async with aiohttp.ClientSession() as session:
        url = f"{web.url}/ws?width=80&height=24"
        async with session.ws_connect(url, headers=given) as socket:
            yield Screen(socket)


def test_without_a_cookie_there_is_only_the_log_in(web: Web) -> None:
    first = httpx2.get(web.url, follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (302, "/login")
    assert "一号前台" in httpx2.get(f"{web.url}/login").text
    for path in ("/ws", "/static/js/textual.js", "/download/x"):
        assert httpx2.get(f"{web.url}{path}").status_code == 403, path
    wrong = web.log_in("wrong")
    assert (wrong.status_code, "用户名或密码不对" in wrong.text) == (401, True)
    assert "set-cookie" not in wrong.headers
    foreign = httpx2.post(f"{web.url}/login", data={}, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert "desk" not in foreign.text


def test_a_role_that_may_not_use_a_desk_is_told_so(web: Web) -> None:
    with web.here.session() as session:
        password = add_user(session, COMMUNITY, "vol", "volunteer", MORNING_MS)
    answer = web.log_in(password, "vol")
    assert (answer.status_code, "此账号无权使用前台" in answer.text) == (403, True)


async def test_a_tap_reaches_the_window_and_a_newer_window_takes_over(web: Web) -> None:
    said = web.log_in().headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in said
    cookie = said.partition(";")[0]
    async with window(web, cookie) as one:
        await one.sees("请工作人员刷卡")
        await asyncio.to_thread(web.tap, WANG)
        await one.sees("王强")
        async with window(web, cookie) as two:
            await one.ended()
            await two.sees("请工作人员刷卡")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with window(web, cookie, Origin="http://evil.example"):
            pass
    httpx2.post(f"{web.url}/logout", headers={"Cookie": cookie})
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with window(web, cookie):
            pass


async def test_a_self_check_machine_in_a_window_hears_its_own_taps(web: Web) -> None:
    cookie = web.log_in(desk="a-selfcheck").headers["set-cookie"].partition(";")[0]
    async with window(web, cookie) as one:
        await one.sees("请刷住户卡")
        await asyncio.to_thread(web.tap, RESIDENT, "a-selfcheck")
        await one.sees("3-2-501")


class Browser:
    """Chromium over its own protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": params})
        while True:
            said = json.loads((await self._socket.receive(timeout=30)).data)
            if said.get("id") == self._asked:
                assert "error" not in said, said
                return said["result"]

    async def run(self, script: str) -> Any:
        said = await self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        return said["result"].get("value")

    async def until(self, script: str) -> None:
        for _ in range(600):
            if await self.run(script):
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"not in the browser: {script}")

    async def key(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


@asynccontextmanager
async def chromium(folder: Path, url: str) -> AsyncIterator[Browser]:
    command = [needs("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu",
               "--remote-debugging-port=0", f"--user-data-dir={folder}", url]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        told = folder / "DevToolsActivePort"
        await asyncio.to_thread(until, lambda: told.exists() and told.read_text(), "Chromium")
        port = told.read_text().splitlines()[0]
        async with aiohttp.ClientSession() as session:
            pages = await (await session.get(f"http://127.0.0.1:{port}/json/list")).json()
            page = next(one for one in pages if one["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Browser(socket)
    finally:
        process.terminate()
        process.wait(20)


async def test_an_input_methods_commit_in_chromium_becomes_the_matter(
    web: Web, tmp_path: Path
) -> None:
    kept = tmp_path / "desk" / "drafts.json"
    async with chromium(tmp_path / "profile", f"{web.url}/login") as browser:
        await browser.until("document.querySelector('form') !== null")
        for name, value in (("username", "a-desk"), ("password", web.here.passwords["desk"])):
            await browser.run(f"document.querySelector('[name={name}]').value = {value!r}")
        await browser.run("document.querySelector('form').submit()")
        await browser.until("document.querySelector('textarea.xterm-helper-textarea') !== null")
        for card in (WANG, LI):
            await on_duty(web, card)
        await asyncio.sleep(1)
        await browser.run("document.querySelector('textarea.xterm-helper-textarea').focus()")
        for text, holds in (("1", '"kind"'), ("6", '"repair"'), ("三号楼二单元楼梯灯", "楼梯灯")):
            await browser.ask("Input.insertText", text=text)
            await saved(kept, holds)
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"text"')
        await browser.ask("Input.insertText", text="二楼的灯不亮,老人上下楼看不见")
        await saved(kept, "看不见")
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"phone"')
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"settle"')
        await browser.ask("Input.insertText", text="2")
        await asyncio.to_thread(until, lambda: made_matters(web), "the matter")
    assert made_matters(web) == [("三号楼二单元楼梯灯", "二楼的灯不亮,老人上下楼看不见")]


async def on_duty(web: Web, card: str) -> None:
    before = here_on_duty(web)
    await asyncio.to_thread(web.tap, card)
    await asyncio.to_thread(until, lambda: here_on_duty(web) > before, "on duty")


async def saved(file: Path, word: str) -> None:
    def there() -> bool:
        return file.exists() and word in file.read_text().replace('": ', '":')

    await asyncio.to_thread(until, there, f"{word} in the drafts")


def here_on_duty(web: Web) -> int:
    return web.here.flaky.seen.count(("POST", "/desks/d1/duty"))


def made_matters(web: Web) -> list[tuple[str, str]]:
    with web.here.session() as session:
        return [(one.place, one.text) for one in session.exec(select(MatterRow)).all()]
