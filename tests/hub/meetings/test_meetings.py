"""Meetings: the agenda's order, decisions under signatures, minutes that stay as they are."""

from typing import Any

import pytest

from hub.matters.clockwork import run_clocks
from hub.meetings.agenda import next_chair
from tests.hub.matters.desk_world import CARDS, DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)
BOTH = {"bodies": ["committee", "property"], "held_on": "2026-05-07", "desk": "d1", "by": "o01"}
LAMP: dict[str, Any] = {
    "decision": "assigned", "lead": "property", "person": "o03", "due_on": "2026-05-12",
    "reason": "本周内换",
}  # fmt: skip


def conferring(desk: DeskWorld, **fields: Any) -> int:
    """A matter that a meeting has to decide about."""
    number = int(desk.take(**fields)["matter"])
    desk.act(number, "accept", "o02")
    desk.act(number, "confer", "o02", reason="费用由谁出")
    return number


def sign(desk: DeskWorld, meeting: int, person: str, status: int = 200) -> Any:
    body = {"desk": "d1", "card": CARDS[person]}
    return desk.post(f"/meetings/{meeting}/signatures", body, status)


def decide(desk: DeskWorld, meeting: int, status: int = 200, **said: Any) -> Any:
    return desk.post(f"/meetings/{meeting}/decisions", {"desk": "d1", "by": "o01"} | said, status)


def test_decisions_move_matters_when_both_sides_have_signed(desk: DeskWorld) -> None:
    number = conferring(desk)
    meeting = desk.post("/meetings", BOTH)
    assert [(line["matter"], line["why"]) for line in meeting["agenda"]] == [(number, "to_confer")]
    decide(desk, 1, matter=number, **LAMP)
    half = sign(desk, 1, "o01")
    assert (half["signed"], half["missing"]) == (False, ["property"])
    assert desk.get(f"/matters/{number}")["state"] == "to_confer"
    whole = sign(desk, 1, "o02")
    assert (whole["signed"], whole["missing"]) == (True, [])
    matter = desk.get(f"/matters/{number}")
    assert (matter["state"], matter["person"], matter["basis"]) == ("assigned", "o03", "meeting")
    entry = matter["watch_entry"]
    assert (entry["person"], entry["next_check"]) == ("o03", "2026-05-12")


def test_signed_minutes_stay_and_get_corrections(desk: DeskWorld) -> None:
    number = conferring(desk)
    desk.post("/meetings", BOTH)
    decide(desk, 1, matter=number, **LAMP)
    note = {"desk": "d1", "by": "o01", "text": "应为下周"}
    assert desk.post("/meetings/1/corrections", note, 409)["type"] == "/problems/minutes-open"
    sign(desk, 1, "o01")
    sign(desk, 1, "o02")
    late = decide(desk, 1, 409, matter=number, **LAMP)
    assert late["type"] == "/problems/minutes-signed"
    assert sign(desk, 1, "o02", 409)["type"] == "/problems/minutes-signed"
    assert desk.post("/meetings/1/corrections", note)["corrections"][0]["text"] == "应为下周"


def test_a_signature_is_under_what_was_decided_then(desk: DeskWorld) -> None:
    number = conferring(desk)
    desk.post("/meetings", BOTH)
    decide(desk, 1, matter=number, **LAMP)
    sign(desk, 1, "o01")
    changed = decide(desk, 1, matter=number, **LAMP | {"person": "o02"})
    assert changed["signatures"] == []
    assert sign(desk, 1, "o02")["signed"] is False
    assert sign(desk, 1, "o01")["signed"] is True


def test_wrong_signatures_sign_nothing(desk: DeskWorld) -> None:
    number = conferring(desk)
    desk.post("/meetings", BOTH)
    decide(desk, 1, matter=number, **LAMP)
    sign(desk, 1, "o01")
    twice = sign(desk, 1, "o04", 409)
    assert twice["type"] == "/problems/wrong-signature"
    assert "committee has signed" in twice["detail"]
    stranger = {"desk": "d1", "card": "k1." + "a" * 52}
    desk.post("/meetings/1/signatures", stranger, 409)
    assert desk.get("/meetings/1")["missing"] == ["property"]


def test_a_matter_that_moved_meanwhile_stops_all_of_it(desk: DeskWorld) -> None:
    one, two = conferring(desk), conferring(desk, text="门禁坏了")
    for meeting in (1, 2):
        desk.post("/meetings", BOTH)
        decide(desk, meeting, matter=one, **LAMP)
        sign(desk, meeting, "o01")
    decide(desk, 2, matter=two, **LAMP)
    sign(desk, 2, "o01")
    sign(desk, 1, "o02")
    refused = sign(desk, 2, "o02", 409)
    assert f"matter {one}" in refused["detail"]
    assert desk.get(f"/matters/{two}")["state"] == "to_confer", "all or none"
    assert desk.get("/meetings/2")["signed"] is False


def test_safety_then_days_overdue_then_age(desk: DeskWorld) -> None:
    lamp = conferring(desk)
    desk.at("2026-05-06T10:00")
    later = conferring(desk, text="路灯")
    fire = conferring(desk, kind="blocked_way", text="堵消防通道")
    desk.at("2026-05-06T11:00")
    quiet = desk.take()["matter"]
    desk.act(quiet, "accept", "o02")
    desk.at("2026-05-13T09:30")
    run_clocks(desk.hub)
    meeting = desk.post("/meetings", BOTH | {"held_on": "2026-05-13"})
    assert [(line["matter"], line["why"]) for line in meeting["agenda"]] == [
        (fire, "to_confer"), (lamp, "to_confer"), (later, "to_confer"), (quiet, "overdue"),
    ]  # fmt: skip


def test_what_was_opened_again_is_talked_about(desk: DeskWorld) -> None:
    number = desk.take(settled="已告知")["matter"]
    desk.act(number, "call", "o01", outcome="dissatisfied", note="还是不亮")
    meeting = desk.post("/meetings", BOTH)
    assert [(line["matter"], line["why"]) for line in meeting["agenda"]] == [(number, "reopened")]


def test_the_chair_goes_round(desk: DeskWorld) -> None:
    chairs = [desk.post("/meetings", BOTH)["chair"] for _ in range(3)]
    assert chairs == ["committee", "property", "committee"]
    assert [next_chair(["committee", "property", "owners"], last) for last in (None, "owners")] == [
        "committee", "committee",
    ]  # fmt: skip
    assert [line["meeting"] for line in desk.get("/meetings")["items"]] == [3, 2, 1]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"person": None}, 422),
        ({"person": "nobody"}, 422),
        ({"person": "o01"}, 422),
        ({"matter": 99}, 404),
        ({"decision": "suspended"}, 422),
    ],
)
def test_half_a_decision_is_none(desk: DeskWorld, change: dict[str, Any], status: int) -> None:
    number = conferring(desk)
    desk.post("/meetings", BOTH)
    decide(desk, 1, status, **{"matter": number} | LAMP | change)
    assert desk.get("/meetings/1")["agenda"][0]["decision"] is None


def test_three_bodies_sign_once_each(desk: DeskWorld) -> None:
    number = conferring(desk)
    desk.post("/meetings", BOTH | {"bodies": ["committee", "property", "owners"]})
    decide(desk, 1, matter=number, **LAMP)
    sign(desk, 1, "o01")
    assert sign(desk, 1, "o02")["missing"] == ["owners"]
    assert sign(desk, 1, "o09")["signed"] is True


def end_watch(desk: DeskWorld, number: int) -> None:
    meeting = desk.post("/meetings", BOTH)["meeting"]
    decide(desk, meeting, matter=number, decision="unwatched", reason="已按期")
    for person in ("o01", "o02"):
        sign(desk, meeting, person)
    assert desk.get(f"/matters/{number}")["watch_entry"] is None


def watched_why(desk: DeskWorld, number: int) -> str:
    why: str = desk.get(f"/matters/{number}")["watch_entry"]["why"]
    return why


def test_what_is_late_after_minutes_ended_its_watch_is_watched_again(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "watch", "o01", person="o02", next_check="2026-05-07", note="盯紧")
    end_watch(desk, number)
    desk.at("2026-05-09T08:59")
    assert run_clocks(desk.hub) == 0
    desk.at("2026-05-09T09:00")
    assert run_clocks(desk.hub) == 1
    assert watched_why(desk, number) == "超时"
    end_watch(desk, number)
    desk.at("2026-05-11T10:00")
    assert run_clocks(desk.hub) == 0, "the meeting knew that it was late"
    desk.act(number, "suspend", "o02", reason="等配件", until="2026-05-12")
    desk.at("2026-05-12T09:00")
    assert [run_clocks(desk.hub) for _ in range(3)] == [1, 1, 0], "goes on, late once more"
    assert watched_why(desk, number) == "超时"
    end_watch(desk, number)
    desk.act(number, "finish", "o02", result="换了灯泡")
    desk.act(number, "verify", "o01", ok=True)
    assert run_clocks(desk.hub) == 0
    desk.at("2026-05-14T09:01")
    assert run_clocks(desk.hub) == 1, "nobody called back"


def test_only_minutes_end_a_watch_of_what_goes_on(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    meeting = desk.post("/meetings", BOTH)["meeting"]
    decide(desk, meeting, 409, matter=number, decision="unwatched", reason="已按期")
    desk.act(number, "watch", "o01", person="o02", next_check="2026-05-07", note="盯紧")
    decide(desk, meeting, matter=number, decision="unwatched", reason="已按期")
    sign(desk, meeting, "o01")
    sign(desk, meeting, "o02")
    matter = desk.get(f"/matters/{number}")
    assert (matter["state"], matter["watch_entry"], matter["watch"]) == ("in_progress", None, False)
    assert desk.queue("watch") == []
