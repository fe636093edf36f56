"""Desks over HTTP: duty, whose card, taps, officers; what a desk may do and what never."""

import logging
import threading

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import Session, col

from hub.access.tables import LookUp
from hub.db import write_session
from hub.desks.tables import DeskDuty
from hub.registry.tables import CardBinding, CardBlock, Holder
from hub.roles import Role
from hub.web.deps import Hub
from tests.hub.matters.desk_world import CARDS, HOME, NEIGHBOUR, DeskWorld
from tests.hub.nodes import card

HOME_CARD, STRANGE = card(7), card(8)


@pytest.fixture
def world(hub: Hub, client: TestClient) -> DeskWorld:
    made = DeskWorld(hub, client)
    made.on_duty()
    with write_session(hub.engine) as session:
        session.add(
            CardBinding(community=hub.community, card=HOME_CARD, from_ms=0, household_id=HOME)
        )
        session.add(Holder(community=hub.community, household_id=HOME, name="单雄信"))
    return made


def sits(world: DeskWorld, desk: str = "d1") -> list[str]:
    return [one["person"] for one in world.get(f"/desks/{desk}")["on_duty"]]


def duty(world: DeskWorld, person: str, desk: str = "d1", status: int = 200) -> None:
    world.post(f"/desks/{desk}/duty", {"card": CARDS[person]}, status)


def test_one_officer_of_each_side_sits_at_a_desk(world: DeskWorld) -> None:
    duty(world, "o01")
    duty(world, "o02")
    assert sits(world) == ["o01", "o02"]
    duty(world, "o03")
    assert sits(world) == ["o01", "o03"]
    duty(world, "o01")
    assert sits(world) == ["o03"]
    duty(world, "o03", "d2")
    assert (sits(world), sits(world, "d2")) == ([], ["o03"])


def test_a_double_press_is_one_tap(world: DeskWorld) -> None:
    for _ in range(2):
        world.post("/desks/d1/duty", {"card": CARDS["o01"]}, Idempotency_Key="tap-1")
    assert sits(world) == ["o01"]


def test_begun_twice_is_begun_and_ended_twice_is_ended(world: DeskWorld) -> None:
    for begins, here in ((True, ["o01"]), (True, ["o01"]), (False, []), (False, [])):
        world.post("/desks/d1/duty", {"card": CARDS["o01"], "begins": begins})
        assert sits(world) == here


def test_no_person_hears_what_is_tapped_at_a_desk(world: DeskWorld) -> None:
    people: tuple[Role, ...] = ("admin", "office", "committee", "property", "volunteer")
    for role in people:
        world.log_in(f"{role}-1", role)
        world.get("/desks/d1/taps", 403)


def test_duty_is_kept_as_it_was(world: DeskWorld) -> None:
    duty(world, "o01")
    world.at("2026-05-06T12:00")
    duty(world, "o04")
    with Session(world.hub.engine) as session:
        rows = session.scalars(select(DeskDuty).order_by(col(DeskDuty.duty))).all()
        told = [(row.person_id, row.to_ms is None) for row in rows]
    assert told == [("o01", False), ("o04", True)]


def test_whose_card_it_is_with_its_contacts_and_leaves_a_trace(world: DeskWorld) -> None:
    found = world.post("/desks/d1/who", {"card": HOME_CARD})
    assert found["officer"] is None
    home = found["household"]
    assert (home["household"], home["name"], home["card_state"]) == (HOME, "单**", "ok")
    assert home["contacts"] == []
    officer = world.post("/desks/d1/who", {"card": CARDS["o02"]})
    assert officer["officer"] == {"person": "o02", "name": "李强", "body": "property"}
    with write_session(world.hub.engine) as session:
        seen = session.scalars(select(LookUp)).all()
        assert [(row.household_id, row.user, row.path) for row in seen] == [
            (HOME, "desk-1", "/desks/d1/who")
        ]
        session.add(CardBlock(community=world.hub.community, card=HOME_CARD, from_ms=0))
    again = world.post("/desks/d1/who", {"card": HOME_CARD})
    assert again["household"]["card_state"] == "blocked"


def test_an_unknown_card_is_told_so_and_stands_nowhere(
    world: DeskWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for path in ("who", "duty"):
        problem = world.post(f"/desks/d1/{path}", {"card": STRANGE}, 404)
        assert problem["type"].endswith("/unknown-card")
        assert STRANGE not in str(problem)
    world.post("/desks/d1/duty", {"card": HOME_CARD}, 404)
    world.post("/desks/d1/who", {"card": STRANGE[:-1] + "!"}, 422)
    assert STRANGE[:-1] not in caplog.text


def test_a_tap_goes_once_to_the_desk_that_waits(world: DeskWorld) -> None:
    assert world.get("/desks/d1/taps") == {"card": None}
    got: list[object] = []
    wait = threading.Thread(target=lambda: got.append(world.get("/desks/d1/taps?wait_s=20")))
    wait.start()
    world.post("/desks/d1/taps", {"card": HOME_CARD}, 202)
    wait.join(10)
    assert got == [{"card": HOME_CARD}]
    assert world.get("/desks/d1/taps") == {"card": None}
    world.get("/desks/d1/taps?wait_s=21", 422)


def test_a_tap_sent_again_under_its_key_is_one_tap(world: DeskWorld) -> None:
    for _ in range(2):
        world.post("/desks/d1/taps", {"card": HOME_CARD}, 202, Idempotency_Key="tap-1")
    assert [world.get("/desks/d1/taps")["card"] for _ in range(2)] == [HOME_CARD, None]
    late = world.client.post(
        "/desks/d1/taps", json={"card": HOME_CARD},
        headers=world.headers | {"Idempotency-Key": "tap-1"},
    )  # fmt: skip
    assert (late.status_code, late.headers["idempotency-replayed"]) == (202, "true")
    assert world.get("/desks/d1/taps") == {"card": None}, "it was given, its sender asked again"
    refused = world.post("/desks/d1/taps", {"card": STRANGE}, 422, Idempotency_Key="tap-1")
    assert refused["type"] == "/problems/idempotency-key-reused"
    assert STRANGE not in str(refused)
    world.log_in("desk-2", "desk")
    world.post("/desks/d1/taps", {"card": STRANGE}, 202, Idempotency_Key="tap-1")
    assert world.get("/desks/d1/taps") == {"card": STRANGE}, "a key is its sender's own"


def test_waiting_for_a_tap_holds_no_connection_to_the_store(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(world.hub.engine, "connect", refuse)
    world.post("/desks/d1/taps", {"card": HOME_CARD}, 202)
    assert world.get("/desks/d1/taps") == {"card": HOME_CARD}


def test_the_office_registers_officers_and_says_who_left(world: DeskWorld) -> None:
    duty(world, "o01")
    world.log_in("li.fang", "office")
    change = {"body": "committee", "name": "王敏", "phone": "0571-8600 9999", "why": "新电话"}

    def put(person: str, **more: object) -> int:
        answer = world.client.put(f"/officers/{person}", json=change | more, headers=world.headers)
        return answer.status_code

    assert put("o01") == 200
    assert sits(world) == ["o01"]
    assert put("o99") == 409
    assert put("o01", left=True) == 200
    assert sits(world) == []
    duty(world, "o01", status=404)
    listed = world.get("/officers?limit=1")
    assert listed["items"][0]["left"]
    assert world.get(f"/officers?after={listed['next']}")["items"][0]["person"] == "o02"
    changes = world.get("/registry/changes?what=officer&key=o01")["items"]
    assert [one["user"] for one in changes] == ["li.fang", "li.fang"]


def test_who_stands_for_the_owners_sits_at_no_desk(world: DeskWorld) -> None:
    world.log_in("li.fang", "office")
    change = {"body": "owners", "name": "业委会值班", "phone": "0571-8600 3003", "why": "签字"}
    world.client.put("/officers/o04", json=change, headers=world.headers)
    duty(world, "o04", status=409)


DESK_MAY = {
    ("GET", "/contacts"), ("GET", "/officers"), ("GET", "/desks/{desk}"),
    ("POST", "/desks/{desk}/duty"), ("POST", "/desks/{desk}/who"), ("GET", "/desks/{desk}/taps"),
    ("POST", "/desks/{desk}/taps"), ("GET", "/households"), ("POST", "/households/search"),
    ("GET", "/households/{household}"), ("GET", "/households/{household}/days"),
    ("POST", "/cards"), ("POST", "/cards/block"), ("POST", "/cards/replace"),
    ("POST", "/cards/search"), ("GET", "/cards/of/{household}"), ("POST", "/disputes"),
    ("GET", "/disputes"),
    ("GET", "/disputes/{number}"),
}  # fmt: skip
OF_ALL = ("/places", "/points", "/healthz", "/readyz", "/auth/token", "/self/")
MATTERS = ("/matters", "/matter-", "/working-calendar", "/meetings")


NEVER = (
    ("GET", "/households/3-2-501/balance"), ("POST", "/households"), ("PUT", "/people/v01"),
    ("POST", "/cards/unblock"), ("PUT", "/officers/o01"), ("POST", "/imports/households"),
    ("GET", "/entries"), ("POST", "/disputes/1/answer"), ("POST", "/settlements"),
)  # fmt: skip


def test_a_desk_machine_moves_no_money_and_writes_no_registry(world: DeskWorld) -> None:
    for method, path in NEVER:
        answer = world.client.request(method, path, headers=world.headers)
        assert answer.status_code == 403, path


@pytest.mark.long
def test_a_desk_may_do_what_a_desk_needs_and_a_self_check_machine_less(
    world: DeskWorld,
) -> None:
    paths = world.client.app.openapi()["paths"]  # type: ignore[attr-defined]
    found: dict[str, set[tuple[str, str]]] = {}
    roles: tuple[Role, ...] = ("desk", "selfcheck")
    for role in roles:
        world.log_in(f"{role}-1", role)
        found[role] = {
            (method.upper(), path)
            for path, methods in paths.items()
            if not path.startswith((*OF_ALL, *MATTERS))
            for method in methods
            if _admits(world, method, path)
        }
    assert found["desk"] == DESK_MAY
    assert found["selfcheck"] == {("GET", "/contacts")}
    for method in ("GET", "POST"):
        body = {"card": STRANGE} if method == "POST" else None
        own, other = (
            world.client.request(method, f"/desks/{name}/taps", json=body, headers=world.headers)
            for name in ("selfcheck-1", "d1")
        )
        assert (own.status_code, other.status_code) == (202 if body else 200, 403)


def _admits(world: DeskWorld, method: str, path: str) -> bool:
    filled = path.replace("{desk}", "d1").replace("{", "").replace("}", "")
    answer = world.client.request(method, filled, headers=world.headers)
    return answer.status_code not in {401, 403}


def test_a_card_without_a_serial_is_named_by_its_mark_among_its_households_own(
    world: DeskWorld,
) -> None:
    (held,) = world.get(f"/cards/of/{HOME}")["cards"]
    assert (held["serial"], HOME_CARD in str(held)) == (None, False)
    lost = {"mark": held["mark"], "why": "reported lost"}
    world.post("/cards/block", lost, 422)
    world.post("/cards/block", lost | {"household": HOME, "serial": "1"}, 422)
    world.post("/cards/block", lost | {"household": NEIGHBOUR}, 404)
    assert world.get(f"/cards/of/{HOME}")["cards"][0]["blocked"] is False
    world.post("/cards/block", lost | {"household": HOME})
    assert world.get(f"/cards/of/{HOME}")["cards"][0]["blocked"] is True
