"""A month closes once, when nobody waits in it, and what comes later is booked later."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from tests.hub.rewards.office_world import HOMES, OfficeWorld, compound

office = pytest.fixture(name="office")(compound)
CLOSE = {"reason": "月结"}


def test_a_month_does_not_close_while_anybody_waits(office: OfficeWorld) -> None:
    office.accepted("e1", HOMES[0], "07:01")
    held = office.tap("e2", HOMES[1], "07:02")
    assert office.post("/months/2026-05/close", CLOSE, 409)["detail"] == "2026-05 is not over"
    office.at("2026-06-01T10:00")
    unsettled = office.post("/months/2026-05/close", CLOSE, 409)
    assert "not settled: 2026-05-03" in unsettled["detail"]
    office.settle()
    told = office.get("/months/2026-05")
    assert told["held"] == [{"point": "p01", "reason": "verdict_pending", "visits": 1}]
    assert "1 held as verdict_pending at p01" in told["in_the_way"]
    assert office.post("/months/2026-05/close", CLOSE, 409)["type"] == "/problems/month-open"
    office.post(f"/held/{held}/decision", {"value": "rejected", "reason": "看过监控"})
    closed = office.post("/months/2026-05/close", CLOSE)["closed"]
    run = office.get("/settlements")["items"][-1]
    assert (closed["amount_fen"], closed["run"], closed["digest"]) == (
        30,
        run["run"],
        run["digest"],
    )
    assert office.get("/months")["items"] == [closed]
    assert office.post("/months/2026-05/close", CLOSE, 409)["type"] == "/problems/month-closed"


def test_what_waits_in_an_older_month_is_in_the_way_of_a_younger(office: OfficeWorld) -> None:
    office.at("2026-06-01T10:00")
    office.post("/months/2026-05/close", CLOSE)
    held = office.tap("e1", HOMES[0], "07:01", received="2026-06-01T09:00")
    office.at("2026-07-01T10:00")
    office.settle()
    office.post("/months/2026-06/close", CLOSE, 409)
    office.post(f"/held/{held}/decision", {"value": "accepted", "reason": "看过监控"})
    closed = office.post("/months/2026-06/close", CLOSE)["closed"]
    assert closed["amount_fen"] == 0, "the day keeps its month"


def test_a_closed_month_is_not_opened_and_its_money_is_booked_when_it_is_found(
    office: OfficeWorld,
) -> None:
    office.at("2026-06-01T10:00")
    closed = office.post("/months/2026-05/close", CLOSE)["closed"]
    late = office.tap("e1", HOMES[0], "07:01", received="2026-06-01T09:00")
    office.verdict(late, "accepted", "07:02")
    office.at("2026-06-02T10:00")
    office.settle()
    (entry,) = office.get("/entries")["items"]
    assert (entry["day"], entry["booked_on"]) == ("2026-05-03", "2026-06-02")
    told = office.get("/months/2026-05")
    assert (told["closed"], told["amount_fen"]) == (closed, 30)
    for change in ("UPDATE month_close SET amount_fen = 30", "DELETE FROM month_close"):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            office.hub.engine.execution_options(writes=True).begin() as connection,
        ):
            connection.exec_driver_sql(change)


@pytest.mark.parametrize(("month", "status"), [("2026-13", 422), ("x", 422), ("2099-01", 409)])
def test_what_is_no_month_or_ahead(office: OfficeWorld, month: str, status: int) -> None:
    office.post(f"/months/{month}/close", CLOSE, status)
    assert office.day(HOMES[0], date(2026, 5, 3))["run"] is None


@pytest.mark.both_engines
def test_the_sheets_of_a_month_add_up_to_it_and_a_day_taken_back_is_no_day(
    office: OfficeWorld,
) -> None:
    for number, home in enumerate(HOMES):
        office.accepted(f"e{number}", home, f"07:0{number}")
    office.accepted("e8", HOMES[0], "2026-05-04T07:01")
    office.accepted("e9", HOMES[0], "2026-06-01T07:01")
    office.at("2026-06-02T10:00")
    for day in (date(2026, 5, 3), date(2026, 5, 4), date(2026, 6, 1)):
        office.settle(day)
    taken_back = office.day(HOMES[2])["visits"][0]["visit"]
    no = {"value": "rejected", "reason": "看过监控"}
    office.post(f"/held/{taken_back}/decision", no)
    sheet = office.get("/months/2026-05/buildings")
    line = {"building": "11", "households": 2, "days": 3, "amount_fen": 90}
    assert (sheet["items"], sheet["amount_fen"]) == ([line], 90)
    assert sheet["digest"] == office.get("/settlements")["items"][-1]["digest"]
    assert office.get("/months/2026-05")["amount_fen"] == 90
    first = office.get("/months/2026-05/households?limit=1")
    rest = office.get(f"/months/2026-05/households?after={first['next']}&building=11")
    lines = [(item["household"], item["days"], item["amount_fen"]) for item in first["items"]]
    lines += [(item["household"], item["days"], item["amount_fen"]) for item in rest["items"]]
    assert lines == [(HOMES[0], 2, 60), (HOMES[1], 1, 30)]
    assert office.get("/months/2026-05/households?building=12")["items"] == []
    office.log_in("wy", "property")
    office.get("/months/2026-05/buildings")
    office.get("/months/2026-05/households", 403)
