"""A desk over HTTP: an officer of each side, a household, and a clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import delete

from hub.access.tokens import issue
from hub.db import write_session
from hub.desks.tables import DeskDuty, Officer
from hub.registry.tables import Household, Person
from hub.roles import Role
from hub.web.deps import Hub
from tests.hub.nodes import card
from tests.hub.rewards.registry_rows import at_ms

HOME, NEIGHBOUR = "3-2-501", "3-2-502"
OFFICERS = {
    "o01": ("committee", "王敏", "0571-8600 1001"),
    "o02": ("property", "李强", "0571-8600 2002"),
    "o03": ("property", "陈工", "0571-8600 2003"),
    "o04": ("committee", "赵红", "0571-8600 1004"),
    "o09": ("owners", "周正", "0571-8600 3009"),
}
CARDS = {person: card(900 + no) for no, person in enumerate(OFFICERS)}
LAMP = {"kind": "repair", "place": "3号楼2单元楼梯", "text": "二楼灯不亮", "household": HOME}


@dataclass
class DeskWorld:
    """What the desk ``d1`` sends; ``tags`` are the ETags of what was shown last."""

    hub: Hub
    client: TestClient
    headers: dict[str, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        community = self.hub.community
        with write_session(self.hub.engine) as session:
            for home in (HOME, NEIGHBOUR):
                building, unit, room = home.split("-")
                session.add(
                    Household(
                        community=community, household_id=home, building=building, unit=unit,
                        room=room, from_day=date(2020, 1, 1),
                    )
                )  # fmt: skip
            for no, (person, (body, name, phone)) in enumerate(OFFICERS.items()):
                session.add(
                    Person(
                        community=community, person_id=person, number=f"90{no}", role="officer",
                        card=CARDS[person],
                    )
                )  # fmt: skip
                session.add(
                    Officer(
                        community=community, person_id=person, body=body, name=name, phone=phone
                    )
                )
        self.on_duty("o01", "o02")
        self.at("2026-05-06T09:00")

    def on_duty(self, *people: str) -> None:
        """Nobody else sits at the desk."""
        with write_session(self.hub.engine) as session:
            session.execute(delete(DeskDuty))
            for person in people:
                body = OFFICERS[person][0]
                session.add(
                    DeskDuty(
                        community=self.hub.community, desk="d1", person_id=person, body=body,
                        from_ms=0,
                    )
                )  # fmt: skip

    def at(self, text: str) -> None:
        """The moment, and a token that is good then."""
        self.hub.now_ms.ms = at_ms(f"{text}:00+08:00")  # type: ignore[attr-defined]
        self.log_in("desk-1", "desk")

    def log_in(self, user: str, role: Role) -> None:
        token = issue(self.hub.secret, self.hub.community, user, role, self.hub.now_ms())
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(path, headers=self.headers)
        assert answer.status_code == status, answer.text
        self._keep(answer)
        return answer.json()

    def post(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        sent = self.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self.client.post(path, json=body, headers=sent)
        assert answer.status_code == status, answer.text
        self._keep(answer)
        return answer.json()

    def take(self, by: str = "o01", status: int = 200, **fields: Any) -> Any:
        return self.post("/matters", {"desk": "d1", "by": by} | LAMP | fields, status)

    def act(self, number: int, act: str, by: str = "o01", status: int = 200, **fields: Any) -> Any:
        """With the ETag that was shown last, by somebody on duty or by a card."""
        who = {"card": CARDS[by]} if fields.pop("tapped", False) else {"by": by}
        body = {"act": act, "desk": "d1"} | who | fields
        return self.post(f"/matters/{number}/acts", body, status, If_Match=self.tags[number])

    def queue(self, name: str, **more: str) -> list[int]:
        query = "&".join(f"{key}={value}" for key, value in more.items())
        items = self.get(f"/matters?queue={name}&{query}")["items"]
        return [item["matter"] for item in items]

    def _keep(self, answer: Any) -> None:
        body = answer.json()
        if "etag" in answer.headers and isinstance(body, dict) and "matter" in body:
            self.tags[body["matter"]] = answer.headers["etag"]


def desk_world(hub: Hub, client: TestClient) -> Iterator[DeskWorld]:
    yield DeskWorld(hub, client)
