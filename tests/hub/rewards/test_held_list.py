"""The held list: where, when, why, who is to decide, and many decisions at once."""

import pytest

from hub.access.tables import User
from hub.db import write_session
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound

office = pytest.fixture(name="office")(compound)
LEFT = {"value": "accepted", "reason": "楼栋长在场证明"}


def unjudged(office: OfficeWorld) -> list[str]:
    """Two left by a shift at p01, one that nobody was there for at p02."""
    visits = [
        office.tap("e1", HOMES[0], "07:01", "a" * 32),
        office.tap("e2", HOMES[1], "07:02", "a" * 32),
        office.tap("e3", HOMES[2], "07:03", None, point="p02"),
    ]
    office.settle()
    return visits


def test_it_is_asked_by_where_and_why(office: OfficeWorld) -> None:
    one, two, three = unjudged(office)
    pending, alone = (one, "verdict_pending"), (three, "unattended_hold")
    assert office.held() == [pending, (two, "verdict_pending"), alone]
    assert office.held("?point=p02") == [alone]
    assert office.held(f"?shift={'a' * 32}&limit=1") == [pending]
    assert office.held("?reason=unattended_hold") == [alone]
    office.at("2026-05-06T09:59")
    ages = {item["age_h"] for item in office.get("/held")["items"]}
    assert ages == {47}


def test_somebody_takes_what_the_office_owns(office: OfficeWorld) -> None:
    one, two, three = unjudged(office)
    with write_session(office.hub.engine) as session:
        session.add(
            User(community=office.hub.community, name="wang", role="office", password_hash="",
                 created_ms=0)
        )  # fmt: skip
    body = {"point": "p01", "owner": "wang"}
    assert office.post("/held/owners", body)["visits"] == [one, two]
    assert office.post("/held/owners", {"visits": [two], "owner": "office"})["visits"] == [two]
    assert office.held("?owner=wang") == [(one, "verdict_pending")]
    assert [visit for visit, _ in office.held("?owner=office")] == [two, three]
    nobody = {"visits": [two], "owner": "nobody"}
    assert office.post("/held/owners", nobody, 409)["type"] == "/problems/no-user"


def test_one_reason_decides_many_and_each_day_is_settled_once(office: OfficeWorld) -> None:
    one, two, three = unjudged(office)
    done = office.post("/held/decisions", LEFT | {"day": str(DAY), "held_as": "verdict_pending"})
    assert (done["decided"], done["left"]) == ([one, two], [])
    assert (done["entries"], done["amount_fen"], len(done["runs"])) == (2, 60, 1)
    assert office.held() == [(three, "unattended_hold")]
    day = office.day(HOMES[0])["visits"][0]
    assert (day["verdict"], day["by_role"]) == ("accepted", "staff")


def test_what_a_colleague_decided_meanwhile_is_left(office: OfficeWorld) -> None:
    one, two, _ = unjudged(office)
    office.post(f"/held/{one}/decision", {"value": "rejected", "reason": "看过监控"})
    done = office.post("/held/decisions", LEFT | {"visits": [one, two]})
    assert (done["decided"], done["left"]) == ([two], [one])
    assert (office.reason(HOMES[0]), office.fen(HOMES[0])) == ("all_rejected", 0)


def test_sent_again_under_its_key_it_is_answered_again(office: OfficeWorld) -> None:
    unjudged(office)
    body = LEFT | {"point": "p01"}
    first = office.post("/held/decisions", body, Idempotency_Key="k1")
    assert office.post("/held/decisions", body, Idempotency_Key="k1") == first
    office.post("/held/decisions", body | {"point": "p02"}, 422, Idempotency_Key="k1")


@pytest.mark.parametrize(
    "chosen", [{}, {"visits": []}, {"visits": ["0" * 32], "point": "p01"}, {"point": ""}]
)
def test_it_has_to_be_said_which(office: OfficeWorld, chosen: dict[str, object]) -> None:
    office.post("/held/decisions", LEFT | chosen, 422)
