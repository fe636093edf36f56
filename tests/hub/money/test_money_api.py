"""Money and points out over HTTP: once, never more than there is, with somebody's name on it."""

import itertools
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from hub.db import table, write_session
from hub.ledger.verify import verify
from hub.money.tables import MoneyOrder
from hub.web.deps import Hub
from tests.hub.conftest import bearer
from tests.hub.rewards.registry_rows import at_ms
from tests.hub.rewards.test_api import HOMES, settle, world

PAID = HOMES[0]
_numbers = itertools.count(1)


class Office:
    """An officer's hands on the API, a month later; 30 fen were earned by one household."""

    def __init__(self, client: TestClient, hub: Hub) -> None:
        world(hub)
        hub.now_ms.ms = at_ms("2026-05-04T10:00:00+08:00")  # type: ignore[attr-defined]
        self.client, self.hub = client, hub
        self.headers = bearer(hub, "office")
        settle(client, self.headers)
        hub.now_ms.ms = at_ms("2026-06-02T10:00:00+08:00")  # type: ignore[attr-defined]
        self.headers = bearer(hub, "admin")

    def post(self, path: str, code: int = 200, *, key: str = "", **body: object) -> Any:
        headers = self.headers | {"Idempotency-Key": key or f"k{next(_numbers)}"}
        answer = self.client.post(path, json={"reason": "试"} | body, headers=headers)
        assert answer.status_code == code, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def balance(self) -> tuple[int, int]:
        said = self.get(f"/households/{PAID}/balance")
        return said["balance_fen"], said["available_fen"]


@pytest.fixture
def office(client: TestClient, hub: Hub) -> Office:
    return Office(client, hub)


def test_a_month_is_set_aside_once_and_paid_once(office: Office) -> None:
    opened = office.post("/payouts", month="2026-05", min_fen=1)
    assert opened == {"month": "2026-05", "opened": 1, "total_fen": 30}
    assert office.post("/payouts", month="2026-05", min_fen=1)["opened"] == 0
    assert office.balance() == (30, 0)
    [payout] = office.get("/payouts?month=2026-05")["items"]
    assert (payout["household"], payout["amount_fen"], payout["result"]) == (PAID, 30, None)
    where = f"/payouts/2026-05/{PAID}/result"
    assert office.post(where, result="posted") == {"result": "posted"}
    assert office.post(where, result="posted") == {"result": "already_posted"}
    assert office.post(where, result="void") == {"result": "already_posted"}
    assert office.balance() == (0, 0)
    [payout] = office.get(f"/payouts?household={PAID}")["items"]
    assert payout["result"] == "posted"
    assert isinstance(payout["entry"], int)


def test_a_failed_transfer_is_void_and_can_be_sent_again(office: Office) -> None:
    office.post("/payouts", month="2026-05", min_fen=1)
    office.post(f"/payouts/2026-05/{PAID}/result", result="void")
    assert office.balance() == (30, 30)
    assert office.post("/payouts", month="2026-05", min_fen=1)["total_fen"] == 30
    ended = [item["result"] for item in office.get("/payouts")["items"]]
    assert ended == ["void", None]


def test_a_request_sent_twice_pays_once(office: Office) -> None:
    first = office.post("/payouts", key="same", month="2026-05", min_fen=1)
    assert office.post("/payouts", key="same", month="2026-05", min_fen=1) == first
    assert len(office.get("/payouts")["items"]) == 1
    office.post("/payouts", 422, key="same", month="2026-04", min_fen=1)


def test_money_needs_a_key_and_an_office(office: Office) -> None:
    body = {"month": "2026-05", "reason": "试"}
    answer = office.client.post("/payouts", json=body, headers=office.headers)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (
        400, "idempotency-key-missing",
    )  # fmt: skip
    for role in ("auditor", "committee", "property", "volunteer", "technician"):
        theirs = bearer(office.hub, role) | {"Idempotency-Key": "x"}
        for path in ("/payouts", "/redemptions", "/grants"):
            assert office.client.post(path, json={}, headers=theirs).status_code == 403


def test_what_is_small_is_carried_and_a_month_that_runs_is_refused(office: Office) -> None:
    assert office.post("/payouts", month="2026-05")["opened"] == 0, "less than one yuan"
    assert office.balance() == (30, 30)
    said = office.post("/payouts", 409, month="2026-06", min_fen=1)
    assert "month-not-over" in said["type"]
    office.post(f"/payouts/2026-05/{PAID}/result", 404, result="posted")


def redemption(key: str, amount: int, unit: str = "fen") -> dict[str, object]:
    return {"amount": amount, "unit": unit, "household": PAID} | {"key": key}


def redeem(office: Office, key: str, amount: int, code: int = 200, unit: str = "fen") -> Any:
    headers = office.headers | {"Idempotency-Key": f"h{next(_numbers)}"}
    body = redemption(key, amount, unit) | {"reason": "兑换垃圾袋"}
    answer = office.client.post("/redemptions", json=body, headers=headers)
    assert answer.status_code == code, answer.text
    return answer.json()


def test_a_redemption_is_set_aside_then_posted_or_void_and_never_overdrawn(office: Office) -> None:
    assert redeem(office, "shop-1", 20) == {"said": "accepted"}
    assert redeem(office, "shop-1", 20) == {"said": "duplicate"}
    assert "redemption-key-used" in redeem(office, "shop-1", 21, 409)["type"]
    assert "not-enough" in redeem(office, "shop-2", 11, 409)["type"]
    assert office.balance() == (30, 10)
    assert office.post("/redemptions/shop-1/result", result="void") == {"result": "void"}
    assert office.balance() == (30, 30)
    redeem(office, "shop-3", 30)
    assert office.post("/redemptions/shop-3/result", result="posted") == {"result": "posted"}
    assert office.balance() == (0, 0)
    office.post("/redemptions/none/result", 404, result="posted")
    assert [item["result"] for item in office.get("/redemptions")["items"]] == ["void", "posted"]


def test_points_are_granted_spent_and_never_money(office: Office) -> None:
    office.post("/grants", household=PAID, points=20)
    said = office.get(f"/households/{PAID}/balance")
    assert (said["balance_fen"], said["balance_points"]) == (30, 20)
    assert "not-enough" in redeem(office, "p1", 21, 409, "point")["type"]
    redeem(office, "p2", 20, unit="point")
    office.post("/redemptions/p2/result", result="posted")
    said = office.get(f"/households/{PAID}/balance")
    assert (said["balance_fen"], said["balance_points"]) == (30, 0)
    units = [item["unit"] for item in office.get(f"/entries?household={PAID}")["items"]]
    assert units == ["fen", "point", "point"]


def test_every_order_has_a_name_and_words_and_stays(office: Office) -> None:
    office.post("/payouts", month="2026-05", min_fen=1)
    office.post(f"/payouts/2026-05/{PAID}/result", result="posted")
    with Session(office.hub.engine) as session:
        rows = session.execute(select(table(MoneyOrder)).order_by(text("sequence"))).all()
        assert [(row.what, row.subject, row.result, row.user, row.reason) for row in rows] == [
            ("open", "2026-05", "opened 1", "a-admin", "试"),
            ("payout", f"2026-05 {PAID}", "posted", "a-admin", "试"),
        ]
        assert verify(session, office.hub.community) == []
    for change in ("UPDATE money_order SET reason = 'x'", "DELETE FROM money_order"):
        with pytest.raises(DBAPIError, match="append-only"), write_session(office.hub.engine) as s:
            s.execute(text(change))


def test_lists_come_in_pages_and_as_csv(office: Office) -> None:
    for number in range(5):
        redeem(office, f"s{number}", 1)
    first = office.get("/redemptions?limit=3")
    rest = office.get(f"/redemptions?limit=3&after={first['next']}")
    assert [item["key"] for item in first["items"] + rest["items"]] == [f"s{n}" for n in range(5)]
    assert rest["next"] is None
    asked = office.client.get("/redemptions", headers=office.headers | {"Accept": "text/csv"})
    assert asked.text.splitlines()[0].endswith("result,entry")
