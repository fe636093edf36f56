"""The hub's application on loopback over a store of its own, with a compound of a few doors."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import uvicorn
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.users import add_user
from hub.app import create_app
from hub.contacts.tables import Contact
from hub.db import write_session
from hub.desks.tables import Officer
from hub.registry.tables import CardBinding, Holder, Household, NameInitials, Person
from hub.roles import Role
from hub.web.deps import Hub
from tests.hub.nodes import COMMUNITY, card
from tests.hub.stores import SqliteStores
from tests.programs import until

MORNING_MS = 1_778_461_200_000  # Monday 2026-05-11 09:00 in Shanghai, a working day
WANG, LI, CHEN, ZHAO = card(901), card(902), card(903), card(904)
"""Officers: two of the committee, two of the property company."""
RESIDENT, SECOND, NEIGHBOUR, FRESH, UNKNOWN = card(1), card(2), card(3), card(4), card(999)
OFFICERS = (
    ("o01", WANG, "committee", "王强", "88000101"), ("o02", LI, "property", "李梅", "88000102"),
    ("o03", CHEN, "committee", "陈芳", "88000103"), ("o04", ZHAO, "property", "赵刚", "88000104"),
)  # fmt: skip
HOMES = (
    ("3-2-501", "王小明", "wxm", "13800000501"), ("3-2-502", "钱多", "qd", "13800000502"),
    ("11-1-102", "孙丽", "sl", "13800000102"),
)  # fmt: skip
CARDS = (
    (RESIDENT, "3-2-501", "100018"), (SECOND, "3-2-501", "100026"),
    (NEIGHBOUR, "11-1-102", "100034"),
)  # fmt: skip


class Flaky:
    """The application, or for a while nobody there, or one whose answers get lost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.away = False
        self.deaf = False
        self.seen: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        self.seen.append((scope["method"], scope["path"]))
        if self.away:
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body", "body": b"bad gateway"})
            return None
        if self.deaf and scope["method"] == "POST":
            return await self._app(scope, receive, _lost(send))
        return await self._app(scope, receive, send)


def _lost(send: Send) -> Send:
    """What was done is done, but its answer does not arrive."""

    async def broken(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {"type": "http.response.start", "status": 504, "headers": []}
        await send(message)

    return broken


@dataclass
class HubHere:
    """``clock`` is the hub's, a list of one moment that a test moves."""

    hub: Hub
    url: str
    flaky: Flaky
    passwords: dict[str, str]
    clock: list[int]

    @contextmanager
    def session(self) -> Iterator[Session]:
        with write_session(self.hub.engine) as session:
            yield session


class Hubs:
    """One application and one port; every test gets a copy of the same filled store."""

    def __init__(self, stores: SqliteStores, base: Engine) -> None:
        self._stores, self._base = stores, base
        self._passwords: dict[str, str] = {}
        roles: tuple[Role, ...] = ("desk", "selfcheck", "office")
        with write_session(base) as session:
            _fill(session)
            for role in roles:
                name = f"a-{role}"
                password = add_user(session, COMMUNITY, name, role, MORNING_MS)
                self._passwords[role] = str(password)
        self._app = create_app(Hub(base, COMMUNITY, lambda: MORNING_MS, b"s" * 32))
        self.flaky = Flaky(self._app)
        self.url = ""

    @contextmanager
    def fresh(self) -> Iterator[HubHere]:
        with self._stores.copied(self._base) as engine:
            clock = [MORNING_MS]
            hub = Hub(engine, COMMUNITY, lambda: clock[0], b"s" * 32)
            self._app.state.hub = hub
            self.flaky.away = self.flaky.deaf = False
            self.flaky.seen.clear()
            yield HubHere(hub, self.url, self.flaky, self._passwords, clock)


@contextmanager
def hubs_in(stores: SqliteStores) -> Iterator[Hubs]:
    with stores.fresh(hasty=True) as base:
        hubs = Hubs(stores, base)
        with _served(hubs.flaky) as hubs.url:
            yield hubs


@contextmanager
def _served(app: ASGIApp) -> Iterator[str]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        until(lambda: server.started, "the hub's application serves")
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        thread.join(10)


def _fill(session: Session) -> None:
    for home, name, initials, phone in HOMES:
        building, unit, room = home.split("-")
        session.add(
            Household(
                community=COMMUNITY, household_id=home, building=building, unit=unit, room=room,
                from_day=date(2024, 1, 1),
            )
        )  # fmt: skip
        session.add(Holder(community=COMMUNITY, household_id=home, name=name, phone=phone))
        for length in range(1, len(initials) + 1):
            beginning = initials[:length]
            session.add(NameInitials(community=COMMUNITY, initials=beginning, household_id=home))
    for token, home, serial in CARDS:
        session.add(
            CardBinding(
                community=COMMUNITY, card=token, from_ms=0, household_id=home, serial=serial
            )
        )
    for person, token, body, name, phone in OFFICERS:
        number = person[1:] * 2
        session.add(
            Person(community=COMMUNITY, person_id=person, number=number, role="officer", card=token)
        )
        session.add(
            Officer(community=COMMUNITY, person_id=person, body=body, name=name, phone=phone)
        )
    session.add(
        Contact(
            community=COMMUNITY, contact="c31", level=3, body="committee", title="网格员",
            name="赵敏", phone="88000131", building="3",
        )
    )  # fmt: skip
