"""Disputes: opened at the desk, answered once, and the money shown before it moves."""

import pytest

from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]
CLAIM = {"household": HOME, "day": str(DAY), "claim": "早上补登过,没有奖励"}
RIGHT = {"outcome": "upheld", "household": HOME, "reason": "补登时房号输错"}


def wrong_room(office: OfficeWorld) -> str:
    """Entered for the neighbour, paid, and found a month later."""
    visit = office.manual("m1", OTHER, "07:10")
    office.verdict(visit, "accepted", "07:11")
    office.settle()
    office.at("2026-06-04T10:00")
    return visit


def said(shown: dict[str, str], key: str) -> dict[str, str]:
    return {"If_Match": f'"{shown["etag"]}"', "Idempotency_Key": key}


def test_a_wrong_room_found_a_month_later(office: OfficeWorld) -> None:
    visit = wrong_room(office)
    number = office.post("/disputes", CLAIM)["dispute"]
    answer = RIGHT | {"visit": visit}
    shown = office.post(f"/disputes/{number}/preview", answer)
    assert shown["moves"] == [
        {"household": HOME, "day": str(DAY), "amount_fen": 30},
        {"household": OTHER, "day": str(DAY), "amount_fen": -30},
    ]
    assert (office.fen(HOME), office.fen(OTHER)) == (0, 30)
    assert office.get("/disputes?state=open")["items"][0]["dispute"] == number
    done = office.post(f"/disputes/{number}/answer", answer, **said(shown, "d1"))
    assert done == shown
    assert (office.fen(HOME), office.fen(OTHER)) == (30, 0)
    assert (office.reason(HOME), office.reason(OTHER)) == ("paid", "no_event")
    told = office.get(f"/disputes/{number}")
    assert (told["result"]["outcome"], told["result"]["reason"]) == ("upheld", "补登时房号输错")
    booked = [entry["booked_on"] for entry in office.get("/entries")["items"]]
    assert booked == ["2026-05-04", "2026-06-04", "2026-06-04"]


def test_two_officers_do_not_answer_twice(office: OfficeWorld) -> None:
    visit = wrong_room(office)
    number = office.post("/disputes", CLAIM | {"visit": visit})["dispute"]
    mine = office.post(f"/disputes/{number}/preview", RIGHT)
    dismissed = {"outcome": "dismissed", "reason": "监控里没有"}
    theirs = office.post(f"/disputes/{number}/preview", dismissed)
    assert theirs["count"] == 0
    office.post(f"/disputes/{number}/answer", RIGHT, 412, **said(theirs, "d1"))
    office.post(f"/disputes/{number}/answer", dismissed, **said(theirs, "d2"))
    late = office.post(f"/disputes/{number}/answer", RIGHT, 409, **said(mine, "d3"))
    assert late["type"] == "/problems/dispute-answered"
    assert (office.fen(HOME), office.fen(OTHER)) == (0, 30)


def test_what_changed_since_it_was_shown_is_not_done(office: OfficeWorld) -> None:
    visit = wrong_room(office)
    number = office.post("/disputes", CLAIM | {"visit": visit})["dispute"]
    shown = office.post(f"/disputes/{number}/preview", RIGHT)
    office.post(f"/held/{visit}/decision", {"value": "rejected", "reason": "看过监控"})
    office.post(f"/disputes/{number}/answer", RIGHT, 412, **said(shown, "d1"))
    assert office.get(f"/disputes/{number}")["result"] is None
    assert (office.fen(HOME), office.fen(OTHER)) == (0, 0)


def test_a_verdict_of_staff_outranks_with_its_reason(office: OfficeWorld) -> None:
    visit = office.tap("e1", HOME, "07:10")
    office.verdict(visit, "rejected", "07:11")
    office.settle()
    number = office.post("/disputes", CLAIM | {"visit": visit})["dispute"]
    answer = {"outcome": "upheld", "value": "accepted", "reason": "当场改正"}
    shown = office.post(f"/disputes/{number}/preview", answer)
    office.post(f"/disputes/{number}/answer", answer, **said(shown, "d1"))
    assert (office.reason(HOME), office.fen(HOME)) == ("paid", 30)
    assert office.day(HOME)["visits"][0]["by_role"] == "staff"


def test_what_cannot_be_disputed_or_answered(office: OfficeWorld) -> None:
    office.post("/disputes", CLAIM | {"household": "9-9-9"}, 404)
    office.post("/disputes", CLAIM | {"day": "2026-05-05"}, 422)
    office.post("/disputes", CLAIM | {"visit": "0" * 32}, 409)
    number = office.post("/disputes", CLAIM)["dispute"]
    url = f"/disputes/{number}/preview"
    assert office.post(url, RIGHT, 409)["type"] == "/problems/no-visit"
    office.post(url, {"outcome": "dismissed", "value": "accepted", "reason": "x"}, 422)
    office.post("/disputes/99/preview", RIGHT, 404)
    office.log_in("chen", "volunteer")
    office.post("/disputes", CLAIM, 403)
    office.log_in("chen", "property")
    office.post("/disputes", CLAIM)
    office.post(url, RIGHT, 403)
