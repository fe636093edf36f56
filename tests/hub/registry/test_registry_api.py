"""The registry over HTTP: cards and their life, places, people, policies, files, searches."""

import io
import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlmodel import Session

from hub.access.tables import LookUp
from hub.db import table
from hub.meta import REVISION, read_meta
from hub.registry.publisher import read_roster
from hub.registry.sheets import XLSX
from hub.registry.tables import RegistryChange
from hub.web.deps import Hub
from tests.hub.conftest import Clock, bearer
from tests.hub.nodes import COMMUNITY, card

HEAD = "door,kind,from_day,name,phone\n"
HOMES = (
    HEAD
    + "11-1-101,住宅,2026-01-01,单雄信,13800000001\n11-1-102,住宅,2026-01-01,欧阳修,\n"
    + "12-1-101,商户,2026-01-01,A1便利店,\n"
)


class Desk:
    """An officer with a browser."""

    def __init__(self, client: TestClient, hub: Hub) -> None:
        self.client = client
        self.hub = hub
        self.headers = bearer(hub, "office")

    def say(self, method: str, url: str, status: int = 200, **more: Any) -> Any:
        headers = self.headers | more.pop("headers", {})
        answer = self.client.request(method, url, headers=headers, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def upload(self, name: str, content: str | bytes, status: int = 200, **more: Any) -> Any:
        whole = content.encode() if isinstance(content, str) else content
        return self.say(
            "POST", f"/imports/{name}", status, files={"file": ("l.csv", whole)}, **more
        )

    def bind(self, no: int, home: str, status: int = 200, **more: Any) -> Any:
        body = {"card": card(no), "household": home, "why": "handed out", **more}
        return self.say("POST", "/cards", status, json=body)

    def found(self, **query: str) -> list[str]:
        items = self.say("GET", "/households", params=query)["items"]
        return [item["household"] for item in items]

    def revision(self) -> str | None:
        """What the publisher looks at to see that the roster must be read again."""
        with self.hub.engine.connect() as connection:
            return read_meta(connection, REVISION)

    def roster(self) -> dict[str, tuple[str, str]]:
        with self.hub.engine.connect() as connection:
            cards = read_roster(connection, COMMUNITY, self.hub.now_ms()).cards
        return {token: (door, state) for token, door, state in cards}


@pytest.fixture
def desk(client: TestClient, hub: Hub) -> Desk:
    made = Desk(client, hub)
    assert made.upload("households", HOMES)["imported"]
    return made


def test_households_are_found_by_part_of_a_door_serial_and_every_reading(desk: Desk) -> None:
    assert desk.found(door="11-1-1") == ["11-1-101", "11-1-102"]
    assert desk.found(door="11号楼1单元102室") == ["11-1-102"]
    assert desk.found(door="1") == ["11-1-101", "11-1-102", "12-1-101"]
    assert desk.found(door="1-") == []
    for initials in ("s", "sxx", "dxs", "C"):
        assert desk.found(initials=initials) == ["11-1-101"]
    assert desk.found(initials="oy") == ["11-1-102"]
    assert desk.found(initials="a1b") == ["12-1-101"]
    desk.bind(1, "11-1-102", serial="100001")
    assert desk.found(serial="100001") == ["11-1-102"]
    assert desk.found(door="11", on="2025-12-31") == []
    desk.say("GET", "/households", 422, params={"door": "1-2-3-4"})


def test_a_changed_name_is_found_by_the_new_one_only(desk: Desk) -> None:
    body = {"name": "王五", "why": "married"}
    shown = desk.say("PATCH", "/households/11-1-101", json=body)
    assert (shown["holder"], shown["from_day"]) == ("王*", "2026-01-01")
    assert (desk.found(initials="ww"), desk.found(initials="sxx")) == (["11-1-101"], [])
    holder = desk.say("GET", "/households/11-1-101/holder")
    assert (holder["name"], holder["phone"]) == ("王五", "13800000001")


def test_the_life_of_a_card(desk: Desk, clock: Clock) -> None:
    before = desk.revision()
    assert desk.bind(1, "11-1-101", serial="100001")["household"] == "11-1-101"
    assert desk.revision() != before
    assert desk.roster() == {card(1): ("11-1-101", "ok")}
    taken = desk.bind(1, "11-1-102", 409)
    assert taken["type"] == "/problems/card-taken"
    clock.ms += 1000
    lost = {"serial": "100001", "why": "lost"}
    assert desk.say("POST", "/cards/block", json=lost)["blocked"]
    assert desk.say("POST", "/cards/block", json=lost)["blocked"]
    assert desk.roster()[card(1)][1] == "blocked"
    clock.ms += 1000
    assert not desk.say("POST", "/cards/unblock", json=lost)["blocked"]
    assert desk.say("POST", "/cards/unblock", 409, json=lost)["status"] == 409
    clock.ms += 1000
    new = {"new_card": card(2), "new_serial": "100002", "why": "broken"}
    shown = desk.say("POST", "/cards/replace", json={"card": card(1), **new})
    assert (shown["household"], shown["serial"]) == ("11-1-101", "100002")
    assert desk.roster() == {card(2): ("11-1-101", "ok")}
    moved = desk.bind(2, "11-1-102", move=True, at="2026-05-03T08:00:10+08:00")
    assert [one["household"] for one in moved["held"]] == ["11-1-102", "11-1-101"]
    assert moved["held"][0]["since"] == moved["held"][1]["until"]
    clock.ms += 60_000
    ended = desk.say("POST", "/cards/end", json={"card": card(2), "why": "moved out"})
    assert (ended["household"], desk.roster()) == (None, {})
    assert desk.say("POST", "/cards/search", json={"card": card(1)})["household"] is None
    assert desk.say("POST", "/cards/search", 404, json={"card": card(9)})
    assert desk.say("POST", "/cards/search", 422, json={"card": card(1), "serial": "1"})


def test_only_the_office_may_back_date(desk: Desk, client: TestClient, hub: Hub) -> None:
    desk.bind(1, "11-1-101")
    past = {"at": "2026-02-01T00:00:00+08:00", "household": "11-1-102", "why": "was his"}
    body = {"card": card(1), **past}
    refused = client.post("/cards", json=body, headers=bearer(hub, "committee"))
    assert (refused.status_code, "back-date" in refused.text) == (403, True)
    held = desk.bind(1, home="11-1-102", at=past["at"])["held"]
    assert [one["household"] for one in held] == ["11-1-101", "11-1-102"]
    assert held[1]["until"] == held[0]["since"]
    again = past | {"household": "12-1-101"}
    assert desk.bind(1, "12-1-101", 409, at=past["at"])["type"] == "/problems/card-taken"
    right = desk.bind(1, "12-1-101", at=again["at"], move=True)["held"]
    assert [one["household"] for one in right] == ["11-1-101", "12-1-101"]


def test_the_policy_says_how_many_cards_a_household_may_have(desk: Desk) -> None:
    body = {"policy": "p2", "from_day": "2026-01-01", "max_cards": 1, "why": "decided"}
    assert desk.say("POST", "/policies", json=body)["version"] == 1
    assert desk.say("POST", "/policies", 409, json=body)["type"] == "/problems/policy-published"
    desk.bind(1, "11-1-101")
    assert "the policy allows 1" in desk.bind(2, "11-1-101", 409)["detail"]
    desk.say("POST", "/cards/replace", json={"card": card(1), "new_card": card(2), "why": "broken"})
    assert len(desk.roster()) == 1
    desk.say("POST", "/policies", 422, json=body | {"policy": "p3", "to_day": "2026-01-01"})
    assert [item["policy"] for item in desk.say("GET", "/policies")["items"]] == ["p2"]


def test_a_door_let_again_and_dates_that_meet(desk: Desk) -> None:
    new = {"door": "11号楼1单元101室", "kind": "residence", "from_day": "2026-05-01", "why": "in"}
    assert "end that one first" in desk.say("POST", "/households", 409, json=new)["detail"]
    out = {"to_day": "2026-05-01", "why": "moved out"}
    assert desk.say("PATCH", "/households/11-1-101", json=out)["to_day"] == "2026-05-01"
    made = desk.say("POST", "/households", json=new | {"successor_of": "11-1-101"})
    assert (made["household"], made["successor_of"]) == ("11-1-101-2", "11-1-101")
    again = {"to_day": None, "why": "wrong"}
    assert desk.say("PATCH", "/households/11-1-101", 409, json=again)
    early = {"to_day": "2025-01-01", "why": "wrong"}
    assert desk.say("PATCH", "/households/11-1-101", 422, json=early)
    wrong = {"successor_of": "99-9-9", "why": "wrong"}
    assert (
        "no other household" in desk.say("PATCH", "/households/11-1-102", 409, json=wrong)["detail"]
    )
    assert desk.say("PATCH", "/households/9-9-9", 404, json=again)


def test_places_and_people(desk: Desk) -> None:
    desk.say("PUT", "/places/community", json={"name": "连心花园", "why": "set up"})
    assert desk.say("GET", "/places/community")["name"] == "连心花园"
    desk.say("PUT", "/places/grids/g1", json={"name": "第一网格", "why": "set up"})
    desk.say("PUT", "/places/buildings/11号楼", json={"grid": "g1", "why": "set up"})
    desk.say("PUT", "/places/points/p01", json={"name": "1号点", "grid": "g1", "why": "set up"})
    for no in (2, 1):
        url = f"/places/points/p01/bins/{no}"
        desk.say("PUT", url, json={"category": "kitchen", "why": "set up"})
    buildings = desk.say("GET", "/places/buildings")["items"]
    assert buildings == [{"building": "11", "grid": "g1"}, {"building": "12", "grid": None}]
    first = desk.say("GET", "/places/bins?limit=1")
    assert first["items"][0]["bin"] == 1
    rest = desk.say("GET", f"/places/bins?limit=1&after={first['next']}")
    assert ([item["bin"] for item in rest["items"]], rest["next"]) == ([2], None)
    assert len(desk.say("GET", "/places/units")["items"]) == 2
    body = {"number": "101", "role": "volunteer", "pin": "1234", "card": card(7), "why": "new"}
    shown = desk.say("PUT", "/people/v01", json=body | {"household": "11-1-102"})
    assert (shown["has_pin"], shown["household"]) == (True, "11-1-102")
    kept = desk.say("PUT", "/people/v01", json={"number": "102", "role": "volunteer", "why": "-"})
    assert (kept["has_pin"], kept["card"], kept["household"]) == (True, card(7), "11-1-102")
    taken = desk.say("PUT", "/people/v02", 409, json=body)["detail"]
    assert "v01's already" in taken
    assert len(desk.say("GET", "/people?role=volunteer")["items"]) == 1


def test_every_change_says_who_when_and_why_and_no_name(desk: Desk) -> None:
    desk.bind(1, "11-1-101")
    desk.say("PATCH", "/households/11-1-101", json={"name": "王五", "why": "married"})
    told = desk.say("GET", "/registry/changes?what=holder&key=11-1-101")["items"]
    assert [(one["user"], one["role"], one["why"], one["fields"]) for one in told] == [
        ("a-office", "office", "import", '{"name": "changed", "phone": "changed"}'),
        ("a-office", "office", "married", '{"name": "changed"}'),
    ]
    (bound,) = desk.say("GET", "/registry/changes?what=card_binding")["items"]
    assert bound["at"].startswith("2026-05-03T08:00:01")
    assert '"household_id": [null, "11-1-101"]' in bound["fields"]
    with Session(desk.hub.engine) as session:
        words = " ".join(session.scalars(select(table(RegistryChange).c.fields)))
    assert "单雄信" not in words
    assert "13800000001" not in words


def test_looks_are_recorded_and_no_log_has_a_name_phone_or_card(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.bind(1, "11-1-101", serial="100001")
    desk.found(initials="sxx")
    desk.found(door="11-1-1")
    desk.say("GET", "/households/11-1-101/holder")
    desk.say("POST", "/cards/search", json={"card": card(1)})
    desk.say("POST", "/cards/block", json={"card": card(1), "why": "lost"})
    desk.say("PATCH", "/households/11-1-101", json={"name": "诸葛亮", "why": "x"})
    desk.upload("households", HOMES)
    desk.client.get("/exports/households", headers=desk.headers)
    own = [one for one in caplog.records if not one.name.startswith("http")]  # the client's own
    logged = " ".join(record.getMessage() for record in own)
    assert "/holder" in logged, "the log is there"
    for secret in ("单雄信", "诸葛亮", "sxx", "13800000001", card(1), card(1)[3:], "100001"):
        assert secret not in logged
    with Session(desk.hub.engine) as session:
        seen = session.execute(select(table(LookUp))).all()
    assert [(row.household_id, row.path, row.user) for row in seen] == [
        ("*-*-*", "/households?initials", "a-office"),
        ("11-1-1", "/households", "a-office"),
        ("11-1-101", "/households/{household}/holder", "a-office"),
        ("11-1-101", "/cards/search", "a-office"),
        ("*", "/exports/households", "a-office"),
    ]


def test_files_by_http_are_the_files_of_the_command(desk: Desk) -> None:
    bad = desk.upload(
        "households", HOMES + "x,住宅,2026-01-01,,\ny,,,,\n", params={"dry_run": True}
    )
    assert (bad["imported"], len(bad["problems"])) == (False, 4)
    out = desk.client.get("/exports/households", headers=desk.headers)
    assert out.headers["content-disposition"].endswith('"households.csv"')
    again = desk.upload("households", out.content)
    assert (again["new"], again["changed"], again["imported"]) == (0, 0, True)
    asked = desk.headers | {"Accept": XLSX}
    book = load_workbook(io.BytesIO(desk.client.get("/exports/households", headers=asked).content))
    assert book.sheetnames == ["住户"]
    assert [cell.value for cell in book["住户"][2]][:6] == [
        "11-1-101", "11", "1", "101", "住宅", "单雄信",
    ]  # fmt: skip
    assert desk.upload("households", b"x" * 9_000_000, 413)["status"] == 413
    assert desk.upload("nothing", "", 422)


@pytest.mark.parametrize("role", ["volunteer", "property"])
def test_others_may_not_write(desk: Desk, client: TestClient, hub: Hub, role: Any) -> None:
    headers = bearer(hub, role)
    body = {"name": "x", "why": "x"}
    assert client.put("/places/community", json=body, headers=headers).status_code == 403
    assert client.get("/exports/households", headers=headers).status_code == 403
    assert client.get("/households/11-1-101/holder", headers=headers).status_code == 403
