"""Accounts of desks act for their own desk, and for no other."""

import pytest

from hub.access.tables import User
from hub.access.tokens import issue
from hub.access.users import add_user, put_at_desk
from hub.db import write_session
from tests.hub.matters.desk_world import CARDS, DeskWorld, desk_world
from tests.hub.nodes import card

desk = pytest.fixture(name="desk")(desk_world)


def test_a_desks_account_may_act_for_its_own_desk_alone(desk: DeskWorld) -> None:
    hub = desk.hub
    token = issue(hub.secret, hub.community, "desk-d1", "desk", hub.now_ms(), desk="d1")
    desk.headers = {"Authorization": f"Bearer {token}"}
    assert len(desk.get("/desks/d1")["on_duty"]) == 2
    refused = desk.get("/desks/d2", 403)
    assert refused["type"] == "/problems/other-desk"
    assert refused["detail"] == "account desk-d1 is of desk d1, not of d2"
    desk.post("/desks/d2/duty", {"card": CARDS["o02"]}, 403)
    desk.post("/desks/d2/who", {"card": CARDS["o02"]}, 403)
    desk.post("/desks/d2/taps", {"card": card(7)}, 403)
    desk.get("/desks/d2/taps", 403)
    number = desk.take()["matter"]
    desk.take(desk="d2", status=403)
    note = {"act": "note", "desk": "d2", "by": "o01", "text": "住户在家"}
    desk.post(f"/matters/{number}/acts", note, 403, If_Match=desk.tags[number])
    meeting = {"bodies": ["committee", "property"], "held_on": "2026-05-07", "desk": "d2"}
    desk.post("/meetings", meeting | {"by": "o01"}, 403)
    desk.at("2026-05-06T09:00")
    assert desk.get("/desks/d2")["on_duty"] == [], "an account of no desk may look at any"


def test_an_account_is_given_its_desk_by_the_operator_and_holds_to_it(desk: DeskWorld) -> None:
    community = desk.hub.community
    with write_session(desk.hub.engine) as session:
        password = add_user(session, community, "desk-d1", "desk", 0, desk="d1")
        session.add(
            User(community=community, name="fang", role="office", password_hash="", created_ms=0)
        )

    def sees(*desks: str) -> list[int]:
        form = {"username": "desk-d1", "password": password}
        token = desk.client.post("/auth/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return [desk.client.get(f"/desks/{one}", headers=headers).status_code for one in desks]

    assert sees("d1", "d2") == [200, 403]
    with write_session(desk.hub.engine) as session:
        assert put_at_desk(session, community, "desk-d1", None)
        assert not put_at_desk(session, community, "fang", "d1")
        assert not put_at_desk(session, community, "nobody", "d1")
    assert sees("d1", "d2") == [200, 200]
