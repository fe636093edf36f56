"""Matters over HTTP, as a desk uses them."""

from typing import Any

import pytest

from tests.hub.matters.desk_world import CARDS, HOME, NEIGHBOUR, DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)


def test_a_matter_has_an_owner_and_a_deadline_before_the_resident_leaves(desk: DeskWorld) -> None:
    matter = desk.take()
    assert (matter["state"], matter["state_zh"], matter["belongs"]) == ("assigned", "已派", "物业")
    assert (matter["person_name"], matter["phone"]) == ("李强", "0571-8600 2002")
    assert matter["due_at"].startswith("2026-05-09T09:00"), "a worked Saturday"
    assert [task["person"] for task in matter["tasks"]] == ["o02"]
    assert desk.queue("mine", person="o02") == [matter["matter"]]
    assert desk.get("/matters/summary?body=property")["open"] == 1


def test_from_the_lamp_to_the_rating(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    assert desk.act(number, "accept", "o02")["state"] == "in_progress"
    done = desk.act(number, "finish", "o02", result="换了灯泡")
    assert done["state"] == "to_verify"
    refused = desk.act(number, "verify", "o02", 403, ok=True)
    assert refused["type"] == "/problems/not-yours"
    assert "own work" in refused["detail"]
    assert desk.act(number, "verify", "o01", ok=True)["state"] == "to_call_back"
    assert desk.queue("call_back") == [number]
    closed = desk.act(number, "call", "o01", outcome="satisfied")
    assert (closed["state"], closed["rating"], closed["light"]) == ("closed", "satisfied", "done")
    assert [step["state"] for step in closed["steps"]] == ["done"] * 5
    events = desk.get(f"/matters/{number}/events")["items"]
    assert [event["act"] for event in events] == [
        "receive", "assign", "accept", "finish", "verify", "call",
    ]  # fmt: skip


def test_neither_side_closes_a_joint_matter_alone(desk: DeskWorld) -> None:
    matter = desk.take(kind="blocked_way", place="11号楼1单元", text="楼道堆放杂物")
    number = matter["matter"]
    assert matter["belongs"] == "联合(牵头 物业 / 协办 社区)"
    desk.act(number, "accept", "o02")
    desk.act(number, "accept", "o01")
    half = desk.act(number, "finish", "o02", result="已搬走")
    assert half["state"] == "in_progress"
    again = desk.act(number, "finish", "o02", 409, result="再说一次")
    assert "other side" in again["detail"]
    assert desk.act(number, "finish", "o01", result="已上门劝导")["state"] == "to_verify"
    desk.act(number, "verify", "o01", 403, ok=True)
    desk.on_duty("o02", "o04")
    assert desk.act(number, "verify", "o04", ok=True)["state"] == "to_call_back"


def test_two_taps_settle_whose_it_is_and_make_a_rule(desk: DeskWorld) -> None:
    matter = desk.take(kind="other", text="三楼晾衣架滴水")
    number = matter["matter"]
    assert (matter["state"], matter["provisional"]) == ("unclear", True)
    assert (matter["belongs"], matter["person"]) == ("社区(首接)", "o01")
    said: dict[str, Any] = {"lead": "property", "reason": "外墙构件", "save_as_rule": "晾衣架"}
    one = desk.act(number, "propose", "o01", tapped=True, **said)
    assert one["state"] == "unclear"
    wrong = desk.act(number, "propose", "o02", tapped=True, **said | {"lead": "committee"})
    assert wrong["state"] == "unclear"
    two = desk.act(number, "propose", "o02", tapped=True, **said)
    assert (two["state"], two["lead"], two["basis"]) == ("assigned", "property", "on_spot")
    assert two["watch_entry"]["why"] == "当场厘清"
    assert desk.take(kind="other", text="四楼晾衣架松了")["lead"] == "property"


def test_a_tap_of_no_officer_signs_nothing(desk: DeskWorld) -> None:
    number = desk.take(kind="other")["matter"]
    body = {"act": "propose", "desk": "d1", "card": "k1." + "a" * 52, "lead": "property",
            "reason": "试"}  # fmt: skip
    refused = desk.post(f"/matters/{number}/acts", body, 409, If_Match=desk.tags[number])
    assert refused["type"] == "/problems/wrong-signature"
    assert body["card"] not in str(refused)


def test_two_officers_on_one_matter(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    shown = desk.tags[number]
    desk.act(number, "note", "o01", text="住户在家")
    late = {"act": "accept", "desk": "d1", "by": "o02"}
    assert desk.post(f"/matters/{number}/acts", late, 412, If_Match=shown)["type"].endswith(
        "changed-since"
    )
    desk.post(f"/matters/{number}/acts", late, 428)
    assert desk.act(number, "accept", "o02")["state"] == "in_progress"


def test_a_double_press_makes_one_matter(desk: DeskWorld) -> None:
    body = {"desk": "d1", "by": "o01", "kind": "parking", "place": "东门", "text": "挡道"}
    one = desk.post("/matters", body, Idempotency_Key="draft-1")
    two = desk.post("/matters", body, Idempotency_Key="draft-1")
    assert one == two
    assert desk.queue("open") == [one["matter"]]


def test_an_act_that_the_state_does_not_admit_says_what_is_possible(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    refused = desk.act(number, "verify", "o01", 409, ok=True)
    assert refused["type"] == "/problems/illegal-act"
    assert "accept" in refused["detail"]
    assert desk.get(f"/matters/{number}")["state"] == "assigned"


def test_a_side_returns_a_matter_once(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    back = desk.act(number, "return", "o02", reason="产权不属物业")
    assert (back["state"], back["returned"], back["person"]) == ("unclear", True, "o01")
    for by in ("o01", "o02"):
        last = desk.act(number, "propose", by, tapped=True, lead="property", reason="就近")
    assert last["state"] == "assigned"
    assert "return" not in last["allowed"]
    desk.act(number, "return", "o02", 409, reason="还是不属")


def test_three_calls_without_an_answer_and_a_rating_afterwards(desk: DeskWorld) -> None:
    number = desk.take(settled="当场告知")["matter"]
    for at, counts_from in (("06T11:00", "05-06 16:30"), ("06T16:30", "05-07 11:00")):
        desk.at(f"2026-05-{at}")
        assert desk.act(number, "call", "o01", outcome="not_reached")["state"] == "to_call_back"
        early = desk.act(number, "call", "o01", 409, outcome="not_reached")
        assert (early["type"], counts_from in early["detail"]) == ("/problems/too-early", True)
    desk.at("2026-05-07T11:00")
    closed = desk.act(number, "call", "o01", outcome="not_reached")
    assert (closed["state"], closed["not_reached"]) == ("closed", True)
    desk.act(number, "rate", "o01", 403, rating="satisfied", household=NEIGHBOUR)
    again = desk.act(number, "rate", "o01", rating="dissatisfied", household=HOME)
    assert (again["state"], again["person"]) == ("in_progress", "o01")
    assert [task["person"] for task in again["tasks"]] == ["o01"], "somebody has it to do"
    assert again["watch_entry"] is not None


def test_a_merged_matter_keeps_its_reporters(desk: DeskWorld) -> None:
    first = desk.take()["matter"]
    second = desk.take(household=NEIGHBOUR, first={"act": "merge", "into": first})
    assert (second["state"], second["merged_into"]) == ("merged", first)
    assert desk.get(f"/matters/{first}")["reporters"] == 2
    assert set(desk.queue("all", household=NEIGHBOUR)) == {first, second["matter"]}
    desk.take(status=409, first={"act": "merge", "into": second["matter"]})


def test_suspended_until_a_day_the_clock_stands(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "suspend", "o02", 409, reason="等配件", until="2026-05-06")
    paused = desk.act(number, "suspend", "o02", reason="等配件", until="2026-05-08")
    assert (paused["light"], paused["due_at"]) == ("paused", None)
    desk.at("2026-05-07T09:00")
    on = desk.act(number, "resume", "o02")
    assert on["due_at"].startswith("2026-05-11T09:00"), "a working day later than told first"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"place": ""}, "place"),
        ({"kind": "no_such"}, "no_such"),
        ({"text": "长" * 4001}, "text"),
        ({"household": "99-9-999"}, "99-9-999"),
        ({"by": "o04"}, "o04"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(
    desk: DeskWorld, change: dict[str, str], where: str
) -> None:
    body = {"desk": "d1", "by": "o01", "kind": "repair", "place": "东门", "text": "灯坏"} | change
    answer = desk.client.post("/matters", json=body, headers=desk.headers)
    assert 400 <= answer.status_code < 500
    assert where in answer.json()["detail"]
    assert desk.queue("all") == []


def test_search_finds_by_words_anywhere(desk: DeskWorld) -> None:
    lamp = desk.take()["matter"]
    car = desk.take(kind="parking", place="东门口", text="白色汽车挡住消防通道")["matter"]
    assert desk.queue("all", text="消防通道") == [car]
    assert desk.queue("all", text="二楼 灯") == [lamp]
    assert desk.queue("all", text="楼梯灯泡") == []
    assert desk.queue("all", text="??") == []


def test_lists_go_on_where_the_page_before_ended(desk: DeskWorld) -> None:
    made = []
    for minute in range(7):
        desk.at(f"2026-05-06T09:{minute:02}")
        made.append(desk.take()["matter"])
    for queue in ("open", "all"):
        seen, after = [], ""
        while True:
            page = desk.get(f"/matters?queue={queue}&limit=3{after}")
            seen += [item["matter"] for item in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert seen == (made if queue == "open" else made[::-1])


def test_no_name_of_a_reporter_in_events(desk: DeskWorld) -> None:
    number = desk.take(contact_name="王凤英", contact_phone="13800001111")["matter"]
    told = str(desk.get(f"/matters/{number}")) + str(desk.get(f"/matters/{number}/events"))
    assert "王凤英" not in told
    assert "13800001111" not in told
    assert CARDS["o01"] not in told
