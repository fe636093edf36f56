"""A desk in a browser: the log-in, the cookie, one window a desk, taps."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import httpx2
import pytest

from hub.access.users import add_user
from tests.hub.nodes import COMMUNITY
from tests.kiosk.hub_here import LI, MORNING_MS, RESIDENT, WANG, HubHere
from tests.kiosk.web.browser import Web, saved, serving

pytestmark = pytest.mark.long


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

    def cut(self) -> None:
        """Nobody says goodbye."""
        connection = self._socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()

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


async def test_a_tap_goes_once_to_its_own_desk(web: Web) -> None:
    cookies = [
        web.log_in(desk=desk).headers["set-cookie"].partition(";")[0] for desk in ("d1", "d2")
    ]
    async with window(web, cookies[0]) as one, window(web, cookies[1]) as two:
        for screen in (one, two):
            await screen.sees("请工作人员刷卡")
        await asyncio.to_thread(web.tap, WANG)
        await asyncio.to_thread(web.tap, LI, "d2")
        await one.sees("王强")
        await two.sees("李梅")
        assert "李梅" not in one.sent
        assert "王强" not in two.sent
    seen = web.here.flaky.seen
    assert [seen.count(("POST", f"/desks/{desk}/who")) for desk in ("d1", "d2")] == [1, 1]


async def test_a_lost_line_keeps_the_draft_for_the_next_window(web: Web, tmp_path: Path) -> None:
    cookie = web.log_in().headers["set-cookie"].partition(";")[0]
    kept = tmp_path / "desk" / "drafts.json"
    async with window(web, cookie) as one:
        await one.sees("请工作人员刷卡")
        await asyncio.to_thread(web.tap, WANG)
        await one.sees("您好")
        await one.type("1")
        await one.sees("报修")
        await one.type("6")
        await saved(kept, '"repair"')
        await one.type("大门口")
        await saved(kept, "大门口")
        one.cut()
    async with window(web, cookie) as two:
        await two.sees("已存草稿 1 份")
