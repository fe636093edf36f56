"""What the /visits page says was said."""

import pytest
from fastapi.testclient import TestClient

from hub.web.deps import Hub
from tests.hub.conftest import bearer
from tests.hub.nodes import Node, line, name, take, tap, verdict
from wire import facts


@pytest.mark.parametrize("undone", [False, True])
def test_undoing_a_second_verdict_shows_the_visit_unjudged(
    client: TestClient, hub: Hub, *, undone: bool
) -> None:
    visit, first, second = name("v"), name("w1"), name("w2")
    again = verdict(visit, "corrected").model_copy(update={"replaces": first})
    back = facts.VerdictUndone(verdict=second, visit=visit, by="v01", command_id="cc" * 16)
    lines = [line(visit, tap()), line(first, verdict(visit)), line(second, again)]
    node = Node(lines=[*lines, *([line(name("u"), back)] if undone else [])])
    take(hub.engine, node.hello(), node.batch(1, len(node.lines)))
    headers = bearer(hub, "office")
    (shown,) = client.get("/visits", headers=headers).json()["items"]
    assert shown["verdict"] == (None if undone else "corrected")


def test_a_verdict_replaces_neither_itself_nor_one_of_another_visit(
    client: TestClient, hub: Hub
) -> None:
    mine, other, said, foreign = name("v"), name("o"), name("w1"), name("w2")
    itself = verdict(mine).model_copy(update={"replaces": said})
    strange = verdict(other).model_copy(update={"replaces": said})
    node = Node(
        lines=[
            line(mine, tap()),
            line(other, tap(2)),
            line(said, itself),
            line(foreign, strange),
        ]
    )
    take(hub.engine, node.hello(), node.batch(1, 4))
    headers = bearer(hub, "office")
    shown = client.get("/visits", headers=headers).json()["items"]
    assert [item["verdict"] for item in shown] == ["accepted", "accepted"]
