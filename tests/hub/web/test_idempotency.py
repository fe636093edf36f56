"""A key is used once: the effect once, the answer as often as it is asked for."""

import threading
from collections import Counter
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlmodel import Session

from hub.app import create_app
from hub.db import table
from hub.registry.tables import CardBinding
from hub.web.deps import Hub
from hub.web.tables import IdempotencyKey
from tests.hub.conftest import bearer
from tests.hub.nodes import card
from tests.hub.web.test_routes import register

KEY = {"Idempotency-Key": "desk-1-000123"}


def body(no: int) -> dict[str, Any]:
    return {"card": card(no), "household": "11-1-104", "why": "handed out"}


def bound(hub: Hub) -> int:
    b = table(CardBinding).c
    with Session(hub.engine) as session:
        counted = select(func.count()).where(b.household_id == "11-1-104")
        return int(session.execute(counted).scalar_one())


def test_the_same_again_is_answered_and_not_done(client: TestClient, hub: Hub) -> None:
    register(hub)
    headers = bearer(hub, "office") | KEY
    first = client.post("/cards", json=body(5), headers=headers)
    again = client.post("/cards", json=body(5), headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert bound(hub) == 1


def test_a_key_is_for_one_request_of_one_caller(client: TestClient, hub: Hub) -> None:
    register(hub)
    headers = bearer(hub, "office") | KEY
    assert client.post("/cards", json=body(5), headers=headers).status_code == 200
    other = client.post("/cards", json=body(6), headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    lost = {"card": card(5), "why": "lost"}
    assert client.post("/cards/block", json=lost, headers=headers).status_code == 422
    somebody = bearer(hub, "committee") | KEY
    assert client.post("/cards", json=body(6), headers=somebody).status_code == 200
    assert bound(hub) == 2


def test_a_refused_request_leaves_its_key_free(client: TestClient, hub: Hub) -> None:
    register(hub)
    headers = bearer(hub, "office") | KEY
    wrong = body(5) | {"household": "99-9-9"}
    assert client.post("/cards", json=wrong, headers=headers).status_code == 404
    assert client.post("/cards", json=body(5), headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 65])
def test_a_key_has_a_shape(client: TestClient, hub: Hub, key: str) -> None:
    headers = bearer(hub, "office") | {"Idempotency-Key": key}
    assert client.post("/cards", json=body(5), headers=headers).status_code == 422


def test_many_at_once_do_it_once(hub: Hub) -> None:
    register(hub)
    app = create_app(hub)
    headers = bearer(hub, "office") | KEY
    answers: Counter[tuple[int, str]] = Counter()

    def ask() -> None:
        answer = TestClient(app).post("/cards", json=body(5), headers=headers)
        answers[answer.status_code, answer.headers.get("idempotency-replayed", "")] += 1

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {(200, ""): 1, (200, "true"): 5}
    assert bound(hub) == 1
    with Session(hub.engine) as session:
        keys = session.execute(select(table(IdempotencyKey))).all()
    assert [row.key for row in keys] == [KEY["Idempotency-Key"]]
    assert card(5) in str(keys[0].answer)
