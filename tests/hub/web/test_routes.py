"""What the API tells of facts, visits, points and households."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hub.db import upsert, write_session
from hub.intake.inbound import Inbound
from hub.registry.tables import CardBinding, CardBlock, Household
from hub.web.deps import Hub
from hub.web.keyset import decode_place, encode_place
from hub.web.problem import ProblemError
from tests.hub.conftest import bearer
from tests.hub.nodes import COMMUNITY, SHIFT, T_MS, Node, card, line, name, take, tap, verdict
from wire import codec, facts
from wire.session import PortStatus, Status
from wire.topics import FACTS, STATUS

COMMAND = "cc" * 16


def register(hub: Hub) -> None:
    household = {"community": COMMUNITY, "building": "11", "unit": "1", "kind": "residence"}
    homes = [
        household | {"household_id": f"11-1-{no}", "room": str(no), "from_day": date(2026, 1, 1)}
        for no in range(101, 108)
    ]
    cards = [
        {"community": COMMUNITY, "card": card(no), "from_ms": 0, "household_id": f"11-1-10{no}"}
        for no in (1, 2)
    ]
    block = {"community": COMMUNITY, "card": card(2), "from_ms": T_MS - 1, "until_ms": None}
    with write_session(hub.engine) as session:
        connection = session.connection()
        upsert(connection, Household, homes)
        upsert(connection, CardBinding, cards)
        upsert(connection, CardBlock, [block])


@pytest.fixture
def day(hub: Hub) -> Node:
    """A morning at p01: known, blocked and unknown cards, one without a clock, one by hand."""
    register(hub)
    manual = facts.Manual(door="11-1-103", by="v01", shift=SHIFT, command_id=COMMAND)
    alone = facts.Tap(card=card(1), reader="r", known="known", signal="recorded")
    node = Node(
        lines=[
            line(name("a"), tap(1)),
            line(name("b"), tap(2)),
            line(name("c"), tap(3)),
            line(name("d"), alone, trust="none", wall_ms=5),
            line(name("e"), manual),
            line(name("w"), verdict(name("a"), "rejected")),
            line(name("x"), verdict(name("a"), "accepted"), wall_ms=T_MS + 5),
            b"unreadable",
        ]
    )
    take(hub.engine, node.hello(), node.batch(1, 8))
    return node


def get(client: TestClient, headers: dict[str, str], url: str) -> Any:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything(client: TestClient, headers: dict[str, str], url: str) -> list[Any]:
    items, after = [], None
    while True:
        mark = "&" if "?" in url else "?"
        page = get(client, headers, f"{url}{mark}limit=2" + (f"&after={after}" if after else ""))
        items += page["items"]
        after = page["next"]
        if after is None:
            return items


def test_visits_tell_whose_card_how_judged_and_when(
    client: TestClient, hub: Hub, day: Node
) -> None:
    headers = bearer(hub, "committee")
    told = everything(client, headers, "/visits?point=p01")
    assert [
        (one["household"], one["card_state"], one["source"], one["day"], one["attended"])
        for one in told
    ] == [
        ("11-1-101", "known", "card", "2026-05-03", True),
        ("11-1-102", "blocked", "card", "2026-05-03", True),
        (None, "unknown", "card", "2026-05-03", True),
        ("11-1-101", "known", "card", None, False),
        ("11-1-103", "none", "manual", "2026-05-03", True),
    ]
    assert (told[0]["verdict"], told[0]["at"]) == ("accepted", "2026-05-03T08:00:01.234+08:00")
    assert len(everything(client, headers, "/visits?day=2026-05-03")) == 4
    assert get(client, headers, "/visits?day=2026-05-04")["items"] == []


def test_facts_are_shown_as_they_came(client: TestClient, hub: Hub, day: Node) -> None:
    headers = bearer(hub, "technician")
    keys = everything(client, headers, "/facts?point=p01")
    assert [(one["fact"], one["seq"]) for one in keys][:2] == [(name("a"), 1), (name("b"), 2)]
    assert len(keys) == 7
    shown = get(client, headers, f"/facts/{name('a')}")
    assert shown["line"].encode() == day.lines[0]
    missing = client.get("/facts/none", headers=headers)
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/fact-unknown")


def test_dead_letters_say_why(client: TestClient, hub: Hub, day: Node) -> None:
    take(hub.engine, Inbound(FACTS.of("other", "p01"), b"\xff", T_MS))
    told = everything(client, bearer(hub, "technician"), "/dead-letters")
    assert [(one["reason"], one["point"], one["seq"]) for one in told] == [
        ("not_json", "p01", 8),
        ("foreign_community", None, None),
    ]


def test_points_tell_what_they_say_and_what_is_held(
    client: TestClient, hub: Hub, day: Node
) -> None:
    port = PortStatus(name="reader-1", kind="rdm6300", up=True, frames=3)
    status = Status(
        online=True, boot=1, nonce=day.nonce, trust="hub", attended=True, taps=4, waiting=2,
        unjudged=3, ports=(port,),
    )  # fmt: skip
    said = Inbound(STATUS.of(COMMUNITY, "p01"), codec.encode(status), T_MS + 1000)
    take(hub.engine, said, day.hello(nonce="b0" * 16), day.hello())
    first, second = get(client, bearer(hub, "volunteer"), "/points")["items"]
    assert first | {"ports": []} == first | {
        "point": "p01", "online": True, "trust": "hub", "attended": True, "taps": 4,
        "waiting": 2, "unjudged": 3, "facts": 7, "epochs": 1, "quarantined": True,
        "dead_letters": 1, "last_contact": "2026-05-03T08:00:01.234+08:00", "ports": [],
    }  # fmt: skip
    assert first["ports"][0]["frames"] == 3
    assert (second["online"], second["last_contact"], second["facts"]) == (False, None, 0)


def test_a_quarantine_is_lifted_by_an_officer(client: TestClient, hub: Hub, day: Node) -> None:
    take(hub.engine, day.hello(nonce="b0" * 16), day.hello())
    url = f"/points/p01/epochs/{day.epoch}/lift"
    assert client.post(url, headers=bearer(hub, "volunteer")).status_code == 403
    answer = client.post(url, headers=bearer(hub, "office"))
    assert (answer.status_code, answer.json()["state"]) == (200, "leased")
    day.lines.append(line(name("later"), tap(4)))
    unit = take(hub.engine, day.hello(), day.batch(9, 1))
    assert len(unit.accepted) == 1


def test_households_are_found_by_door_and_by_card(client: TestClient, hub: Hub) -> None:
    register(hub)
    headers = bearer(hub, "property")
    assert len(everything(client, headers, "/households?building=11&unit=1")) == 7
    (one,) = everything(client, headers, "/households?building=11&unit=1&room=104")
    assert one == get(client, headers, "/households/11-1-104")
    found = client.post("/households/search", headers=headers, json={"card": card(1)})
    assert found.json()["household"] == "11-1-101"
    lost = client.post("/households/search", headers=headers, json={"card": card(9)})
    assert (lost.status_code, card(9) in lost.text) == (404, False)
    assert client.get("/households/11-1-999", headers=headers).status_code == 404


@pytest.mark.parametrize("after", ["%", "AAAA", "bnVsbA", "WyJ4Il0", "😀"])
def test_a_made_up_cursor_is_a_problem_not_a_crash(
    client: TestClient, hub: Hub, after: str
) -> None:
    headers = bearer(hub, "admin")
    for url in ("/visits", "/facts", "/dead-letters"):
        answer = client.get(url, params={"after": after}, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (422, 422), url


def test_a_place_comes_back() -> None:
    assert decode_place(encode_place(7, "é"), tuple[int, str]) == (7, "é")
    with pytest.raises(ProblemError):
        decode_place(encode_place("é"), tuple[int])


@pytest.mark.sqlite_only  # PostgreSQL calls a missing table a mistake of the program
def test_a_store_that_refuses_is_a_problem_to_try_again(client: TestClient, hub: Hub) -> None:
    headers = bearer(hub, "admin")
    with write_session(hub.engine) as session:
        session.connection().exec_driver_sql("ALTER TABLE visit RENAME TO gone")
    answer = client.get("/visits", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store")


def test_ready_only_when_facts_can_be_taken(client: TestClient, hub: Hub) -> None:
    assert client.get("/readyz").status_code == 200
    hub.health.problems["store"] = "database or disk is full"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]["store"]) == (
        503,
        "database or disk is full",
    )
    assert client.get("/healthz").status_code == 200
