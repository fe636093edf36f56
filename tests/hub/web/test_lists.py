"""Links to further pages, CSV by Accept, and what every route says in the OpenAPI document."""

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hub.registry.sheets import XLSX
from hub.web.deps import Hub
from hub.web.limits import MAX_BODY
from hub.web.lists import cell, prefers_csv
from tests.hub.conftest import bearer
from tests.hub.web.test_routes import register

LISTS = (
    "/households", "/visits", "/facts", "/dead-letters", "/entries", "/settlements", "/held",
    "/places/bins", "/people", "/policies", "/registry/changes",
)  # fmt: skip


def test_a_link_leads_through_every_page_as_next_does(client: TestClient, hub: Hub) -> None:
    register(hub)
    headers = bearer(hub, "admin")
    url: str | None = "/households?building=11&limit=3"
    seen: list[str] = []
    while url is not None:
        answer = client.get(url, headers=headers)
        seen += [item["household"] for item in answer.json()["items"]]
        link = answer.headers.get("link")
        assert (link is None) == (answer.json()["next"] is None)
        url = link.removeprefix("<").partition(">")[0] if link else None
        assert url is None or url.startswith("/households?building=11&limit=3&after=")
    assert seen == [f"11-1-{no}" for no in range(101, 108)]


@pytest.mark.parametrize("url", LISTS)
def test_every_list_is_csv_for_who_asks(client: TestClient, hub: Hub, url: str) -> None:
    register(hub)
    headers = bearer(hub, "admin")
    rows = client.get(url, headers=headers).json()["items"]
    answer = client.get(url, headers=headers | {"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(read) == len(rows)
    for row, item in zip(read, rows, strict=True):
        assert row == {name: str(cell(value)) for name, value in item.items()}


def test_csv_pages_have_links_too_and_json_stays_json(client: TestClient, hub: Hub) -> None:
    register(hub)
    headers = bearer(hub, "admin")
    answer = client.get("/households?limit=2", headers=headers | {"Accept": "text/csv"})
    assert 'rel="next"' in answer.headers["link"]
    both = headers | {"Accept": "application/json, text/csv;q=0.5"}
    assert client.get("/households", headers=both).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("accept", "asked"),
    [
        ("text/csv", True), ("*/*", False), ("", False), ("text/csv;q=0.9, */*;q=0.1", True),
        ("application/json;q=0.2,text/csv;q=0.3", True), ("text/csv;q=x", False),
        ("text/csv;q=0", False),
    ],
)  # fmt: skip
def test_who_asks_for_csv(accept: str, asked: bool) -> None:
    assert prefers_csv(accept) is asked


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "\t="])
def test_words_are_never_a_formula_for_a_spreadsheet(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(-30) == -30


def test_a_body_is_limited_whether_or_not_its_length_is_said(client: TestClient, hub: Hub) -> None:
    headers = bearer(hub, "admin") | {"Content-Type": "application/json"}
    large = b'{"name": "' + b"x" * MAX_BODY + b'"}'
    for content in (large, iter([large[: MAX_BODY // 2]] * 3)):
        answer = client.put("/places/community", content=content, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (413, 413)


def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_every_write_has_an_example_and_says_its_problems(client: TestClient) -> None:
    told = document(client)
    schemas = told["components"]["schemas"]
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            assert "503" in answers, (method, path)
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            assert {"409", "413", "422"} <= set(answers), (method, path)
            name = body["schema"].get("$ref", "").rpartition("/")[2]  # none: one of several forms
            assert (schemas[name] if name else body["schema"])["examples"], path


def test_every_list_documents_csv_and_link(client: TestClient) -> None:
    told = document(client)
    for url in LISTS:
        answer = told["paths"][url]["get"]["responses"]["200"]
        assert {"application/json", "text/csv"} == set(answer["content"])
        assert "Link" in answer["headers"]
    assert XLSX in told["paths"]["/exports/{name}"]["get"]["responses"]["200"]["content"]


def test_every_method_of_a_path_is_allowed_in_words(client: TestClient) -> None:
    answer = client.delete("/places/community")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "url",
    [
        "/visits?point=%00",
        "/households/%00",
        "/facts/a%00",
        "/households?door=%00",
        "/people?after=W1wi",
    ],
)
def test_what_no_store_can_hold_is_a_problem(client: TestClient, hub: Hub, url: str) -> None:
    answer = client.get(url, headers=bearer(hub, "admin"))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-request")
