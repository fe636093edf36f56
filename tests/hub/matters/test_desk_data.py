"""Kinds, rules and the calendar are data; the slip says what the resident has to know."""

import pytest

from hub.registry.tables import RegistryChange
from tests.hub.matters.desk_world import DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)
ARTICLE = {
    "culture": ("committee", None), "fire_safety": ("committee", None),
    "illegal_building": ("committee", None), "rental": ("committee", None),
    "facility": ("property", None), "repair": ("property", None), "parking": ("property", None),
    "blocked_way": ("property", "committee"), "other": (None, None),
}  # fmt: skip


def put(desk: DeskWorld, path: str, body: object, status: int = 200) -> object:
    answer = desk.client.put(path, json=body, headers=desk.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_division_is_that_of_the_joint_desk(desk: DeskWorld) -> None:
    kinds = {kind["kind"]: kind for kind in desk.get("/matter-kinds")["items"]}
    for name, (lead, co) in ARTICLE.items():
        assert (kinds[name]["lead"], kinds[name]["co"]) == (lead, co), name
    assert [kind["order"] for kind in kinds.values()] == sorted(
        kind["order"] for kind in kinds.values()
    )


def test_a_kind_changes_for_what_comes_and_deadlines_of_what_is_open(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    repair = next(k for k in desk.get("/matter-kinds")["items"] if k["kind"] == "repair")
    change = {"data": repair | {"due_min": 60, "lead": "committee"}, "why": "试行"}
    put(desk, "/matter-kinds/repair", change, 403)
    desk.log_in("li.fang", "office")
    put(desk, "/matter-kinds/parking", change, 422)
    put(desk, "/matter-kinds/repair", change)
    old = desk.get(f"/matters/{number}")
    assert (old["lead"], old["due_at"][:16]) == ("property", "2026-05-06T10:00")
    desk.at("2026-05-06T09:00")
    assert desk.take()["lead"] == "committee"


def test_how_far_tries_to_call_lie_apart_is_data(desk: DeskWorld) -> None:
    number = desk.take(settled="当场告知")["matter"]
    desk.act(number, "call", "o01", outcome="not_reached")
    desk.act(number, "call", "o01", 409, outcome="not_reached")
    repair = next(k for k in desk.get("/matter-kinds")["items"] if k["kind"] == "repair")
    desk.log_in("li.fang", "office")
    put(desk, "/matter-kinds/repair", {"data": repair | {"call_again_min": 0}, "why": "试行"})
    desk.at("2026-05-06T09:00")
    assert desk.act(number, "call", "o01", outcome="not_reached")["tries"] == 2


def test_rules_hold_until_they_end(desk: DeskWorld) -> None:
    desk.log_in("li.fang", "office")
    rule = {"word": "门禁", "lead": "property", "why": "设备归物业"}
    made = desk.post("/matter-rules", rule)
    desk.post("/matter-rules", rule | {"co": "property"}, 422)
    desk.at("2026-05-06T09:00")
    assert desk.take(kind="rental", text="门禁坏了")["lead"] == "property"
    desk.log_in("li.fang", "office")
    other = desk.post("/matter-rules", rule | {"word": "出租", "lead": "committee"})
    desk.at("2026-05-06T09:00")
    assert desk.take(kind="rental", text="出租屋门禁坏了")["state"] == "unclear", "two rules hit"
    desk.log_in("li.fang", "office")
    for number in (made["rule"], other["rule"]):
        assert desk.post(f"/matter-rules/{number}/end", {"why": "不再适用"})["ended_at"]
    desk.at("2026-05-06T09:00")
    assert desk.take(kind="rental", text="门禁坏了")["lead"] == "committee"


def test_a_holiday_more_moves_deadlines(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.log_in("li.fang", "office")
    rules = desk.get("/working-calendar")["data"]
    year = next(year for year in rules["years"] if year["year"] == 2026)
    year["working"] = [day for day in year["working"] if day != "2026-05-09"]
    put(desk, "/working-calendar", {"data": rules, "why": "本社区周六不上班"})
    assert desk.get(f"/matters/{number}")["due_at"].startswith("2026-05-11T09:00")


def test_every_change_is_on_record(desk: DeskWorld) -> None:
    desk.log_in("li.fang", "office")
    desk.post("/matter-rules", {"word": "门禁", "lead": "property", "why": "设备归物业"})
    desk.log_in("audit", "auditor")
    changes = desk.get(f"/registry/changes?what={'matter_rule'}")["items"]
    assert [(change["user"], change["why"]) for change in changes] == [("li.fang", "设备归物业")]
    assert RegistryChange.__tablename__ == "registry_change"


def test_the_slip_says_what_a_resident_has_to_know(desk: DeskWorld) -> None:
    number = desk.take(contact_name="王凤英", contact_phone="13800001111")["matter"]
    slip = desk.client.get(f"/matters/{number}/slip", headers=desk.headers)
    assert slip.headers["content-type"].startswith("text/plain")
    for word in (str(number), "报修", "物业", "李强", "0571-8600 2002", "2026-05-09 周六 09:00"):
        assert word in slip.text, word
    assert "王凤英" not in slip.text


def test_the_slip_as_a_page(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    accept = {"Accept": "application/pdf"}
    page = desk.client.get(f"/matters/{number}/slip", headers=desk.headers | accept)
    assert (page.status_code, page.content[:5]) == (200, b"%PDF-")
