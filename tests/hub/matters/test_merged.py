"""Duplicates: every reporter of a merged matter is still somebody to call back."""

import pytest

from tests.hub.matters.desk_world import HOME, NEIGHBOUR, DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)


def test_the_reporter_of_a_merged_matter_may_rate_the_other_one(desk: DeskWorld) -> None:
    first = desk.take(settled="已更换")["matter"]
    desk.take(household=NEIGHBOUR, first={"act": "merge", "into": first})
    desk.get(f"/matters/{first}")
    rated = desk.act(first, "rate", rating="dissatisfied", household=NEIGHBOUR)
    assert (rated["state"], rated["reopened"]) == ("in_progress", 1)


def test_merged_twice_all_reporters_arrive(desk: DeskWorld) -> None:
    last = desk.take(household=None, text="楼道灯")["matter"]
    middle = desk.take()["matter"]
    desk.take(household=NEIGHBOUR, first={"act": "merge", "into": middle})
    desk.get(f"/matters/{middle}")
    desk.act(middle, "accept", "o02")
    desk.act(middle, "merge", "o02", into=last)
    for home in (HOME, NEIGHBOUR):
        assert last in desk.queue("all", household=home)


def test_a_matter_is_not_merged_into_itself_or_one_that_ended(desk: DeskWorld) -> None:
    one, two = desk.take()["matter"], desk.take()["matter"]
    for number in (one, two):
        desk.act(number, "accept", "o02")
    desk.act(one, "merge", "o02", 409, into=one)
    desk.act(one, "merge", "o02", 404, into=999)
    desk.act(one, "merge", "o02", into=two)
    desk.get(f"/matters/{two}")
    desk.act(two, "merge", "o02", 409, into=one)
