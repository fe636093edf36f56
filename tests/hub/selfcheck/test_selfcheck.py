"""Self-check: one household's own records for two minutes, and nobody else's."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlmodel import Session, col

from hub.access.tables import LookUp
from hub.access.tokens import issue
from hub.db import write_session
from hub.desks.tables import Officer
from hub.ledger.tables import LedgerEntry
from hub.registry.tables import CardBinding, CardBlock, Person
from hub.selfcheck.tokens import SelfVisit
from hub.selfcheck.tokens import issue as issue_visit
from hub.visits.tables import Visit
from hub.web.deps import Hub
from tests.hub.matters.desk_world import CARDS, HOME, NEIGHBOUR, DeskWorld
from tests.hub.nodes import card

pytestmark = pytest.mark.long

FIRST, SECOND, THEIRS = card(11), card(12), card(13)


class Machine:
    """A self-check machine, and a resident who taps."""

    def __init__(self, world: DeskWorld) -> None:
        self.world = world
        hub = world.hub
        with write_session(hub.engine) as session:
            for no, (token, home) in enumerate(
                ((FIRST, HOME), (SECOND, HOME), (THEIRS, NEIGHBOUR)), start=1001
            ):
                session.add(
                    CardBinding(
                        community=hub.community, card=token, from_ms=0, household_id=home,
                        serial=str(no),
                    )
                )  # fmt: skip
        self.visit: dict[str, str] = {}

    def tap(self, token: str, status: int = 200) -> Any:
        hub = self.world.hub
        own = issue(hub.secret, hub.community, "self-1", "selfcheck", hub.now_ms())
        answer = self.world.client.post(
            "/self/tap", json={"card": token}, headers={"Authorization": f"Bearer {own}"}
        )
        assert answer.status_code == status, answer.text
        if status == 200:
            self.visit = {"Authorization": f"Bearer {answer.json()['token']}"}
        return answer.json()

    def say(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = self.world.client.request(method, path, headers=self.visit, **more)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def machine(hub: Hub, client: TestClient) -> Machine:
    return Machine(DeskWorld(hub, client))


def test_a_tap_opens_two_minutes_of_one_household(machine: Machine) -> None:
    opened = machine.tap(FIRST)
    assert (opened["household"], opened["door"], opened["expires_in"]) == (HOME, HOME, 120)
    assert FIRST not in str(opened)
    machine.say("GET", "/self/month?month=2026-05")
    machine.world.hub.now_ms.ms += 119_000  # type: ignore[attr-defined]
    machine.say("GET", "/self/month?month=2026-05")
    machine.world.hub.now_ms.ms += 1000  # type: ignore[attr-defined]
    machine.say("GET", "/self/month?month=2026-05", 401)
    with Session(machine.world.hub.engine) as session:
        seen = [(row.household_id, row.user) for row in session.scalars(select(LookUp))]
    assert seen == [(HOME, "self-1")]


def test_staff_is_known_by_card_and_a_resident_or_volunteer_is_none(machine: Machine) -> None:
    hub = machine.world.hub
    technician, volunteer, left = card(31), card(32), card(33)
    with write_session(hub.engine) as session:
        for person, role, token in (
            ("t01", "technician", technician), ("v01", "volunteer", volunteer),
            ("o05", "officer", left),
        ):  # fmt: skip
            session.add(
                Person(
                    community=hub.community, person_id=person, number=person, role=role, card=token
                )
            )
        session.add(
            Officer(
                community=hub.community, person_id="o05", body="property", name="一号", phone="1",
                left=True,
            )
        )  # fmt: skip
    own = issue(hub.secret, hub.community, "self-1", "selfcheck", hub.now_ms())
    machine.visit = {"Authorization": f"Bearer {own}"}
    for token, status in (
        (CARDS["o01"], 200), (technician, 200), (volunteer, 404), (left, 404), (FIRST, 404),
    ):  # fmt: skip
        said = machine.say("POST", "/self/staff", status, json={"card": token})
        assert token not in str(said)


def test_tokens_of_visits_and_of_users_are_not_taken_for_each_other(machine: Machine) -> None:
    machine.tap(FIRST)
    for path in ("/matters", "/households", f"/households/{HOME}/days", "/contacts"):
        machine.say("GET", path, 401)
    hub = machine.world.hub
    machine.visit = machine.world.headers
    machine.say("GET", "/self/matters", 401)
    other = issue_visit(hub.secret, "other", SelfVisit(HOME, "0" * 16, "m"), hub.now_ms())
    machine.visit = {"Authorization": f"Bearer {other}"}
    machine.say("GET", "/self/matters", 401)


def test_unknown_and_blocked_cards_open_nothing(machine: Machine) -> None:
    assert machine.tap(card(99), 404)["type"].endswith("/unknown-card")
    with write_session(machine.world.hub.engine) as session:
        session.add(CardBlock(community=machine.world.hub.community, card=FIRST, from_ms=0))
    assert machine.tap(FIRST, 409)["type"].endswith("/card-blocked")


def test_a_month_day_by_day_until_today(machine: Machine) -> None:
    machine.tap(FIRST)
    month = machine.say("GET", "/self/month?month=2026-05")
    assert [day["day"] for day in month["days"]] == [f"2026-05-0{no}" for no in range(1, 7)]
    assert {day["mark"] for day in month["days"]} <= {"none", "wait"}
    assert month["balance_fen"] == month["amount_fen"] == 0
    assert machine.say("GET", "/self/month?month=2026-06")["days"] == []
    why = machine.say("GET", "/self/why?day=2026-05-05")
    assert why["why"]
    machine.say("GET", "/self/why?day=2026-05-07", 422)
    machine.say("GET", "/self/month?month=2026-13", 422)


def test_a_question_about_a_day_is_one_matter_that_the_household_rates(machine: Machine) -> None:
    world = machine.world
    machine.tap(FIRST)
    asked = machine.say("POST", "/self/matters", json={"day": "2026-05-05"})
    again = machine.say("POST", "/self/matters", json={"day": "2026-05-05"})
    assert asked["matter"] == again["matter"]
    assert (asked["kind"], asked["belongs"], asked["text"]) == (
        "reward", "社区", "对2026-05-05的奖励有疑问",
    )  # fmt: skip
    number = asked["matter"]
    machine.say("POST", f"/self/matters/{number}/rating", 409, json={"rating": "satisfied"})
    world.get(f"/matters/{number}")
    world.act(number, "accept", "o01")
    world.act(number, "finish", "o01", result="已解释")
    world.act(number, "verify", "o02", ok=True, note="属实")
    (mine,) = machine.say("GET", "/self/matters")["matters"]
    assert mine["ratable"]
    assert [step["name"] for step in mine["steps"]] == ["民提", "民议", "民决", "民办", "民评"]
    rated = machine.say("POST", f"/self/matters/{number}/rating", json={"rating": "satisfied"})
    assert (rated["state"], rated["rating"], rated["ratable"]) == ("closed", "satisfied", False)
    machine.tap(THEIRS)
    assert machine.say("GET", "/self/matters")["matters"] == []
    machine.say("POST", f"/self/matters/{number}/rating", 404, json={"rating": "satisfied"})


def test_what_was_closed_long_ago_asks_for_no_rating(machine: Machine) -> None:
    number = machine.world.take(settled="当场告知")["matter"]
    for at in ("06T09:00", "06T16:00", "07T11:00"):
        machine.world.at(f"2026-05-{at}")
        machine.world.act(number, "call", "o01", outcome="not_reached")
    for at, ratable in (("11:00", True), ("11:01", False)):
        machine.world.at(f"2026-06-06T{at}")
        machine.tap(FIRST)
        (mine,) = machine.say("GET", "/self/matters")["matters"]
        assert mine["ratable"] is ratable


def test_a_neighbours_words_stay_the_neighbours(machine: Machine) -> None:
    world = machine.world
    first = world.take(text="我家门口的灯,晚上一个人害怕")["matter"]
    world.take(household=NEIGHBOUR, text="灯又坏了", first={"act": "merge", "into": first})
    machine.tap(THEIRS)
    shown = {one["matter"]: one for one in machine.say("GET", "/self/matters")["matters"]}
    assert (shown[first]["text"], shown[first]["place"]) == ("", "")
    assert shown[first]["state"] == "assigned"
    assert "害怕" not in str(shown)


def test_a_lost_card_is_blocked_by_another_one_of_the_household(machine: Machine) -> None:
    machine.tap(FIRST)
    cards = {one["serial"]: one for one in machine.say("GET", "/self/cards")["cards"]}
    assert {serial: one["this"] for serial, one in cards.items()} == {"1001": True, "1002": False}
    assert not any(token in str(cards) for token in (FIRST, SECOND, THEIRS))
    machine.say("POST", "/self/lost", 409, json={"serial": "1001"})
    machine.say("POST", "/self/lost", 404, json={"serial": "1003"})
    machine.say("POST", "/self/lost", 422, json={})
    for _ in range(2):
        left = machine.say("POST", "/self/lost", json={"card": cards["1002"]["card"]})["cards"]
        assert {one["serial"]: one["blocked"] for one in left} == {"1001": False, "1002": True}
    machine.tap(SECOND, 409)
    with Session(machine.world.hub.engine) as session:
        assert session.scalars(select(LedgerEntry)).all() == []


def test_cards_without_a_serial_are_told_apart_by_their_last_tap(machine: Machine) -> None:
    community = machine.world.hub.community
    with write_session(machine.world.hub.engine) as session:
        session.execute(update(CardBinding).values(serial=None))
        session.execute(
            update(CardBinding).where(col(CardBinding.card) == SECOND).values(from_ms=5000)
        )
        for number, (token, at_ms, point, day) in enumerate(
            (
                (SECOND, 4000, "p09", date(2026, 5, 1)), (SECOND, 6000, "p03", date(2026, 5, 2)),
                (SECOND, 7000, "p04", None), (THEIRS, 9000, "p05", date(2026, 5, 3)),
            )
        ):  # fmt: skip
            session.add(
                Visit(
                    community=community, visit_id=str(number), source="card", card=token,
                    occurred_ms=at_ms, trusted=day is not None, day=day, point=point,
                    received_ms=0, arrival=0,
                )
            )  # fmt: skip
    machine.tap(FIRST)
    cards = machine.say("GET", "/self/cards")["cards"]
    assert {one["this"]: (one["serial"], one["since"], one["last_tap"]) for one in cards} == {
        True: (None, "1970-01-01", None),
        False: (None, "1970-01-01", {"day": "2026-05-02", "point": "p03"}),
    }


def test_only_a_self_check_machine_opens_visits(machine: Machine) -> None:
    answer = machine.world.client.post(
        "/self/tap", json={"card": FIRST}, headers=machine.world.headers
    )
    assert answer.status_code == 403
