"""The hub's public HTTP API, as any other program may use it."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2

PAGE = 500
RETRY_S = 0.5


class HubRefusedError(Exception):
    """An answer that is not what was asked for; the message names route, status and detail."""


class HubClient:
    """Logs in by itself, again when the token has run out."""

    def __init__(self, url: str, password: str, username: str = "admin") -> None:
        self._http = httpx2.Client(base_url=url, timeout=15.0)
        self._who = {"username": username, "password": password}

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: object) -> Any:
        return self._ask("GET", path, params={k: str(v) for k, v in query.items()})

    def post(self, path: str, body: object) -> Any:
        return self._ask("POST", path, json=body)

    def put(self, path: str, body: object) -> Any:
        return self._ask("PUT", path, json=body)

    def pages(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Every item of a paged list."""
        after: dict[str, object] = {}
        while True:
            page = self.get(path, limit=PAGE, **query, **after)
            yield from page["items"]
            if not page.get("next"):
                return
            after = {"after": page["next"]}

    def ready(self) -> bool:
        """Whether the hub answers at all."""
        try:
            return self._http.get("/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def takes_facts(self) -> bool:
        """Whether the hub says that nothing stands in the way."""
        try:
            return self._http.get("/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        if "authorization" not in self._http.headers:
            self._log_in()
        answer = self._send(method, path, **what)
        if answer.status_code == 401:
            self._log_in()
            answer = self._send(method, path, **what)
        if answer.is_error:
            msg = f"{method} {path}: {answer.status_code}, expected success: {answer.text[:300]}"
            raise HubRefusedError(msg)
        return answer.json()

    def _log_in(self) -> None:
        answer = self._send("POST", "/auth/token", data=self._who)
        if answer.is_error:
            msg = f"log-in as {self._who['username']}: {answer.status_code}: {answer.text[:300]}"
            raise HubRefusedError(msg)
        self._http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def _send(self, method: str, path: str, **what: Any) -> httpx2.Response:
        try:
            return self._http.request(method, path, **what)
        except httpx2.TransportError as error:
            if method != "GET":
                raise HubRefusedError(f"{method} {path}: {error}; is the hub running?") from error
        time.sleep(RETRY_S)
        try:
            return self._http.request(method, path, **what)
        except httpx2.TransportError as error:
            raise HubRefusedError(f"{method} {path}: {error}; is the hub running?") from error
