"""A desk in a browser: the server as a process, and Debian's Chromium over its own protocol."""

import asyncio
import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest

from tests.kiosk.hub_here import HubHere
from tests.programs import free_port, listens, needs, until

ANSWERED_S = 1.0
"""From a question at the hub to its answer's effect on the screen, which no test can read."""


@dataclass
class Web:
    here: HubHere
    url: str
    pid: int

    def log_in(
        self, password: str | None = None, user: str = "a-desk", desk: str = "d1"
    ) -> httpx2.Response:
        form = {"desk": desk, "username": user,
                "password": password or self.here.passwords["desk"]}  # fmt: skip
        return httpx2.post(f"{self.url}/login", data=form, follow_redirects=False)

    def terminals(self) -> list[int]:
        """The programs behind the windows; a shell stands before each."""
        shells = _children(self.pid)
        return [child for shell in shells for child in _children(shell)] or shells

    def tap(self, card: str, desk: str = "d1") -> None:
        token = httpx2.post(
            f"{self.here.url}/auth/token",
            data={"username": "a-desk", "password": self.here.passwords["desk"]},
        ).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.here.url}/desks/{desk}/taps"
        done = httpx2.post(url, json={"card": card}, headers=headers)
        assert done.status_code == 202, done.text


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in told.split()]


@contextmanager
def serving(here: HubHere, folder: Path) -> Iterator[Web]:
    port = free_port()
    for desk, data in (("d1", "desk"), ("d2", "desk-2")):
        (folder / f"{desk}.toml").write_text(
            f'desk = "{desk}"\ntaps = "hub"\ndata = "{data}"\n[hub]\nurl = "{here.url}"\n'
            f'username = "a-desk"\npassword = "{here.passwords["desk"]}"\n'
        )
    (folder / "self.toml").write_text(
        f'desk = "a-selfcheck"\ntaps = "hub"\n[hub]\nurl = "{here.url}"\n'
        f'username = "a-selfcheck"\npassword = "{here.passwords["selfcheck"]}"\n'
    )
    (folder / "web.toml").write_text(
        f'port = {port}\nhub = "{here.url}"\n'
        '[[desks]]\ndesk = "d1"\ntitle = "一号前台"\nconfig = "d1.toml"\n'
        '[[desks]]\ndesk = "d2"\ntitle = "二号前台"\nconfig = "d2.toml"\n'
        '[[desks]]\ndesk = "a-selfcheck"\ntitle = "自助"\nconfig = "self.toml"\n'
        'terminal = "self"\n'
    )
    command = [sys.executable, "-m", "kiosk", "web", "--config", str(folder / "web.toml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: listens(port), "the web server")
        yield Web(here, f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(20)


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

    async def picture(self) -> bytes:
        """The page as it is seen, PNG."""
        return b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])

    async def type(self, text: str) -> None:
        """As an input method commits it."""
        await self.ask("Input.insertText", text=text)

    async def key(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


@asynccontextmanager
async def chromium(folder: Path, url: str) -> AsyncIterator[Browser]:
    command = [needs("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu",
               "--window-size=1280,800", "--hide-scrollbars",
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


async def opened(browser: Browser, web: Web) -> None:
    """Logged in at the first desk, its terminal in front."""
    await browser.until("document.querySelector('form') !== null")
    for name, value in (("username", "a-desk"), ("password", web.here.passwords["desk"])):
        await browser.run(f"document.querySelector('[name={name}]').value = {value!r}")
    before = len(web.here.flaky.seen)
    await browser.run("document.querySelector('form').submit()")
    await at_the_desk(browser, web, before)


async def at_the_desk(browser: Browser, web: Web, before: int) -> None:
    """What is typed goes to the terminal without a click, and it hears taps.

    ``before``: how much the hub had been asked when the page was.
    """
    await browser.until("document.activeElement?.matches('textarea.xterm-helper-textarea')")
    order = [("POST", "/auth/token"), ("GET", "/desks/d1/taps")]
    await asyncio.to_thread(until, lambda: follow(web.here.flaky.seen[before:], order), "taps")


def follow(seen: list[tuple[str, str]], order: list[tuple[str, str]]) -> bool:
    """Whether these were asked one after the other."""
    rest = iter(seen)
    return all(one in rest for one in order)


async def on_duty(web: Web, card: str) -> None:
    await tapped(web, card, "duty")


async def tapped(web: Web, card: str, asks: str) -> None:
    """Until the desk has asked about the card and reads its first page: it is unlocked then."""
    before = len(web.here.flaky.seen)
    order = [("POST", f"/desks/d1/{asks}"), ("GET", "/matter-kinds")]
    await asyncio.to_thread(web.tap, card)
    await asyncio.to_thread(until, lambda: follow(web.here.flaky.seen[before:], order), asks)
    await asyncio.sleep(ANSWERED_S)


async def saved(file: Path, word: str) -> None:
    def there() -> bool:
        return file.exists() and word in file.read_text().replace('": ', '":')

    await asyncio.to_thread(until, there, f"{word} in the drafts")
