"""Two live machines with one card: both record, neither is heard, an officer lifts it over HTTP."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from edge.link.sender import LONGEST_WAIT_MS, Sender
from edge.store.outbox import NewFact, Outbox
from hub.intake.inbound import Inbound
from hub.ledger.verify import verify
from hub.roles import Role
from hub.visits.tables import Visit
from hub.web.deps import Hub
from tests.hub.conftest import bearer
from tests.hub.nodes import COMMUNITY, T_MS, line, name, receipts, take, tap, welcomes
from tests.hub.visits.test_projections import rows
from wire.codec import encode
from wire.topics import FACTS, HELLO


class Machine:
    """A node with its card in front of the hub's real unit."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self._engine = folder, engine
        folder.mkdir(exist_ok=True)
        self.outbox = Outbox(folder / "outbox.db", COMMUNITY, "p01")
        self.sender = Sender(self.outbox, "p01", "boot-1", "test", jitter=1.0)
        self.sender.on_connect()
        self.names: list[str] = []
        self._up_ms = 0

    def record(self, count: int, *, trust: str = "kernel") -> None:
        for _ in range(count):
            fact = name(self.folder.name, len(self.names), trust)
            self.names.append(fact)
            self.outbox.append([NewFact(fact, T_MS, line(fact, tap(), trust=trust))])

    def greet(self) -> str:
        """What the hub calls it now."""
        self._up_ms += 2 * LONGEST_WAIT_MS
        self.sender.on_connect()
        hello = encode(self.sender.hello(self._up_ms))
        (welcome,) = welcomes(take(self._engine, self._to(HELLO, hello)).answers)
        self.sender.on_welcome(welcome, self._up_ms, T_MS)
        return welcome.state

    def talk(self) -> None:
        """Until nothing is said any more; greets again when its epoch changes."""
        for _ in range(9):
            self._up_ms += 2 * LONGEST_WAIT_MS
            if self.sender.hello_due(self._up_ms):
                self.greet()
            while (batch := self.sender.next_batch(self._up_ms)) is not None:
                for receipt in receipts(take(self._engine, self._to(FACTS, batch)).answers):
                    self.sender.on_receipt(receipt, self._up_ms, T_MS)

    def _to(self, topic: Any, payload: bytes) -> Inbound:
        return Inbound(topic.of(COMMUNITY, "p01"), payload, T_MS)


class Office:
    def __init__(self, client: TestClient, hub: Hub) -> None:
        self._client, self._hub = client, hub
        self._users: dict[Role, dict[str, str]] = {}

    def ask(self, how: str, path: str, role: Role, status: int = 200) -> Any:
        if role not in self._users:
            self._users[role] = bearer(self._hub, role)
        path = f"/points/p01/epochs{path}"
        answer = self._client.request(how, path, headers=self._users[role])
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def office(client: TestClient, hub: Hub) -> Office:
    return Office(client, hub)


@pytest.fixture
def clones(tmp_path: Path, engine: Engine) -> Iterator[tuple[Machine, Machine]]:
    """One card, used for a while, copied, and both machines switched on and heard."""
    one = Machine(tmp_path / "one", engine)
    one.record(4)
    one.talk()
    shutil.copytree(one.folder, tmp_path / "two", ignore=shutil.ignore_patterns("lock"))
    two = Machine(tmp_path / "two", engine)
    two.names = []
    assert [two.greet(), one.greet(), two.greet()] == ["leased", "quarantined", "quarantined"]
    yield one, two
    one.outbox.close()
    two.outbox.close()


def test_an_officer_lifts_it_and_both_sides_facts_are_placed_or_in_review(
    engine: Engine, clones: tuple[Machine, Machine], office: Office
) -> None:
    one, two = clones
    for machine in (one, two):
        machine.record(3)
        machine.record(2, trust="none")
        machine.talk()
        assert machine.outbox.waiting == 5, "what is quarantined records and is not heard"
    assert len(rows(engine, Visit)) == 4
    (shown,) = office.ask("GET", "", "technician")["items"]
    assert shown["state"] == "quarantined"
    office.ask("POST", f"/{shown['epoch']}/lift", "auditor", 403)
    lifted = office.ask("POST", f"/{shown['epoch']}/lift", "office")
    assert lifted["state"] == "leased"
    one.sender.greet_soon()
    one.talk()
    two.sender.greet_soon()
    two.talk()
    assert (one.outbox.waiting, two.outbox.waiting) == (0, 0)
    visits = {row["visit_id"]: row["day"] for row in rows(engine, Visit)}
    assert set(visits) == {*one.names, *two.names}
    undated = {name_ for name_, day in visits.items() if day is None}
    assert undated == {*one.names[-2:], *two.names[-2:]}, "in review, with bounds"
    assert len(office.ask("GET", "", "auditor")["items"]) == 2, "the copy has an epoch of its own"
    with Session(engine) as session:
        assert verify(session, COMMUNITY) == []


def test_a_third_copy_is_quarantined_again_after_the_lift(
    engine: Engine, clones: tuple[Machine, Machine], office: Office
) -> None:
    one, two = clones
    (shown,) = office.ask("GET", "", "admin")["items"]
    office.ask("POST", f"/{shown['epoch']}/lift", "technician")
    assert [one.greet(), two.greet(), one.greet()] == ["leased", "leased", "quarantined"]
    office.ask("POST", f"/{'ab' * 16}/lift", "admin", 404)
