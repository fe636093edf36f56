"""GeoReport v2: two clients that others wrote, and every byte looked at."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest
from georeport import GeoReport  # type: ignore[import-untyped]
from sqlmodel import Session

from hub.db import make_engine, write_session
from hub.matters.tables import MatterReporter
from hub.open311.keys import add_key, name_of
from hub.registry.tables import BuildingUnit, Holder
from hub.web.deps import Hub
from tests.hub.matters.desk_world import HOME, DeskWorld
from tests.hub.nodes import COMMUNITY
from tests.hub.open311.clients import old_three, running
from tests.hub.test_serve import run, write_config

pytestmark = pytest.mark.long

POST = {"service_code": "repair", "address_string": "3号楼2单元楼梯", "description": "灯不亮"}


class City:
    """A hub on a port, a program with a key, and the desk's own client."""

    def __init__(self, world: DeskWorld, url: str) -> None:
        self.world, self.url = world, f"{url}/open311/v2"
        with write_session(world.hub.engine) as session:
            self.key = add_key(session, COMMUNITY, "city-app", 0) or ""
            session.add(BuildingUnit(community=COMMUNITY, building="3", unit="2"))
            session.add(Holder(community=COMMUNITY, household_id=HOME, name="单雄信"))

    def get(self, path: str, status: int = 200) -> Any:
        answer = httpx2.get(f"{self.url}/{path}")
        assert answer.status_code == status, answer.text
        return answer.json() if ".json" in path else ET.fromstring(answer.content)

    def post(self, status: int = 200, form: str = "json", **fields: Any) -> Any:
        headers = {"Idempotency-Key": key} if (key := fields.pop("idempotency", None)) else {}
        given = {"api_key": self.key, **POST, **fields}
        data = {name: value for name, value in given.items() if value is not None}
        answer = httpx2.post(f"{self.url}/requests.{form}", data=data, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if form == "json" else ET.fromstring(answer.content)

    def made(self, **fields: Any) -> str:
        (one,) = self.post(**fields)
        assert "token" not in one
        return str(one["service_request_id"])

    def refused(self, status: int, word: str, **fields: Any) -> None:
        (one,) = self.post(status, **fields)
        assert one["code"] == status
        assert word in one["description"]


@pytest.fixture
def city(hub: Hub, client: Any) -> Iterator[City]:
    world = DeskWorld(hub, client)
    with running(hub) as url:
        yield City(world, url)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_0_3_1_reads_services_and_requests(city: City, form: str) -> None:
    numbers = [city.made(), city.made(service_code="parking")]
    reader = GeoReport(city.url, jurisdiction=COMMUNITY, output_format=form)
    services = {one["service_code"]: one["service_name"] for one in reader.get_service_list()}
    assert services["repair"] == "报修"
    assert "device" not in services
    assert reader.get_service_definition("repair")["service_code"] == "repair"
    found = reader.get_service_requests(status="open,closed")
    assert [one["service_request_id"] for one in found] == numbers[::-1]
    one = reader.get_service_request(numbers[0])
    assert (one["service_name"], one["address"]) == ("报修", "3号楼2单元楼梯")
    assert one["agency_responsible"] == "物业"
    assert one["expected_datetime"].startswith("2026-05-")


def test_three_0_8_0_posts_and_reads(city: City) -> None:
    client = old_three().Three(city.url, api_key=city.key, jurisdiction=COMMUNITY)
    assert client.discovery()["endpoints"][0]["url"] == city.url
    assert any(one["service_code"] == "blocked_way" for one in client.services())
    assert client.services("repair")["attributes"][0]["code"] == "since"
    (made,) = client.post(
        "blocked_way", address="3号楼2单元门口", name="Zach Williams", phone="555-5555",
        description="Zach Williams: bicycles block the door",
    )  # fmt: skip
    number = made["service_request_id"]
    (shown,) = client.request(number)
    assert shown["agency_responsible"] == "联合(牵头:物业)"
    assert shown["description"] == "**: bicycles block the door"
    assert client.token(number) == [{"service_request_id": number, "token": number}]
    assert len(client.requests(count=5)) == 1
    assert client.requests("repair") == []
    (refused,) = client.post("repair", address="x", api_key="wrong")
    assert refused["code"] == 403


def test_a_report_has_an_owner_and_a_deadline_and_comes_once(city: City) -> None:
    number = city.made(idempotency="press-1", first_name="敏", last_name="孙", phone="13800000009")
    assert city.made(idempotency="press-1") == number
    matter = city.world.get(f"/matters/{number}")
    assert (matter["state"], matter["person"], matter["channel"]) == ("assigned", "o02", "open311")
    with Session(city.world.hub.engine) as session:
        held = session.get_one(MatterReporter, (COMMUNITY, int(number), 1))
        assert (held.name, held.phone) == ("孙敏", "13800000009")


def test_no_name_of_a_reporter_leaves_in_any_byte(city: City) -> None:
    number = int(city.made(
        first_name="婉清", last_name="欧阳", phone="13811112222",
        description="我是欧阳婉清(婉清),13811112222,楼梯灯不亮",
        address_string="欧阳婉清家门口",
    ))  # fmt: skip
    world = city.world
    world.get(f"/matters/{number}")
    world.act(number, "accept", "o02")
    world.act(number, "finish", "o02", result="已告知欧阳婉清")
    world.take(text="我是单雄信,我家漏水", place="3-2-501", contact_name="单小妹")
    desk = world.take(text="停车", place="3-2-501", kind="parking", first={
        "act": "decline", "told": "已告知单雄信",
    })["matter"]  # fmt: skip
    said = b""
    for form in ("json", "xml"):
        for path in (
            "services",
            "discovery",
            "services/repair",
            "requests",
            f"requests/{number}",
            f"requests/{desk}",
            f"tokens/{number}",
        ):
            said += httpx2.get(f"{city.url}/{path}.{form}?extensions=true").content
    text = said.decode() + json.loads(json.dumps(said.decode()))
    for word in ("欧阳", "婉清", "13811112222", "单雄信", "雄信", "单小妹", "3-2-501", "漏水"):
        assert word not in text, word
    assert "楼梯灯不亮" in text


def test_what_the_office_wrote_for_itself_stays_inside(city: City) -> None:
    number = int(city.made())
    world = city.world
    world.get(f"/matters/{number}")
    world.act(number, "accept", "o02")
    world.act(number, "note", "o01", text="住户有听力障碍")
    world.act(number, "watch", "o01", person="o02", next_check="2026-05-08", note="约谈住户儿子")
    world.act(number, "progress", "o01", note="住户家中无人")
    world.act(number, "reassign", "o02", person="o03")
    world.act(number, "finish", "o02", result="换了灯泡")
    world.act(number, "verify", "o01", ok=True, note="楼上住户也作证")
    (shown,) = city.get(f"requests/{number}.json")
    told = [note["description"] for note in shown["notes"]]
    assert "待核查:换了灯泡" in told
    world.act(number, "call", "o01", outcome="dissatisfied", note="住户说她丈夫住院了")
    text = str(city.get(f"requests/{number}.json")) + str(city.get("requests.json"))
    for word in ("听力", "约谈", "无人", "作证", "住院"):
        assert word not in text, word


def test_where_a_reporter_lives_stays_inside(city: City) -> None:
    number = city.world.take(text="灯不亮", first={
        "act": "decline", "told": "已到3号楼2单元501(3-2-501)门口告知,楼梯灯归物业",
    })["matter"]  # fmt: skip
    (shown,) = city.get(f"requests/{number}.json")
    assert "501" not in str(shown)
    assert "楼梯灯归物业" in shown["status_notes"]


def test_states_notes_and_filters(city: City) -> None:
    first, second = (
        city.made(),
        city.made(service_code="parking", address_string=None, lat="30.5", long="120.25"),
    )
    world = city.world
    world.get(f"/matters/{first}")
    world.act(int(first), "accept", "o02")
    (shown,) = city.get(f"requests/{first}.json")
    assert (shown["status"], shown["status_notes"]) == ("open", "处置中")
    assert [note["description"] for note in shown["notes"]] == ["受理", "已派", "处置中"]
    (placed,) = city.get(f"requests.json?service_request_id={second}&status=closed")
    assert (placed["lat"], placed["long"], placed["address"]) == (30.5, 120.25, None)
    assert "notes" not in placed

    def found(query: str) -> list[str]:
        return [one["service_request_id"] for one in city.get(f"requests.json?{query}")]

    assert found("service_code=parking,rental") == [second]
    assert found("status=closed") == []
    assert found("page_size=1&page=2") == [first]
    assert found("start_date=2026-05-06T00:00:00+08:00") == [second, first]
    assert found("start_date=2026-05-06T00:00:00%2B08:00&end_date=2026-05-06") == []
    assert found("start_date=2026-05-07T00:00:00Z") == []
    assert found(f"service_request_id={first},99,{second}") == [second, first]
    world.at("2026-08-10T09:00")
    assert found("") == []
    assert found("start_date=2026-05-01&end_date=2026-06-01") == [second, first]
    assert found("start_date=2026-05-01") == [second, first]
    assert found("start_date=2026-05-01&end_date=2026-08-09") == []


def test_errors_are_arrays_in_the_asked_form_and_never_a_422(city: City) -> None:
    for path, status in {
        "services/none.json": 404, "requests/999.json": 404, "requests/x.json": 400,
        "tokens/x.json": 404, "tokens/%C2%B2.json": 404, "tokens/%E2%91%A0.xml": 404,
        "requests.json?status=lost": 400, "requests.json?start_date=soon": 400,
        "requests.json?page=0": 400, "requests.json?page_size=1001": 400,
        "requests.json?status=open&status=closed": 400, "services.yaml": 400,
        "services.json?jurisdiction_id=elsewhere": 404,
        "requests.json?service_request_id=1,x": 400, "nothing.json": 404,
        "requests.json?start_date=0001-01-01T00:00:00Z": 400,
    }.items():  # fmt: skip
        answer = httpx2.get(f"{city.url}/{path}")
        assert answer.status_code == status, path
        if ".json" in path.partition("?")[0]:
            assert [one["code"] for one in answer.json()] == [status], path
    (error,) = city.get("requests/999.xml", 404)
    assert (error.tag, error.findtext("code")) == ("error", "404")
    assert httpx2.delete(f"{city.url}/services.json").status_code == 405


def test_a_wrong_report_says_what_is_wrong_and_makes_nothing(city: City) -> None:
    city.refused(403, "api_key", api_key=None)
    city.refused(403, "api_key", api_key="guess")
    city.refused(400, "service_code", service_code=None)
    city.refused(404, "service_code", service_code="device")
    city.refused(400, "lat and long", address_string=None)
    city.refused(400, "lat:", address_string=None, lat="91", long="0")
    city.refused(400, "address_id", address_string=None, address_id="9-9")
    city.refused(400, "4001", description="长" * 4001)
    city.refused(400, "stands twice", description=["a", "b"])
    city.refused(400, "attribute[colour]", **{"attribute[colour]": "red"})
    city.refused(400, "one of stairs", **{"attribute[where]": "moon"})
    city.refused(404, "jurisdiction_id", jurisdiction_id="elsewhere")
    upload = httpx2.post(
        f"{city.url}/requests.json", data={"api_key": city.key, **POST},
        files={"media": ("a.png", b"x")},
    )  # fmt: skip
    assert upload.status_code == 400
    assert city.get("requests.json") == []
    (made,) = city.post(200, "xml", **{"attribute[where]": "stairs", "address_id": "3-2"})
    assert made.tag == "request"
    number = made.findtext("service_request_id")
    assert city.world.get(f"/matters/{number}")["text"] == "灯不亮\n在什么位置:楼道"


def test_a_program_gets_a_key_once(tmp_path: Path) -> None:
    config = write_config(tmp_path, broker_port=1)
    made = run("open311-key", "add", "city-app", "--config", config)
    assert made.exit_code == 0, made.output
    key = made.stdout.split()[-1]
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'hub.db'}")
    with Session(engine) as session:
        assert name_of(session, COMMUNITY, key) == "city-app"
        assert name_of(session, COMMUNITY, key + "x") is None
    engine.dispose()
    assert run("open311-key", "add", "city-app", "--config", config).exit_code == 1
    assert run("open311-key", "add", "City App", "--config", config).exit_code == 2
    assert key not in (tmp_path / "data" / "hub.db").read_bytes().decode("latin-1")
