"""textual-serve behind a log-in page: no cookie, no terminal; one browser a desk."""

import asyncio
import html
import shlex
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from kiosk.common.hub import HubAwayError, HubError, HubPort, HubRefusedError
from kiosk.common.settings import HubConfig
from kiosk.common.terminal import utc_ms
from kiosk.web.config import WebConfig, WebDesk
from kiosk.web.sessions import LASTS_MS, Sessions

COOKIE = "lianxin-desk"
OPEN = ("/login",)
MAX_BODY = 4096
HEARTBEAT_S = 15
SIZE = (("width", 80), ("height", 24))
TEMPLATES = Path(__file__).parent / "page"
"""The library's own page asks the network for a font and says in English that it ended."""
PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>合署办公</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:20px sans-serif;max-width:24em;margin:4em auto}}
label{{display:block;margin:1em 0}}
input,select,button{{font:inherit;width:100%;box-sizing:border-box;padding:.3em}}
.bad{{background:#b00020;color:#fff;padding:.5em}}</style>
<h1>合署办公</h1>{said}<form method="post" action="/login">
<label>前台<select name="desk">{desks}</select></label>
<label>用户名<input name="username" autocomplete="username" required maxlength="64"></label>
<label>密码<input name="password" type="password" autocomplete="current-password" required
maxlength="128"></label><button>登录</button></form></html>"""
REFUSED = {
    401: "用户名或密码不对", 403: "此账号无权使用前台", 429: "密码错得太多:请等一分钟",
}  # fmt: skip
HEADERS = {
    "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip


class DeskServer(Server):
    """The library's server for each desk, and a gate before all of them."""

    def __init__(self, config: WebConfig) -> None:
        url = config.public_url or f"http://{config.host}:{config.port}"
        super().__init__("", config.host, config.port, "合署办公", url, templates_path=TEMPLATES)
        self._config = config
        self._secure = url.startswith("https")
        self._desks = {one.desk: one for one in config.desks}
        self._sessions = Sessions(utc_ms)
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._gate)
        app._client_max_size = MAX_BODY  # noqa: SLF001 - the library makes the application
        app.add_routes(
            [
                web.get("/login", self._ask),
                web.post("/login", self._log_in),
                web.post("/logout", self._log_out),
            ]
        )
        return app

    def initialize_logging(self) -> None:
        """The library's would set the root logger's level and write locals."""

    async def on_startup(self, app: web.Application) -> None:
        """The command says where it listens."""

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        inside = self._desk(request) is not None or request.path in OPEN
        if not inside and request.path == "/":
            raise web.HTTPFound("/login")
        if not inside or not self._own(request):
            raise web.HTTPForbidden(text="log in first")
        response: web.StreamResponse = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    def _own(self, request: web.Request) -> bool:
        """Whether a page of this server asks: a foreign one names its origin."""
        origin = request.headers.get("Origin")
        return origin is None or origin == self.public_url

    def _desk(self, request: web.Request) -> str | None:
        return self._sessions.desk_of(request.cookies.get(COOKIE))

    async def _ask(self, _request: web.Request) -> web.Response:
        return self._page("")

    async def _log_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        desk, name, password = (str(form.get(key, "")) for key in ("desk", "username", "password"))
        if desk not in self._desks:
            return self._page("没有这个前台", 422)
        said, status = await asyncio.to_thread(self._refused, desk, name, password)
        if said:
            return self._page(said, status)
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(
            COOKIE, self._sessions.open(desk), max_age=LASTS_MS // 1000, httponly=True,
            samesite="Strict", secure=self._secure, path="/",
        )  # fmt: skip
        return response

    async def _log_out(self, request: web.Request) -> web.Response:
        self._sessions.close(request.cookies.get(COOKIE))
        response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(COOKIE, path="/")
        return response

    def _refused(self, desk: str, name: str, password: str) -> tuple[str, int]:
        """What the hub has against it; empty when it may."""
        hub = HubConfig(url=self._config.hub, username=name, password=password, ca=self._config.ca)
        port = HubPort(hub)
        try:
            port.get(f"/desks/{desk}", token=port.log_in(name, password))
        except HubAwayError:
            return "连不上:请稍候再试", 503
        except HubRefusedError as error:
            return REFUSED.get(error.status, "没有登录,请再试"), error.status
        except HubError:
            return "没有登录,请再试", 502
        finally:
            port.close()
        return "", 200

    def _page(self, said: str, status: int = 200) -> web.Response:
        desks = "".join(
            f'<option value="{one.desk}">{html.escape(one.title)}</option>'
            for one in self._config.desks
        )
        bad = f'<p class="bad">✗ {html.escape(said)}</p>' if said else ""
        text = PAGE.format(said=bad, desks=desks)
        return web.Response(text=text, status=status, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """The desk's terminal; a newer window takes the desk over from an older one."""
        name = self._desk(request)
        if name is None:
            raise web.HTTPForbidden(text="log in first")
        before, mine = self._running.get(name), asyncio.current_task()
        assert mine is not None  # noqa: S101 - a handler is always a task
        self._running[name] = mine
        if before is not None and not before.done():
            before.cancel()
            await asyncio.wait([before], timeout=10)
        try:
            served: web.WebSocketResponse = await self._one(self._desks[name], request)
            return served
        finally:
            if self._running.get(name) is mine:
                del self._running[name]

    async def _one(self, desk: WebDesk, request: web.Request) -> web.WebSocketResponse:
        command = [sys.executable, "-m", "kiosk", desk.terminal, "--config", str(desk.config)]
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S)
        await socket.prepare(request)

        async def close() -> None:
            await socket.close()

        service = Service(
            shlex.join(command), write_bytes=socket.send_bytes, write_str=socket.send_str,
            close=close, download_manager=self.download_manager,
        )  # fmt: skip
        size = (to_int(request.query.get(name, ""), most) for name, most in SIZE)
        await service.start(*size)
        try:
            await self._process_messages(socket, service)
        finally:
            await service.stop()
        return socket


class Service(AppService):
    """The library's, whose window would stay open, and dead, when its terminal was killed."""

    async def run(self) -> None:
        await super().run()
        await self.remote_close()
