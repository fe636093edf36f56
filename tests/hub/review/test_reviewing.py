"""The daily list: written at night with its evidence, closed by people, and never money."""

from typing import Any

import pytest
from sqlalchemy import MetaData, select

from hub.rewards.nightly import settle_due
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound
from wire.facts import Fault

office = pytest.fixture(name="office")(compound)
FINE = {"action": "fine", "reason": "祖孙三代一起来的"}


def busy_day(office: OfficeWorld) -> list[dict[str, Any]]:
    fault = Fault.model_validate({"device": "scale-3", "state": "raised", "what": "silent"})
    office.send(fault, "f1", "06:30")
    one = office.manual("m1", HOMES[0], "07:10")
    office.verdict(one, "accepted", "07:11", by="v102")
    office.tap("e1", HOMES[1], "07:20")
    office.tap("e2", HOMES[1], "07:20", point="p02")
    office.at("2026-05-04T03:01")
    settle_due(office.hub, None)
    items: list[dict[str, Any]] = office.get(f"/review?day={DAY}")["items"]
    return items


def books(office: OfficeWorld) -> dict[str, list[Any]]:
    """Everything that is money or decides about it."""
    tables = MetaData()
    tables.reflect(office.hub.engine)
    money = ("ledger", "settlement", "outcome", "payout", "redemption", "staff", "assign", "policy")
    with office.hub.engine.connect() as connection:
        return {
            name: sorted(map(str, connection.execute(select(target))))
            for name, target in tables.tables.items()
            if any(word in name for word in money)
        }


def test_the_night_writes_down_what_to_look_at(office: OfficeWorld) -> None:
    items = busy_day(office)
    assert [(item["point"], item["signal"]) for item in items] == [
        ("p01", "own_home"), ("p01", "by_hand"), ("p01", "sample"),
        ("p02", "two_points"), ("p02", "sample"),
    ]  # fmt: skip
    (own, *_, two, _) = items
    assert own["evidence"]["faults"][0]["device"] == "scale-3", "it may explain much"
    assert two["evidence"]["faults"] == []
    assert {visit["household"] for visit in two["evidence"]["visits"]} == {HOMES[1]}
    office.tap("e3", HOMES[2], "07:30")
    office.at("2026-05-05T03:01")
    settle_due(office.hub, None)
    again = office.get(f"/review?day={DAY}")["items"]
    assert again == items, "a supplement adds what is new, and nothing twice"


def test_closing_every_item_leaves_every_figure_as_it_was(office: OfficeWorld) -> None:
    items = busy_day(office)
    before = books(office)
    for item in items:
        url = f"/review/{item['day']}/{item['point']}/{item['number']}/result"
        assert office.post(url, FINE)["result"]["action"] == "fine"
        assert office.post(url, FINE, 409)["type"] == "/problems/review-closed"
    assert office.get("/review?state=open")["items"] == []
    assert len(office.get("/review?state=closed&limit=500")["items"]) == len(items)
    office.at("2026-05-05T03:01")
    settle_due(office.hub, None)
    after = books(office)
    assert {name: rows for name, rows in after.items() if name.startswith("ledger")} == {
        name: rows for name, rows in before.items() if name.startswith("ledger")
    }
    assert before.keys() == after.keys()
    assert all(set(rows) <= set(after[name]) for name, rows in before.items())


def test_a_review_may_become_a_dispute_that_somebody_answers(office: OfficeWorld) -> None:
    item = busy_day(office)[0]
    before = books(office)
    url = f"/review/{item['day']}/{item['point']}/{item['number']}/result"
    visit = item["evidence"]["visits"][0]
    office.post(url, {"action": "dispute", "reason": "x"}, 422)
    asked = {"household": visit["household"], "visit": visit["visit"], "reason": "自评自家"}
    done = office.post(url, asked | {"action": "dispute"})
    (opened,) = office.get("/disputes")["items"]
    assert (opened["dispute"], opened["claim"]) == (done["result"]["dispute"], "自评自家")
    after = books(office)
    del before["ledger_link"], after["ledger_link"]  # the dispute is linked, and that is all
    assert after == before
    office.post(f"/review/{DAY}/p09/1/result", FINE, 404)
