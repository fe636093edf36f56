"""What time does: closing time, deadlines, and the day until which a matter was suspended."""

import pytest

from hub.contacts.tables import Contact
from hub.db import write_session
from hub.matters.calendar import CalendarRules
from hub.matters.clockwork import Seen, run_clocks
from hub.matters.holidays import default_rules
from hub.matters.tables import WorkingHours
from tests.hub.matters.desk_world import DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)


def test_what_is_unclear_at_closing_time_goes_to_the_meeting(desk: DeskWorld) -> None:
    number = desk.take(kind="other")["matter"]
    desk.at("2026-05-06T17:29")
    assert run_clocks(desk.hub) == 0
    desk.at("2026-05-06T17:31")
    assert run_clocks(desk.hub) == 1
    matter = desk.get(f"/matters/{number}")
    assert (matter["state"], matter["watch_entry"]["person"]) == ("to_confer", "o01")
    assert run_clocks(desk.hub) == 0, "once"


def test_what_nobody_accepts_goes_to_the_meeting(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.at("2026-05-06T14:59")
    assert run_clocks(desk.hub) == 0
    desk.at("2026-05-06T15:01")
    assert run_clocks(desk.hub) == 1, "four working hours; from twelve to two are none"
    assert desk.get(f"/matters/{number}")["state"] == "to_confer"


def test_overdue_is_watched_and_routing_restarts_no_clock(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    due = desk.get(f"/matters/{number}")["due_at"]
    back = desk.act(number, "return", "o02", reason="不属物业")
    assert back["due_at"] == due
    for by in ("o01", "o02"):
        said = desk.act(number, "propose", by, tapped=True, lead="property", reason="就近")
    assert said["due_at"] == due
    desk.act(number, "return", "o02", 409, reason="还是不属物业")
    desk.act(number, "accept", "o02")
    desk.at("2026-05-08T17:20")
    assert desk.get(f"/matters/{number}")["light"] == "soon"
    assert desk.queue("due") == [number]
    desk.at("2026-05-09T09:01")
    assert desk.get(f"/matters/{number}")["light"] == "overdue"
    assert desk.get("/matters/summary?body=property")["overdue"] == 1


def test_an_overdue_matter_gets_a_watch_entry_by_itself(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    desk.at("2026-05-09T09:01")
    assert run_clocks(desk.hub) == 1
    entry = desk.get(f"/matters/{number}")["watch_entry"]
    assert (entry["person"], entry["why"], entry["next_check"]) == ("o02", "超时", "2026-05-10")
    assert desk.queue("watch") == [number]
    desk.act(number, "progress", "o01", note="已催", next_check="2026-05-12")
    entry = desk.get(f"/matters/{number}")["watch_entry"]
    assert [line["text"] for line in entry["log"]] == ["超时", "已催"]
    assert run_clocks(desk.hub) == 0


def test_a_suspended_matter_goes_on_when_its_day_has_come(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "suspend", "o02", reason="等配件", until="2026-05-08")
    desk.at("2026-05-07T23:59")
    assert run_clocks(desk.hub) == 0
    desk.at("2026-05-08T00:00")
    assert run_clocks(desk.hub) == 1
    assert desk.get(f"/matters/{number}")["state"] == "in_progress"


def test_what_is_remembered_between_looks_delays_nothing(desk: DeskWorld) -> None:
    unclear, waits = desk.take(kind="other")["matter"], desk.take()["matter"]
    desk.act(waits, "accept", "o02")
    desk.act(waits, "suspend", "o02", reason="等配件", until="2026-05-08")
    seen: dict[int, Seen] = {}
    assert run_clocks(desk.hub, seen) == 0
    assert seen.keys() == {unclear, waits}
    before = dict(seen)
    desk.at("2026-05-06T12:01")
    assert run_clocks(desk.hub, seen) == 0
    assert all(seen[number] is before[number] for number in seen), "not looked at again"
    early = default_rules().model_dump(mode="json")
    early["week"]["wednesday"] = [{"opens": "08:30", "closes": "12:00"}]
    with write_session(desk.hub.engine) as session:
        data = CalendarRules.model_validate(early).model_dump_json()
        session.add(WorkingHours(community=desk.hub.community, data=data))
    assert run_clocks(desk.hub, seen) == 1, "the desk closes at noon now"
    assert desk.get(f"/matters/{unclear}")["state"] == "to_confer"
    desk.at("2026-05-07T23:59")
    assert run_clocks(desk.hub, seen) == 0
    desk.at("2026-05-08T00:00")
    assert run_clocks(desk.hub, seen) == 1
    assert desk.get(f"/matters/{waits}")["state"] == "in_progress"
    run_clocks(desk.hub, seen)
    assert waits not in seen


def test_a_later_hand_has_no_more_time(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    due = desk.get(f"/matters/{number}")["due_at"]
    desk.at("2026-05-07T10:00")
    desk.get(f"/matters/{number}")
    assert desk.act(number, "return", "o02", reason="不属物业")["due_at"] == due


def test_what_is_late_is_watched_by_the_grids_next_level(desk: DeskWorld) -> None:
    people = (("c1", 1, "committee", "o04", None), ("c21", 2, "committee", "o01", None),
              ("c22", 2, "property", "o03", "3"), ("c23", 2, "property", "o02", None))  # fmt: skip
    with write_session(desk.hub.engine) as session:
        for contact, level, body, person, building in people:
            session.add(
                Contact(
                    community=desk.hub.community, contact=contact, level=level, body=body,
                    title="网格", name="张", phone="1", building=building, person_id=person,
                )
            )  # fmt: skip
    late, public = desk.take()["matter"], desk.take(household=None)["matter"]
    for number in (late, public):
        desk.act(number, "accept", "o02")
    unclear = desk.take(kind="other")["matter"]
    desk.at("2026-05-09T09:01")
    run_clocks(desk.hub)
    watching = {
        number: desk.get(f"/matters/{number}")["watch_entry"]["person"]
        for number in (late, public, unclear)
    }
    assert watching == {late: "o03", public: "o04", unclear: "o04"}, "nobody watches themselves"
