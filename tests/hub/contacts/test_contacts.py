"""Grid contacts: imported with the registry, and the nearest of each level for a household."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from hub.contacts.finding import nearest
from hub.contacts.tables import Contact
from hub.web.deps import Hub
from tests.hub.conftest import bearer
from tests.hub.nodes import COMMUNITY

HOMES = "door,kind,from_day\n" + "".join(
    f"{door},住宅,2026-01-01\n" for door in ("3-1-101", "3-2-501", "11-1-102")
)
CONTACTS = (
    "编号,级别,单位,职务,姓名,电话,楼号,单元,人员,终止日\n"
    "c1,1,社区,书记,社区书记,88000101,,,,\n"
    "c2,二级,社区,副主任,社区副主任,88000102,,,,\n"
    "c3,2,物业,物业经理,物业经理,88000201,,,,\n"
    "c4,3,社区,社区干部,一网格员,88000103,,,,\n"
    "c5,3,社区,社区干部,3号楼网格员,88000104,3号楼,,o01,\n"
    "c6,3,社区,楼组长,3号楼2单元组长,88000105,3,2单元,,\n"
    "c7,3,物业,物业客服,旧客服,88000202,,,,2026-01-01\n"
    "c8,3,物业,物业客服,物业客服,88000203,,,,\n"
)
PEOPLE = "person,number,role\no01,201,工作人员\n"
CHANGE = {
    "level": 3, "body": "property", "title": "物业客服", "name": "3号楼管家", "phone": "88000204",
    "building": "3号楼", "why": "分楼负责",
}  # fmt: skip


class Office:
    """Somebody of the office with a browser."""

    def __init__(self, client: TestClient, hub: Hub) -> None:
        self.client = client
        self.headers = bearer(hub, "office")

    def say(self, method: str, url: str, status: int = 200, **more: Any) -> Any:
        answer = self.client.request(method, url, headers=self.headers, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.content

    def upload(self, name: str, text: str) -> Any:
        return self.say("POST", f"/imports/{name}", files={"file": (f"{name}.csv", text.encode())})

    def of(self, household: str) -> list[tuple[int, str, str]]:
        items = self.say("GET", "/contacts", params={"household": household})["items"]
        return [(item["level"], item["body"], item["contact"]) for item in items]


@pytest.fixture
def office(client: TestClient, hub: Hub) -> Office:
    made = Office(client, hub)
    for name, text in (("households", HOMES), ("people", PEOPLE), ("contacts", CONTACTS)):
        done = made.upload(name, text)
        assert done["imported"], done["problems"]
    return made


def test_a_household_has_the_nearest_contact_of_each_level_and_body(office: Office) -> None:
    common = [(1, "committee", "c1"), (2, "committee", "c2"), (2, "property", "c3")]
    assert office.of("11-1-102") == [*common, (3, "committee", "c4"), (3, "property", "c8")]
    assert office.of("3-1-101") == [*common, (3, "committee", "c5"), (3, "property", "c8")]
    assert office.of("3-2-501") == [*common, (3, "committee", "c6"), (3, "property", "c8")]
    office.say("GET", "/contacts?household=9-9-9", 404)


def test_a_change_over_http_counts_at_once_and_ends_by_its_day(office: Office) -> None:
    made = office.say("PUT", "/contacts/c9", json=CHANGE)
    assert (made["building"], made["person"], made["to_day"]) == ("3", None, None)
    assert office.of("3-1-101")[-1] == (3, "property", "c9")
    assert office.of("11-1-102")[-1] == (3, "property", "c8")
    office.say("PUT", "/contacts/c9", json=CHANGE | {"to_day": "2026-05-03"})
    assert office.of("3-1-101")[-1] == (3, "property", "c8")
    changes = office.say("GET", "/registry/changes", params={"what": "contact", "key": "c9"})
    assert [item["why"] for item in changes["items"]] == ["分楼负责"] * 2


def test_all_contacts_come_in_pages_and_go_out_as_they_came_in(office: Office) -> None:
    first = office.say("GET", "/contacts", params={"limit": 5})
    rest = office.say("GET", "/contacts", params={"limit": 5, "after": first["next"]})
    numbers = [item["contact"] for item in first["items"] + rest["items"]]
    assert numbers == [f"c{no}" for no in range(1, 9)]
    assert rest["next"] is None
    exported = office.say("GET", "/exports/contacts").decode("utf-8-sig")
    assert office.upload("contacts", exported)["same"] == 8


WRONG = {
    "c9,4,社区,书记,甲,88000101,,,,": "found '4'; expected 1, 2 or 3",
    "c9,1,业委会,书记,甲,88000101,,,,": "expected 社区 or 物业",
    "c9,1,社区,书记,甲,88000101,,2,,": "a unit without its building",
    "c9,1,社区,书记,甲,88000101,,,o99,": "no person o99 is registered",
    "c9,1,社区,书记,,88000101,,,,": "姓名: is empty",
    "c1,1,社区,书记,甲,88000101,,,,\nc1,1,社区,书记,甲,88000101,,,,": "already",
}


def test_a_wrong_row_is_told_and_nothing_is_written(office: Office) -> None:
    for row, problem in WRONG.items():
        done = office.upload("contacts", CONTACTS.splitlines()[0] + "\n" + row + "\n")
        assert not done["imported"]
        assert problem in done["problems"][0]


WRONG_CHANGES: tuple[dict[str, object], ...] = (
    {"level": 4}, {"unit": "1", "building": None}, {"name": "=1"}, {"phone": "x"}, {"unit": {}},
)  # fmt: skip


def test_a_wrong_change_is_refused(office: Office) -> None:
    for wrong in WRONG_CHANGES:
        office.say("PUT", "/contacts/c9", 422, json=CHANGE | wrong)
    office.say("PUT", "/contacts/c9", 409, json=CHANGE | {"person": "o99"})


def test_only_the_office_changes_contacts(client: TestClient, hub: Hub) -> None:
    desk = bearer(hub, "desk")
    assert client.get("/contacts", headers=desk).status_code == 200
    assert client.put("/contacts/c9", headers=desk, json=CHANGE).status_code == 403


PLACES = st.sampled_from([(None, None), ("3", None), ("3", "2")])


@given(
    st.lists(
        st.tuples(PLACES, st.sampled_from([1, 2, 3]), st.sampled_from(["committee", "property"])),
        max_size=20,
    )
)
def test_nobody_nearer_is_passed_over(
    given_: list[tuple[tuple[str | None, str | None], int, str]],
) -> None:
    contacts = [
        Contact(
            community=COMMUNITY, contact=f"c{no:02}", level=level, body=body, title="x",
            name="x", phone="1", building=place[0], unit=place[1],
        )
        for no, (place, level, body) in enumerate(given_)
    ]  # fmt: skip
    found = nearest(contacts)
    assert {(one.level, one.body) for one in found} == {(o.level, o.body) for o in contacts}
    assert len(found) == len({(one.level, one.body) for one in found})
    for one in found:
        rivals = [o for o in contacts if (o.level, o.body) == (one.level, one.body)]
        depth = (one.building is not None) + (one.unit is not None)
        assert depth == max((o.building is not None) + (o.unit is not None) for o in rivals)
