"""The HTTP application over one hub."""

import logging
import time
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.api import router as access
from hub.access.audit import looked_up
from hub.access.limits import LoginLimit
from hub.contacts.api import router as contacts
from hub.desks.api import router as desks
from hub.desks.officers_api import router as officers
from hub.desks.taps import Taps
from hub.disputes.api import router as disputes
from hub.intake.api import router as intake
from hub.intake.letters_api import router as letters
from hub.ledger.api import router as ledger
from hub.matters.api import router as matters
from hub.matters.kinds_api import router as kinds
from hub.matters.reporters_api import router as reporters
from hub.matters.slips_api import router as slips
from hub.meetings.api import router as meetings
from hub.money.api import router as money
from hub.open311.app import PATH as OPEN311
from hub.open311.app import georeport
from hub.registry.api import router as registry
from hub.registry.cards_api import router as cards
from hub.registry.files_api import router as files
from hub.registry.held_cards_api import router as held_cards
from hub.registry.people_api import router as people
from hub.registry.places_api import router as places
from hub.review.api import router as review
from hub.rewards.api import router as rewards
from hub.rewards.held_api import router as held
from hub.rewards.months_api import router as months
from hub.rewards.office_api import router as office
from hub.rewards.policies_api import router as policies
from hub.rewards.restate_api import router as restate
from hub.rewards.sheets_api import router as sheets
from hub.selfcheck.api import router as selfcheck
from hub.visits.api import router as visits
from hub.web import problem
from hub.web.deps import Hub, HubDep
from hub.web.limits import BodyLimit
from hub.web.openapi import describe

log = logging.getLogger("hub.http")


def create_app(hub: Hub) -> FastAPI:
    """Every route of the hub; ``hub`` is what they work on."""
    app = FastAPI(title="Lianxin hub", version="1")
    describe(app)
    work_on(app, hub)
    problem.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(AccessLog)
    for router in (access, registry, cards, places, people, files, policies, visits):
        app.include_router(router)
    for router in (intake, letters, desks, officers, selfcheck):
        app.include_router(router)
    for router in (rewards, held, office, months, sheets, restate, disputes, review, ledger, money):
        app.include_router(router, dependencies=[Depends(looked_up)])
    app.include_router(contacts, dependencies=[Depends(looked_up)])
    for router in (meetings, kinds, slips, reporters):
        app.include_router(router)
    app.include_router(matters, dependencies=[Depends(looked_up)])
    app.include_router(held_cards)
    app.add_api_route("/healthz", healthz, tags=["health"])
    unready: dict[int | str, dict[str, Any]] = {503: {"model": Ready, "description": "Not now"}}
    app.add_api_route("/readyz", readyz, tags=["health"], response_model=Ready, responses=unready)
    app.mount(OPEN311, georeport(lambda: app.state.hub))
    return app


def work_on(app: FastAPI, hub: Hub) -> None:
    """Give the routes another hub, with nothing of the one before."""
    app.state.hub = hub
    app.state.login_limit = LoginLimit()
    app.state.taps = Taps(time.monotonic)


def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


class Ready(BaseModel):
    """What stands in the way, by its part, and what the workers count."""

    ready: bool
    problems: dict[str, str]
    counts: dict[str, int]


def readyz(hub: HubDep) -> JSONResponse:
    """Whether facts can be taken now; 503 names what stands in the way."""
    problems = dict(hub.health.problems)
    try:
        with Session(hub.engine) as session:
            session.execute(text("SELECT 1"))
    except OperationalError as error:
        problems["store"] = str(error.orig)
    body: dict[str, Any] = {"ready": not problems, "problems": problems}
    return JSONResponse(body | {"counts": dict(hub.health.counts)}, 503 if problems else 200)


class AccessLog:
    """One line a request: no query string, no header, so no token, no card and no door."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log how it ended."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, status = time.perf_counter(), 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            took_ms = (time.perf_counter() - begun) * 1000
            home = scope.get("path_params", {}).get("household")
            path = ascii(scope["path"].replace(home, "*") if home else scope["path"])
            log.info("method=%s path=%s status=%d ms=%.1f", scope["method"], path, status, took_ms)
