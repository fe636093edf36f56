"""Visits without a card (R28): who they belong to, how many count, and who decides the rest."""

from datetime import date, timedelta

import pytest

from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]
ACCEPT = {"value": "accepted", "reason": "看过登记表"}


def entered(office: OfficeWorld, name: str, day: date, door: str = HOME, shift: str = "6") -> str:
    at = f"{day}T07:10"
    visit = office.manual(name, door, at, shift * 32)
    office.verdict(visit, "accepted", at)
    return visit


def test_a_door_is_paid_up_to_the_cap_of_its_month_and_then_held(office: OfficeWorld) -> None:
    office.policy(manual_per_month=2)
    days = [DAY - timedelta(days=n) for n in (2, 1, 0)]
    visits = [entered(office, f"m{n}", day) for n, day in enumerate(days)]
    assert days[0].month == days[2].month
    for day in days:
        office.settle(day)
    assert [office.reason(HOME, day) for day in days] == ["paid", "paid", "manual_over_cap"]
    assert office.held() == [(visits[2], "manual_over_cap")]
    office.post(f"/held/{visits[2]}/decision", ACCEPT)
    assert (office.reason(HOME), office.fen(HOME), office.held()) == ("paid", 90, [])
    for day in days:
        assert office.settle(day)["entries"] == 0


def test_room_that_a_decision_frees_goes_to_the_next_in_the_same_month(office: OfficeWorld) -> None:
    office.policy(manual_per_month=1)
    before = DAY - timedelta(days=1)
    first, then = entered(office, "m1", before), entered(office, "m2", DAY)
    office.settle(before)
    office.settle()
    assert office.held() == [(then, "manual_over_cap")]
    office.post(f"/held/{first}/decision", {"value": "rejected", "reason": "录错了"})
    assert (office.fen(HOME), office.settle()["entries"], office.fen(HOME)) == (0, 1, 30)
    assert office.held() == []


def test_an_unknown_door_waits_for_an_owner_and_is_paid_to_the_right_one(
    office: OfficeWorld,
) -> None:
    visit = entered(office, "m1", DAY, "99-9-999")
    office.settle()
    (item,) = office.get("/held")["items"]
    assert (item["reason"], item["door"], item["household"]) == ("door_unknown", "99-9-999", None)
    assert item["owner"] == "office"
    url = f"/held/{visit}/decision"
    assert office.post(url, ACCEPT, 409)["type"] == "/problems/door-unknown"
    assert office.post(url, ACCEPT | {"household": "9-9-9"}, 409)["type"].endswith("no-household")
    assert office.post("/held/decisions", ACCEPT | {"visits": [visit]})["left"] == [visit]
    office.post(url, ACCEPT | {"household": OTHER})
    assert (office.reason(OTHER), office.fen(OTHER), office.held()) == ("paid", 30, [])
    assert office.day(OTHER)["visits"][0]["source"] == "manual"


def test_an_unknown_door_that_was_rejected_asks_nobody(office: OfficeWorld) -> None:
    visit = office.manual("m1", "99-9-999", "07:10")
    office.verdict(visit, "rejected", "07:11")
    assert office.settle()["held"] == 0
    other = entered(office, "m2", DAY, "99-9-998")
    office.settle()
    office.post(f"/held/{other}/decision", {"value": "rejected", "reason": "查无此户"})
    assert office.held() == []


def test_a_visit_under_the_wrong_door_moves_with_its_money(office: OfficeWorld) -> None:
    visit = entered(office, "m1", DAY)
    office.settle()
    assert (office.fen(HOME), office.fen(OTHER)) == (30, 0)
    office.post(f"/held/{visit}/decision", ACCEPT | {"household": OTHER})
    assert (office.fen(HOME), office.fen(OTHER)) == (0, 30)
    assert (office.reason(HOME), office.reason(OTHER)) == ("no_event", "paid")
    (shown,) = office.get(f"/visits?day={DAY}")["items"]
    assert shown["household"] == OTHER
