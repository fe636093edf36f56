"""What was written about a matter can be read again, whoever reported it called back."""

import logging
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from hub.access.tables import LookUp
from hub.db import write_session
from hub.matters.clockwork import run_clocks
from hub.registry.tables import Holder
from tests.hub.matters.desk_world import HOME, NEIGHBOUR, DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)


def said(desk: DeskWorld, number: int) -> dict[str, str]:
    events: list[dict[str, Any]] = desk.get(f"/matters/{number}/events")["items"]
    return {event["act"]: f"{event['actor_name']}: {event['said']}" for event in events}


def test_every_word_that_was_written_can_be_read(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "note", "o01", text="住户晚上才在家")
    desk.act(number, "accept", "o02", person="o03")
    desk.act(number, "suspend", "o02", reason="等配件", until="2026-05-08")
    desk.act(number, "resume", "o02")
    desk.act(number, "finish", "o02", result="换了灯泡", photo="IMG-7")
    desk.act(number, "verify", "o01", ok=False, note="还是不亮")
    desk.act(number, "finish", "o02", result="换了镇流器")
    desk.act(number, "verify", "o01", ok=True)
    desk.act(number, "call", "o01", outcome="mostly", note="希望再快些")
    told = said(desk, number)
    assert told["note"] == "王敏: 住户晚上才在家"
    assert told["accept"] == "李强: 陈工"
    assert told["suspend"] == "李强: 等配件  2026-05-08"
    assert told["finish"] == "李强: 换了镇流器"
    assert told["call"] == "王敏: 希望再快些  基本满意"
    assert told["assign"] == "system: 物业"
    everything = str(desk.get(f"/matters/{number}/events"))
    assert "换了灯泡  IMG-7" in everything
    gone = desk.take(first={"act": "transfer", "where": "供电局", "told": "两天内答复"})["matter"]
    assert said(desk, gone)["transfer"] == "王敏: 供电局  两天内答复"


def test_a_clock_set_back_hides_nothing_and_breaks_nothing(desk: DeskWorld) -> None:
    number = desk.take()["matter"]
    desk.act(number, "accept", "o02")
    desk.act(number, "watch", "o01", person="o02", next_check="2026-05-08", note="盯紧")
    desk.at("2026-07-06T09:00")
    desk.act(number, "suspend", "o02", reason="等配件", until="2026-07-08")
    desk.at("2026-05-06T10:00")
    desk.act(number, "progress", "o01", note="已催")
    assert desk.act(number, "resume", "o02")["due_at"].startswith("2026-05-09T09:00")
    assert [one["text"] for one in desk.get(f"/matters/{number}")["watch_entry"]["log"]] == [
        "盯紧", "已催",
    ]  # fmt: skip
    assert run_clocks(desk.hub) == 0


def test_whoever_reported_it_can_be_called_back(desk: DeskWorld) -> None:
    with write_session(desk.hub.engine) as session:
        session.add(
            Holder(community=desk.hub.community, household_id=HOME, name="单雄信", phone="88001")
        )
    last = desk.take(household=None, contact_name="孙先生", contact_phone="13800000009")["matter"]
    middle = desk.take()["matter"]
    desk.take(household=NEIGHBOUR, first={"act": "merge", "into": middle})
    desk.get(f"/matters/{middle}")
    desk.act(middle, "accept", "o02")
    desk.act(middle, "merge", "o02", into=last)
    assert desk.get(f"/matters/{last}")["reporters"] == 3
    found = desk.get(f"/matters/{last}/reporters")["items"]
    assert [(one["door"], one["name"], one["phone"]) for one in found] == [
        (None, "孙先生", "13800000009"), ("3-2-501", "单**", "88001"), ("3-2-502", None, None),
    ]  # fmt: skip
    with Session(desk.hub.engine) as session:
        seen = session.scalars(select(LookUp)).all()
        assert {(one.household_id, one.path) for one in seen} == {
            (home, f"/matters/{last}/reporters") for home in (HOME, NEIGHBOUR, "*")
        }
    desk.get("/matters/99/reporters", 404)
    desk.log_in("he.zhang", "volunteer")
    desk.get(f"/matters/{last}/reporters", 403)


def test_no_door_stands_in_the_hubs_log(desk: DeskWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk.get(f"/cards/of/{HOME}")
    desk.get(f"/matters?household={HOME}")
    desk.get(f"/cards/of/{HOME}9", 404)
    told = [message for message in caplog.messages if "path=" in message]
    assert len(told) == 3
    assert "path='/cards/of/*'" in told[0]
    assert HOME not in str(told)
