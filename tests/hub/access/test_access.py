"""Who may call: tokens, roles, limits, and the traces that looking leaves."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from hub.access import tokens
from hub.access.limits import AT_ONCE, ATTEMPTS, ROOM, LoginLimit
from hub.access.tables import LookUp, User
from hub.access.users import ensure_admin, role_of
from hub.app import create_app
from hub.db import table, upsert, write_session
from hub.registry.tables import Household
from hub.web.deps import Hub
from tests.hub.conftest import Clock, bearer
from tests.hub.nodes import COMMUNITY, T_MS

SIGNER = tokens._signer(b"s" * 32, COMMUNITY)
OPEN = {"/healthz", "/readyz", "/auth/token"}


def test_every_route_but_health_and_login_asks_for_a_token(client: TestClient, hub: Hub) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert len(paths) > 12
    for path, methods in paths.items():
        for method in methods:
            url = path.replace("{", "").replace("}", "")
            answer = client.request(method, url)
            if path in OPEN:
                assert answer.status_code != 401
            else:
                assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
                assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_ends_with_the_hubs_clock(client: TestClient, hub: Hub, clock: Clock) -> None:
    headers = bearer(hub, "office")
    assert client.get("/points", headers=headers).status_code == 200
    clock.ms += tokens.LIFETIME_S * 1000
    assert client.get("/points", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "forged",
    [
        tokens.issue(b"x" * 32, COMMUNITY, "eve", "admin", T_MS),
        tokens.issue(b"s" * 32, "other", "eve", "admin", T_MS),
        tokens.issue(b"s" * 32, COMMUNITY, "eve", "emperor", T_MS),
        SIGNER.dumps({"sub": "eve", "role": "admin"}),
        SIGNER.dumps({"sub": "eve", "role": "admin", "exp": "9999999999"}),
        SIGNER.dumps(["eve", "admin", 9**12]),
        tokens.issue(b"s" * 32, COMMUNITY, "eve", "admin", T_MS)[:-1],
        URLSafeSerializer(b"s" * 32).dumps({"sub": "eve", "role": "admin", "exp": 9**12}),
        "nonsense",
    ],
)
def test_a_forged_token_is_refused(client: TestClient, forged: str) -> None:
    answer = client.get("/points", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401


def test_a_role_without_the_right_gets_403(client: TestClient, hub: Hub) -> None:
    headers = bearer(hub, "volunteer")
    assert client.get("/points", headers=headers).status_code == 200
    assert client.get("/households", headers=headers).status_code == 403
    assert client.get("/facts", headers=bearer(hub, "property")).status_code == 403


def test_five_wrong_passwords_a_minute_then_wait(
    client: TestClient, hub: Hub, clock: Clock
) -> None:
    with write_session(hub.engine) as session:
        password = ensure_admin(session, COMMUNITY, clock())
    wrong = {"username": "admin", "password": "guess"}
    right = {"username": "admin", "password": password}
    assert [client.post("/auth/token", data=wrong).status_code for _ in range(6)] == [
        *[401] * 5,
        429,
    ]
    answer = client.post("/auth/token", data=right)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    clock.ms += 61_000
    assert client.post("/auth/token", data=right).status_code == 200


def test_a_stranger_locks_nobody_out_from_elsewhere(hub: Hub, clock: Clock) -> None:
    with write_session(hub.engine) as session:
        password = ensure_admin(session, COMMUNITY, clock())
    app = create_app(hub)
    with TestClient(app, client=("10.0.0.66", 1)) as stranger:
        wrong = {"username": "admin", "password": "guess"}
        assert [stranger.post("/auth/token", data=wrong).status_code for _ in range(6)][-1] == 429
    with TestClient(app, client=("10.0.0.7", 1)) as office:
        right = {"username": "admin", "password": password}
        assert office.post("/auth/token", data=right).status_code == 200


def test_many_guesses_at_once_are_five_guesses(
    hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified, running, most = 0, 0, 0
    lock = threading.Lock()

    def watched(*words: Any) -> str | None:
        nonlocal verified, running, most
        with lock:
            verified, running = verified + 1, running + 1
            most = max(most, running)
        try:
            return role_of(*words)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr("hub.access.api.role_of", watched)
    wrong = {"username": "admin", "password": "guess"}
    with TestClient(create_app(hub)) as client, ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda _: client.post("/auth/token", data=wrong).status_code, range(24))
        assert set(answers) == {401, 429}
    assert verified == ATTEMPTS
    assert most <= AT_ONCE


def test_the_ninth_login_at_once_is_sent_away() -> None:
    limit = LoginLimit()
    with ExitStack() as stack:
        assert all(stack.enter_context(limit.room()) for _ in range(ROOM))
        assert not stack.enter_context(limit.room())
    with limit.room() as entered:
        assert entered


def test_a_name_longer_than_any_user_is_refused_unread(client: TestClient) -> None:
    form = {"username": "a" * 65, "password": "guess"}
    assert {client.post("/auth/token", data=form).status_code for _ in range(7)} == {401}


def test_the_first_start_makes_one_admin_with_a_password_of_its_own(hub: Hub) -> None:
    with write_session(hub.engine) as session:
        first = ensure_admin(session, COMMUNITY, T_MS)
    with write_session(hub.engine) as session:
        again = ensure_admin(session, COMMUNITY, T_MS)
        user = session.get(User, (COMMUNITY, "admin"))
        kept = user.password_hash if user else ""
    assert first is not None
    assert again is None
    assert kept.startswith("$argon2id$")
    assert first not in kept


def test_looking_at_a_household_leaves_a_trace(client: TestClient, hub: Hub) -> None:
    row = {"building": "11", "unit": "1", "room": "102", "from_day": date(2026, 1, 1)}
    with write_session(hub.engine) as session:
        key = {"community": COMMUNITY, "household_id": "11-1-102", "kind": "residence"}
        upsert(session.connection(), Household, [key | row])
    headers = bearer(hub, "office")
    for path in ("", "/balance", "/days?from=2026-05-01&to=2026-05-02"):
        answer = client.get(f"/households/11-1-102{path}", headers=headers)
        assert answer.status_code == 200, answer.text
    target = table(LookUp)
    with hub.engine.connect() as connection:
        seen = connection.execute(select(target).order_by(target.c.lookup)).all()
    assert [(row.household_id, row.user, row.role) for row in seen] == [
        ("11-1-102", "a-office", "office")
    ] * 3


def test_the_access_log_has_no_query_and_no_token(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with TestClient(create_app(hub)) as client:
        headers = bearer(hub, "office")
        client.get("/visits?point=p01&after=secret", headers=headers)
        client.get("/households/1%0aforged", headers=headers)
    told = [message for message in caplog.messages if "path=" in message]
    assert any("path='/visits' status=422" in line for line in told)
    assert not any("secret" in line or "Bearer" in line or "\n" in line for line in told)
