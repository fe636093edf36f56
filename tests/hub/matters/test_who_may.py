"""Who may do what to a matter, and in whose name: tried by those who may not."""

import json
from typing import Any

import pytest

from hub.db import write_session
from hub.desks.tables import Officer
from tests.hub.matters.desk_world import CARDS, HOME, LAMP, DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)


def leave(desk: DeskWorld, person: str) -> None:
    with write_session(desk.hub.engine) as session:
        session.get_one(Officer, (desk.hub.community, person)).left = True


def test_an_account_of_ones_own_acts_in_no_other_name(desk: DeskWorld) -> None:
    number = desk.take(kind="other")["matter"]
    tag = desk.tags[number]
    desk.log_in("wu.ye", "property")
    said: dict[str, Any] = {"act": "propose", "desk": "d1", "lead": "property", "reason": "就近"}
    for who in ({"by": "o01"}, {"card": CARDS["o01"]}):
        refused = desk.post(f"/matters/{number}/acts", said | who, 403, If_Match=tag)
        assert refused["type"] == "/problems/forbidden"
        desk.post("/matters", LAMP | {"desk": "d1"} | who, 403)
    desk.log_in("he.zhang", "volunteer")
    desk.post("/matters", LAMP | {"desk": "d1", "by": "o01"}, 403)
    assert desk.post("/matters", LAMP)["channel"] == "desk"


def test_both_sides_settle_by_their_cards_not_by_a_key(desk: DeskWorld) -> None:
    number = desk.take(kind="other")["matter"]
    refused = desk.act(number, "propose", "o01", 409, lead="property", reason="就近")
    assert refused["type"] == "/problems/wrong-signature"
    desk.post("/meetings", {"bodies": ["committee", "property"], "held_on": "2026-05-07",
                            "desk": "d1", "by": "o01"})  # fmt: skip
    desk.post("/meetings/1/signatures", {"desk": "d1", "by": "o01"}, 409)
    assert desk.get("/meetings/1")["missing"] == ["committee", "property"]


def test_who_left_signs_nothing(desk: DeskWorld) -> None:
    number = desk.take(kind="other")["matter"]
    leave(desk, "o02")
    said = {"lead": "property", "reason": "就近", "tapped": True}
    assert desk.act(number, "propose", "o02", 409, **said)["type"] == "/problems/wrong-signature"
    assert desk.get(f"/matters/{number}")["proposals"] == []


@pytest.mark.parametrize("act", ["accept", "reassign", "watch"])
def test_nobody_is_given_what_they_cannot_have(desk: DeskWorld, act: str) -> None:
    number = desk.take()["matter"]
    leave(desk, "o03")
    more = {"next_check": "2026-05-08", "note": "催办"} if act == "watch" else {}
    for person in ("5", "o99", "o03"):
        refused = desk.act(number, act, "o02", 422, person=person, **more)
        assert refused["type"] == "/problems/no-such-officer"
        assert person in refused["detail"]
    if act != "watch":
        wrong = desk.act(number, act, "o02", 422, person="o01")
        assert wrong["type"] == "/problems/officer-of-other-side"
    assert desk.get(f"/matters/{number}")["person"] == "o02"


def test_handing_the_task_on_makes_ones_own_work_nobody_elses(desk: DeskWorld) -> None:
    number = desk.take(by="o02")["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "reassign", "o02", person="o03")
    desk.act(number, "finish", "o02", result="换了灯泡")
    assert desk.act(number, "verify", "o02", 403, ok=True)["type"] == "/problems/not-yours"
    assert desk.act(number, "verify", "o01", ok=True)["state"] == "to_call_back"


def test_who_accepted_it_once_worked_on_it(desk: DeskWorld) -> None:
    number = desk.take(by="o02")["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "reassign", "o02", person="o03")
    desk.on_duty("o01", "o03")
    desk.act(number, "finish", "o03", result="换了灯泡")
    desk.on_duty("o01", "o02")
    desk.act(number, "verify", "o02", 403, ok=True)


def test_an_account_without_a_phone_owns_nothing(desk: DeskWorld) -> None:
    desk.log_in("wu.ye", "property")
    unclear = desk.post("/matters", LAMP | {"kind": "other"})
    assert (unclear["person"], unclear["phone"]) == ("o02", "0571-8600 2002")
    number = desk.post("/matters", LAMP)["matter"]
    taken = desk.post(f"/matters/{number}/acts", {"act": "accept"}, If_Match=desk.tags[number])
    assert (taken["state"], taken["person"]) == ("in_progress", "o02")


def test_nothing_waits_for_ever(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "suspend", "o02", 409, reason="等配件", until="9999-12-31")
    watch: dict[str, Any] = {"person": "o02", "note": "盯紧"}
    for day in ("2026-05-05", "9999-12-31"):
        desk.act(number, "watch", "o01", 409, next_check=day, **watch)
    desk.act(number, "watch", "o01", next_check="2026-05-06", **watch)
    desk.act(number, "progress", "o01", 409, note="再看", next_check="2028-01-01")
    assert desk.get(f"/matters/{number}")["watch_entry"]["next_check"] == "2026-05-06"


def test_a_volunteer_has_slips_of_what_they_reported_alone(desk: DeskWorld) -> None:
    other = desk.take(place="3-2-501")["matter"]
    desk.log_in("he.zhang", "volunteer")
    own = desk.post("/matters", {"kind": "repair", "place": "东门", "text": "门坏"})["matter"]
    assert desk.client.get(f"/matters/{own}/slip", headers=desk.headers).status_code == 200
    answer = desk.client.get(f"/matters/{other}/slip", headers=desk.headers)
    assert (answer.status_code, HOME in answer.text) == (404, False)


def test_a_wrong_rule_is_made_of_nothing_that_was_not_agreed(desk: DeskWorld) -> None:
    number = desk.take(kind="other", text="三楼晾衣架滴水")["matter"]
    said: dict[str, Any] = {"reason": "就近", "tapped": True}
    desk.act(number, "propose", "o01", lead="property", save_as_rule="晾衣架", **said)
    desk.act(number, "propose", "o01", lead="committee", **said)
    assert desk.act(number, "propose", "o02", lead="committee", **said)["state"] == "assigned"
    assert desk.get("/matter-rules")["items"] == []
    desk.act(number, "return", "o01", reason="不属社区")
    for by in ("o01", "o02"):
        desk.act(number, "propose", by, lead="property", save_as_rule="晾衣架", **said)
    assert [(r["word"], r["lead"]) for r in desk.get("/matter-rules")["items"]] == [
        ("晾衣架", "property")
    ]


def test_a_rule_is_said_by_both_and_its_word_is_one(desk: DeskWorld) -> None:
    said: dict[str, Any] = {"reason": "就近", "tapped": True, "lead": "property"}
    number = desk.take(kind="other", text="三楼晾衣架滴水")["matter"]
    for word in (" ", "的", "字" * 21):
        desk.act(number, "propose", "o01", 422, save_as_rule=word, **said)
    desk.act(number, "propose", "o01", save_as_rule="晾衣架", **said)
    desk.act(number, "propose", "o02", **said)
    assert desk.get("/matter-rules")["items"] == []
    for _ in range(2):
        number = desk.take(kind="other", text="四楼晾衣架松了")["matter"]
        if desk.get(f"/matters/{number}")["state"] == "unclear":
            for by in ("o01", "o02"):
                desk.act(number, "propose", by, save_as_rule="晾衣架", **said)
    assert len(desk.get("/matter-rules")["items"]) == 1
    desk.log_in("li.fang", "office")
    rule = {"word": "路灯", "lead": "property", "why": "归物业"}
    for _ in range(2):
        desk.post("/matter-rules", rule, Idempotency_Key="press-1")
    assert len(desk.get("/matter-rules")["items"]) == 2


def test_blank_is_not_filled_in(desk: DeskWorld) -> None:
    for field in ("place", "text", "settled"):
        for blank in (" ", "\n \n", "\u3000"):
            desk.take(status=422, **{field: blank})
    assert desk.queue("all") == []


def test_a_name_has_no_control_characters(desk: DeskWorld) -> None:
    headers = desk.headers | {"Content-Type": "application/json"}
    for name in ("\x00", "a\nb", "\ud800"):
        body = json.dumps({"desk": "d1", "by": "o01"} | LAMP | {"contact_name": name})
        answer = desk.client.post("/matters", content=body, headers=headers)
        assert answer.status_code == 422


def test_who_reported_it_rates_it_once_within_thirty_days(desk: DeskWorld) -> None:
    number = desk.take(settled="当场告知")["matter"]
    for at in ("06T09:00", "06T16:00", "07T11:00"):
        desk.at(f"2026-05-{at}")
        closed = desk.act(number, "call", "o01", outcome="not_reached")
    assert (closed["state"], "rate" in closed["allowed"]) == ("closed", True)
    rated = {"act": "rate", "rating": "satisfied", "household": HOME}
    desk.log_in("wu.ye", "property")
    desk.post(f"/matters/{number}/acts", rated, 403, If_Match=desk.tags[number])
    desk.at("2026-06-06T11:01")
    desk.act(number, "rate", "o01", 409, rating="satisfied", household=HOME)
    assert not {"rate", "reopen"} & set(desk.get(f"/matters/{number}")["allowed"])
    desk.at("2026-06-06T11:00")
    desk.act(number, "rate", "o01", 403, rating="satisfied", household="3-2-502")
    done = desk.act(number, "rate", "o01", rating="mostly", household=HOME)
    assert (done["state"], done["rating"]) == ("closed", "mostly")
    desk.act(number, "rate", "o01", 409, rating="satisfied", household=HOME)
    assert desk.get(f"/matters/{number}")["rating"] == "mostly"
