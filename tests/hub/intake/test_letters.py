"""Dead letters: looked at, and a rejected line read again once the hub can."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from hub.db import make_engine
from hub.intake import letters as rereading
from hub.intake import unit
from hub.intake.inbound import Inbound
from hub.ledger.verify import verify
from hub.roles import Role
from hub.visits.project import rebuild
from hub.visits.tables import Visit
from hub.web.deps import Hub
from tests.hub.conftest import bearer
from tests.hub.nodes import COMMUNITY, Node, line, name, take, tap
from tests.hub.test_serve import run, write_config
from tests.hub.visits.test_projections import dump, rows
from wire.codec import BadMessageError, Fact, decode_fact
from wire.topics import FACTS


def a_hub_that_cannot_read(fact_id: str) -> Any:
    def read(line: bytes) -> Fact | BadMessageError:
        fact = decode_fact(line)
        return BadMessageError("bad_fact", "made to fail") if fact.id == fact_id else fact

    return read


@pytest.fixture
def rejected(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Three taps of which the hub of yesterday could not read the second."""
    node = Node(lines=[line(name("f", no), tap(no)) for no in range(3)])
    with monkeypatch.context() as yesterday:
        yesterday.setattr(unit, "read_line", a_hub_that_cannot_read(name("f", 1)))
        take(engine, node.hello(), node.batch(1, 3))
    return node


class Office:
    def __init__(self, client: TestClient, hub: Hub) -> None:
        self._client, self._hub = client, hub

    def ask(self, how: str, path: str, role: Role = "technician", status: int = 200) -> Any:
        headers = bearer(self._hub, role)
        answer = self._client.request(how, f"/dead-letters{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def office(client: TestClient, hub: Hub) -> Office:
    return Office(client, hub)


def test_what_yesterdays_hub_could_not_read_is_a_fact_after_a_retry(
    engine: Engine, rejected: Node, office: Office, hub: Hub
) -> None:
    assert len(rows(engine, Visit)) == 2
    shown = office.ask("GET", "/1")
    assert (shown["reason"], shown["waits"]) == ("bad_fact", True)
    assert bytes.fromhex(shown["hex"]) == rejected.lines[1]
    done = office.ask("POST", "/1/retry", "office")
    assert (done["fact"], done["reason"]) == (name("f", 1), None)
    (late,) = [row for row in rows(engine, Visit) if row["visit_id"] == name("f", 1)]
    assert (late["arrival"], late["trusted"]) == (3, True)
    assert take(engine, rejected.batch(1, 3)).counts["known"] == 1
    with Session(engine) as session:
        assert verify(session, COMMUNITY) == []
    assert office.ask("GET", "", "auditor")["items"] == []
    assert office.ask("GET", "/1", "admin", 404)["type"].endswith("letter-unknown")


def test_a_retry_leaves_what_rebuild_gives(engine: Engine, rejected: Node, office: Office) -> None:
    office.ask("POST", "/1/retry")
    before = dump(engine)
    with engine.execution_options(writes=True).begin() as connection:
        rebuild(connection, COMMUNITY)
    assert dump(engine) == before


def test_a_line_that_is_still_none_stays_and_says_why(engine: Engine, office: Office) -> None:
    node = Node(lines=[b"{broken", line(name("f"), tap()), line(name("f"), tap(7))])
    take(engine, node.hello(), node.batch(1, 3))
    assert office.ask("POST", "/1/retry")["reason"] == "not_json"
    assert office.ask("POST", "/2/retry", "admin")["reason"] == "id_conflict"
    assert len(office.ask("GET", "", "auditor")["items"]) == 2


def test_the_same_fact_that_came_otherwise_meanwhile_is_not_taken_twice(
    engine: Engine, rejected: Node, office: Office
) -> None:
    other = Node(epoch="e1" * 16, nonce="a1" * 16, lines=rejected.lines[1:2])
    take(engine, other.hello(), other.batch(1, 1))
    assert office.ask("POST", "/1/retry")["fact"] == name("f", 1)
    assert len(rows(engine, Visit)) == 3
    with Session(engine) as session:
        assert verify(session, COMMUNITY) == []


def test_what_had_no_receipt_is_its_nodes_to_send_again(engine: Engine, office: Office) -> None:
    take(engine, Inbound(FACTS.of(COMMUNITY, "p01"), b"garbage\n", 0))
    assert office.ask("GET", "/1")["waits"] is False
    assert "sends it again" in office.ask("POST", "/1/retry", "admin", 409)["detail"]
    office.ask("POST", "/1/retry", "auditor", 403)


def test_a_line_that_waits_is_not_swept_out_by_garbage(
    engine: Engine, rejected: Node, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.intake.store.KEPT_LETTERS", 2)
    for _ in range(5):
        take(engine, Inbound(FACTS.of("other", "p01"), b"x", 0))
    assert [item["letter"] for item in office.ask("GET", "", "auditor")["items"]] == [1, 5, 6]


@pytest.mark.sqlite_only
def test_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write_config(tmp_path)
    assert run("init", "--config", config).exit_code == 0
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'hub.db'}")
    node = Node(lines=[line(name("f", no), tap(no)) for no in range(3)])
    with monkeypatch.context() as yesterday:
        yesterday.setattr(unit, "read_line", a_hub_that_cannot_read(name("f", 1)))
        take(engine, node.hello(), node.batch(1, 3))
    take(engine, Inbound(FACTS.of(COMMUNITY, "p01"), b"garbage\n", 0))
    said = run("letters", "list", "--config", config).stdout.splitlines()
    assert ["waits" in one for one in said] == [True, False]
    assert name("f", 1) in run("letters", "show", "1", "--config", config).stdout
    with monkeypatch.context() as yesterday:
        yesterday.setattr(rereading, "read_line", a_hub_that_cannot_read(name("f", 1)))
        refused = run("letters", "retry", "--config", config)
    assert (refused.exit_code, "still bad_fact" in refused.stderr) == (1, True)
    done = run("letters", "retry", "--config", config)
    assert (done.exit_code, "1 taken" in done.stdout) == (0, True)
    for letter, why in (("1", "no dead letter 1"), ("2", "sends it again")):
        gone = run("letters", "retry", letter, "--config", config)
        assert (gone.exit_code, why in gone.stderr) == (1, True)
    engine.dispose()
