"""Pages of facts and dead letters."""

import pytest
from fastapi.testclient import TestClient

from hub.web.deps import Hub
from hub.web.keyset import encode_place
from tests.hub.conftest import bearer


@pytest.mark.parametrize("url", ["/facts", "/dead-letters"])
@pytest.mark.parametrize(
    ("place", "status"), [(0, 200), (2**63 - 1, 200), (2**63, 422), (10**40, 422), (-1, 422)]
)
def test_a_place_that_no_store_can_hold_is_a_problem(
    client: TestClient, hub: Hub, url: str, place: int, status: int
) -> None:
    headers = bearer(hub, "auditor")
    answer = client.get(f"{url}?after={encode_place(place)}", headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
