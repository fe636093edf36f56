"""A small compound over HTTP: three homes, two points, an officer, and a clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from sqlmodel import Session

from hub.access.tokens import issue
from hub.db import write_session
from hub.ledger.verify import verify
from hub.registry.tables import CardBinding, Household, Person
from hub.rewards.policy import DEFAULT_POLICY, ensure_default_policy, publish
from hub.rewards.tables import RewardPolicy
from hub.roles import Role
from hub.web.deps import Hub
from tests.hub.rewards.point_node import PointNode, encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms, card_token
from wire.base import WireModel
from wire.facts import Manual, Stamp, Tap, Verdict

DAY = date(2026, 5, 3)
HOMES = ("11-1-102", "11-1-103", "11-1-104")
SHIFT = "5" * 32


def moment(text: str) -> int:
    """``07:10`` of the day, or ``2026-05-04T07:10``."""
    return at_ms(f"{text}:00+08:00" if "T" in text else f"{DAY}T{text}:00+08:00")


@dataclass
class OfficeWorld:
    """What points send and what the office asks; ``answer`` is the last answer."""

    hub: Hub
    client: TestClient
    nodes: dict[str, PointNode] = field(default_factory=dict)
    told: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with write_session(self.hub.engine) as session:
            ensure_default_policy(session, self.hub.community, date(2020, 1, 1))
            for home in HOMES:
                self._home(session, home)
        self.at("2026-05-04T10:00")

    def _home(self, session: Session, home: str) -> None:
        building, unit, room = home.split("-")
        session.add(
            Household(
                community=self.hub.community, household_id=home, building=building, unit=unit,
                room=room, from_day=date(2020, 1, 1),
            )
        )  # fmt: skip
        card = CardBinding(
            community=self.hub.community, card=card_token(home), from_ms=0, household_id=home
        )
        volunteer = Person(
            community=self.hub.community, person_id=f"v{room}", number=room, role="volunteer",
            household_id=home,
        )  # fmt: skip
        session.add_all((card, volunteer))

    def at(self, text: str) -> None:
        """The moment, and a token that is good then."""
        self.hub.now_ms.ms = moment(text)  # type: ignore[attr-defined]
        self.log_in("li.fang", "office")

    def log_in(self, user: str, role: Role) -> None:
        token = issue(self.hub.secret, self.hub.community, user, role, self.hub.now_ms())
        self.headers = {"Authorization": f"Bearer {token}"}

    def policy(self, **change: object) -> None:
        with write_session(self.hub.engine) as session:
            row = session.get_one(RewardPolicy, (self.hub.community, DEFAULT_POLICY))
            said = row.model_dump() | {"policy_id": "p1-changed", "version": 2} | change
            publish(session, RewardPolicy(**said))

    # --- what points say

    def send(
        self, body: WireModel, name: str, at: str, *, point: str = "p01",
        received: str | None = None, when: Stamp | None = None,
    ) -> str:  # fmt: skip
        """One fact; its id."""
        node = self.nodes.setdefault(point, PointNode(self.hub.community, point))
        line = encode_fact(hex_id(name), when or stamp(moment(at)), body)
        with self.hub.engine.execution_options(writes=True).begin() as connection:
            said = node.send(connection, [line], moment(received or at) + 1000)
        assert said == ["accepted"]
        return hex_id(name)

    def tap(self, name: str, home: str, at: str, shift: str | None = SHIFT, **more: Any) -> str:
        tap = Tap(
            card=card_token(home), reader="reader-1", known="known", signal="recorded", shift=shift
        )
        return self.send(tap, name, at, **more)

    def manual(self, name: str, door: str, at: str, shift: str = SHIFT, **more: Any) -> str:
        entered = Manual(door=door, by="v102", shift=shift, command_id=hex_id(name))
        return self.send(entered, name, at, **more)

    def verdict(self, visit: str, value: Any, at: str, by: str = "v01", **more: Any) -> None:
        self.told += 1
        said = Verdict(
            visit=visit, value=value, reason="mixed" if value == "rejected" else None, by=by,
            shift=SHIFT, command_id="0" * 32, mode=more.pop("mode", "single"),
        )  # fmt: skip
        self.send(said, f"w{self.told}", at, **more)

    def accepted(self, name: str, home: str, at: str, **more: Any) -> str:
        visit = self.tap(name, home, at, **more)
        self.verdict(visit, "accepted", at, **more)
        return visit

    # --- what the office asks

    def get(self, url: str, status: int = 200) -> Any:
        answer = self.client.get(url, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, url: str, body: object, status: int = 200, /, **headers: str) -> Any:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.post(url, json=body, headers=self.headers | said)
        assert answer.status_code == status, answer.text
        return answer.json()

    def settle(self, day: date = DAY) -> Any:
        return self.post("/settlements", {"day": str(day)})

    def day(self, home: str, day: date = DAY) -> Any:
        (shown,) = self.get(f"/households/{home}/days?from={day}&to={day}")["days"]
        return shown

    def reason(self, home: str, day: date = DAY) -> str:
        return str(self.day(home, day)["reason"])

    def fen(self, home: str) -> int:
        return int(self.get(f"/households/{home}/balance")["balance_fen"])

    def held(self, query: str = "") -> list[tuple[str, str]]:
        return [(item["visit"], item["reason"]) for item in self.get(f"/held{query}")["items"]]

    def verified(self) -> None:
        with Session(self.hub.engine) as session:
            assert verify(session, self.hub.community) == []


def compound(hub: Hub, client: TestClient) -> Iterator[OfficeWorld]:
    """The fixture; every test ends in books that agree with themselves."""
    world = OfficeWorld(hub, client)
    yield world
    world.verified()
