"""The hub over HTTP, as a terminal's working thread sees it. Never called by a screen."""

import logging
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from kiosk.common.settings import HubConfig

CONNECT_S = 3.0
ANSWER_S = 10.0
Json = dict[str, Any]
# It would write every address, and doors stand in addresses.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Answer:
    """What the hub said: the body as JSON, or as bytes where it is none."""

    body: Any
    tag: str | None = None
    content: bytes = b""
    media_type: str = ""


class HubError(Exception):
    """The hub cannot be asked, or says no."""


class HubAwayError(HubError):
    """No connection, no answer, or not one of a hub; the message is for a technician."""


@dataclass
class HubRefusedError(HubError):
    """A problem document. ``kind`` is the tail of its type."""

    status: int
    kind: str
    detail: str
    where: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.kind}"


class HubPort:
    """One account at the hub; logs in by itself. Each thread needs one of its own."""

    def __init__(self, config: HubConfig) -> None:
        self._config = config
        self._token: str | None = None
        verify: ssl.SSLContext | bool = True
        if config.ca is not None:
            verify = ssl.create_default_context(cafile=str(config.ca))
        timeout = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
        self._client = httpx2.Client(
            base_url=config.url, timeout=timeout, verify=verify, trust_env=False
        )
        self._closing = threading.Event()

    def close(self) -> None:
        """Ends the connections; a call under way fails."""
        self._closing.set()
        self._client.close()

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        wait_s: int | None = None,
    ) -> Answer:
        """Raises HubError. Parameters that are None are left out."""
        asked = {**(params or {}), "wait_s": wait_s}
        given = {name: value for name, value in asked.items() if value is not None}
        timeout = httpx2.Timeout(ANSWER_S + (wait_s or 0), connect=CONNECT_S)
        return self._asked("GET", path, token, params=given, timeout=timeout)

    def page(self, path: str, accept: str) -> Answer:
        """Something else than JSON."""
        return self._asked("GET", path, None, headers={"Accept": accept})

    def post(
        self,
        path: str,
        body: Json,
        *,
        once: str | None = None,
        tag: str | None = None,
        token: str | None = None,
        method: str = "POST",
    ) -> Answer:
        """``once`` is the key under which it is done once; ``tag`` what was shown."""
        headers = {}
        if once is not None:
            headers["Idempotency-Key"] = once
        if tag is not None:
            headers["If-Match"] = tag
        return self._asked(method, path, token, json=body, headers=headers)

    def log_in(self, username: str, password: str) -> str:
        """A bearer token of an account; raises HubRefusedError with 401 or 429."""
        form = {"username": username, "password": password}
        answer = _read(self._sent("POST", "/auth/token", data=form))
        try:
            return str(answer.body["access_token"])
        except (KeyError, TypeError):
            msg = f"{self._config.url}: the log-in was answered without a token"
            raise HubAwayError(msg) from None

    def _asked(self, method: str, path: str, token: str | None, **more: Any) -> Answer:
        headers = more.pop("headers", {})
        for again in (True, False):
            bearer = token or self._token or self._logged_in()
            sent = {**headers, "Authorization": f"Bearer {bearer}"}
            response = self._sent(method, path, headers=sent, **more)
            if response.status_code != 401 or token is not None or not again:
                break
            self._token = None
        return _read(response)

    def _logged_in(self) -> str:
        self._token = self.log_in(self._config.username, self._config.password)
        return self._token

    def _sent(self, method: str, path: str, **more: Any) -> httpx2.Response:
        try:
            return self._client.request(method, path, **more)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            msg = f"{self._config.url}: {type(error).__name__}"
            raise HubAwayError(msg) from error
        except RuntimeError as error:  # a closed client says so only in this way
            if not self._closing.is_set():
                raise
            raise HubAwayError("closed") from error


def _read(response: httpx2.Response) -> Answer:
    media_type = response.headers.get("content-type", "").partition(";")[0]
    is_json = media_type.endswith("json")
    try:
        body = response.json() if is_json and response.content else None
    except ValueError as error:
        msg = f"{response.status_code} with unreadable JSON"
        raise HubAwayError(msg) from error
    if response.is_success:
        return Answer(body, response.headers.get("etag"), response.content, media_type)
    if not isinstance(body, dict) or "type" not in body:
        msg = f"{response.status_code} without a problem document"
        raise HubAwayError(msg)
    kind = str(body["type"]).rpartition("/")[2]
    where = {
        str(item.get("where", "")).rpartition(".")[2]: str(item.get("detail", ""))
        for item in body.get("errors", [])
        if isinstance(item, dict)
    }
    raise HubRefusedError(response.status_code, kind, str(body.get("detail", "")), where)
