"""What routers ask for: a session, the community, the moment, and who is calling."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from sqlmodel import Session

from hub.db import write_session
from hub.roles import Role


@dataclass
class Health:
    """What /readyz says; written by the workers beside the application."""

    problems: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Hub:
    """What the application was built over; ``now_ms`` is the hub's clock."""

    engine: Engine
    community: str
    now_ms: Callable[[], int]
    secret: bytes
    health: Health = field(default_factory=Health)


@dataclass(frozen=True)
class Caller:
    """Who is calling; the name goes into every record of a decision."""

    user: str
    role: Role
    desk: str | None = None
    """The one desk that a desk's account is of; None: any."""


def get_hub(request: Request) -> Hub:
    """The hub the application was created with."""
    hub: Hub = request.app.state.hub
    return hub


async def _hub(request: Request) -> Hub:
    """As every dependency that waits for nothing, no function of a thread: each costs two turns."""
    return get_hub(request)


async def _read(request: Request) -> AsyncIterator[Session]:
    session = Session(get_hub(request).engine)
    try:
        yield session
    finally:
        await run_in_threadpool(session.close)


def _write(request: Request) -> Iterator[Session]:
    with write_session(get_hub(request).engine) as session:
        yield session


HubDep = Annotated[Hub, Depends(_hub)]
ReadDep = Annotated[Session, Depends(_read, scope="function")]
WriteDep = Annotated[Session, Depends(_write, scope="function")]
"""Committed before the answer leaves: FastAPI's default scope commits after it."""
