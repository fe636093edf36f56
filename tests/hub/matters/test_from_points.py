"""What points say: a report is one matter, and so is a device, however often it fails."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from hub.db import write_session
from hub.desks.tables import Officer
from hub.matters.ailing import Ailing
from hub.matters.from_points import PointNews
from hub.meta import write_meta
from hub.registry.tables import CollectionPoint
from tests.hub.matters.desk_world import DeskWorld, desk_world
from tests.hub.nodes import Node, line, name, take
from wire.base import WireModel
from wire.facts import Fault, Report

desk = pytest.fixture(name="desk")(desk_world)


def report(matter: str = "repair", text: str | None = None) -> Report:
    return Report(matter=matter, place="1号点", text=text, by="v01", command_id="cc" * 16)


def fault(state: str, device: str = "scale-7", what: str = "silent") -> Fault:
    return Fault.model_validate({"device": device, "state": state, "what": what})


class Point:
    """A node that says things, and who reads them."""

    def __init__(self, desk: DeskWorld) -> None:
        self.desk, self.node = desk, Node()
        self.news = PointNews(desk.hub)
        with write_session(desk.hub.engine) as session:
            session.add(
                CollectionPoint(community=desk.hub.community, point="p01", name="1号投放点")
            )
        take(desk.hub.engine, self.node.hello())

    def says(self, *bodies: WireModel) -> None:
        first = len(self.node.lines) + 1
        self.node.lines += [line(name("f", first + no), body) for no, body in enumerate(bodies)]
        take(self.desk.hub.engine, self.node.batch(first, len(bodies)))
        self.news.run()

    def matters(self, kind: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.desk.get(f"/matters?queue=all&kind={kind}")["items"]
        return items


@pytest.fixture
def point(desk: DeskWorld) -> Point:
    return Point(desk)


def test_a_report_at_a_point_is_one_matter_whoever_reads_it_again(point: Point) -> None:
    point.says(report(), report("made_up", "井盖松了"))
    with write_session(point.desk.hub.engine) as session:
        write_meta(session.connection(), "matters_reports_upto", "0")  # lost with an older copy
    PointNews(point.desk.hub).run()
    (repair,) = point.matters("repair")
    assert (repair["channel"], repair["place"], repair["person"]) == ("terminal", "1号点", "o02")
    (other,) = point.matters("other")
    assert (other["text"], other["state"]) == ("井盖松了", "unclear")


def test_a_device_has_one_open_matter_however_often_it_fails(point: Point) -> None:
    point.says(fault("raised"), fault("cleared"))
    assert point.matters("device") == []
    point.says(fault("raised"))
    point.says(fault("raised", what="faulty"), fault("cleared"), fault("raised"))
    PointNews(point.desk.hub).run()
    (one,) = point.matters("device")
    assert (one["place"], one["text"], one["lead"]) == (
        "1号投放点 scale-7", "scale-7 silent", "property",
    )  # fmt: skip
    point.says(fault("raised", "scale-70"), fault("raised", "reader-1", "away"))
    assert len(point.matters("device")) == 3


def test_a_device_that_gets_well_is_noted_in_its_matter_once(point: Point) -> None:
    point.says(fault("raised"), fault("raised", what="faulty"))
    number = point.matters("device")[0]["matter"]

    def notes() -> list[str]:
        events = point.desk.get(f"/matters/{number}/events")["items"]
        return [one["reason"] for one in events if one["act"] == "note"]

    point.says(fault("cleared"))
    assert notes() == [], "something still ails it"
    point.says(fault("cleared", what="faulty"))
    PointNews(point.desk.hub).run()
    assert notes() == ["设备恢复正常:scale-7 faulty"]
    point.says(fault("raised"))
    PointNews(point.desk.hub).run()
    assert notes()[1:] == ["设备又出故障:scale-7 silent"]
    point.says(fault("cleared"), fault("raised"))
    assert len(notes()) == 2, "between two looks nothing has changed"
    point.says(fault("raised", "point", "maintenance"), fault("cleared"))
    assert len(notes()) == 2
    point.says(fault("raised"), fault("cleared", "point", "maintenance"))
    assert len(notes()) == 2, "what a technician tries out is nothing new"
    for no in range(20):
        point.says(fault("raised" if no % 2 else "cleared"))
    assert len(notes()) == 20
    assert notes()[-1].endswith("此后不再逐次记录")
    assert len(point.matters("device")) == 1


def test_a_device_that_fails_after_its_matter_has_ended_has_another_one(point: Point) -> None:
    desk = point.desk
    point.says(fault("raised"))
    number = point.matters("device")[0]["matter"]
    desk.get(f"/matters/{number}")
    desk.act(number, "accept", "o02")
    desk.act(number, "finish", "o02", result="换了线")
    desk.act(number, "verify", "o01", ok=True, note="好了")
    desk.act(number, "call", "o01", outcome="satisfied", note="满意")
    point.news.run()
    PointNews(desk.hub).run()
    assert len(point.matters("device")) == 1
    point.says(fault("cleared"), fault("raised"))
    assert len(point.matters("device")) == 2


def test_what_fails_while_a_technician_works_waits_until_the_end(point: Point) -> None:
    point.says(fault("raised", "point", "maintenance"), fault("raised"))
    assert point.matters("device") == []
    point.says(fault("cleared", "point", "maintenance"))
    assert [one["text"] for one in point.matters("device")] == ["scale-7 silent"]


def test_without_officers_it_waits_and_nothing_is_lost(
    point: Point, caplog: pytest.LogCaptureFixture
) -> None:
    hub = point.desk.hub
    with write_session(hub.engine) as session:
        held = [row.model_dump() for row in session.scalars(select(Officer))]
        session.execute(delete(Officer))
    point.says(report(), fault("raised"))
    point.news.run()
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    with write_session(hub.engine) as session:
        session.add_all([Officer(**row) for row in held])
    point.news.run()
    assert len(point.matters("repair")) == len(point.matters("device")) == 1


SAID = st.tuples(
    st.sampled_from(["p01", "p02"]), st.sampled_from(["scale-1", "point"]),
    st.sampled_from(["silent", "maintenance"]), st.sampled_from(["raised", "cleared"]),
)  # fmt: skip


@given(st.lists(SAID, max_size=20))
def test_a_device_is_in_trouble_while_anything_was_raised_and_not_cleared(
    said: list[tuple[str, str, str, str]],
) -> None:
    ailing, raised = Ailing(), set[tuple[str, str, str]]()
    for arrival, (point, device, what, state) in enumerate(said, start=1):
        ailing.said(arrival, point, fault(state, device, what))
        (raised.add if state == "raised" else raised.discard)((point, device, what))
    at_work = {
        point for point, device, what in raised if (device, what) == ("point", "maintenance")
    }
    expected = {(point, device) for point, device, _ in raised if point not in at_work}
    assert {(one.point, one.device) for one in ailing.troubles()} == expected
