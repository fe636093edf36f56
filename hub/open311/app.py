"""GeoReport v2 as an application of its own: its errors are arrays, and never a 422."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.db import write_session
from hub.matters.book import read_book
from hub.open311 import asking, reading, services
from hub.open311.errors import GeoReportError
from hub.open311.formats import TYPES, rendered
from hub.open311.keys import name_of
from hub.open311.reporting import report_matter
from hub.web.deps import Hub
from hub.web.problem import ProblemError

PATH = "/open311/v2"
_CHANGED = "2026-11-22T00:00:00+08:00"
Answer = tuple[str, Any]
"""What XML calls the whole, and the whole."""
HubOf = Callable[[], Hub]


def georeport(hub: HubOf) -> Starlette:
    """Every route of GeoReport v2 over the hub that is there when it is asked."""
    routes = [
        Route("/discovery.{form}", _get(hub, _discovery), methods=["GET"]),
        Route("/services.{form}", _get(hub, _services), methods=["GET"]),
        Route("/services/{code}.{form}", _get(hub, _definition), methods=["GET"]),
        Route("/requests.{form}", _requests_or_report(hub), methods=["GET", "POST"]),
        Route("/requests/{number}.{form}", _get(hub, _request), methods=["GET"]),
        Route("/tokens/{token}.{form}", _get(hub, _token), methods=["GET"]),
    ]
    handlers: dict[Any, Any] = {
        GeoReportError: _refused,
        HTTPException: _http,
        OperationalError: _store,
        ProblemError: _problem,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


def _get(hub_of: HubOf, answer: Callable[[Hub, Session, Request], Answer]) -> Callable[..., Any]:
    def endpoint(request: Request) -> Response:
        hub, form = hub_of(), _form(request)
        _same_jurisdiction(hub, asking.once(request.query_params.multi_items()))
        with Session(hub.engine) as session:
            root, what = answer(hub, session, request)
        return Response(rendered(root, what, form), media_type=TYPES[form])

    return endpoint


def _discovery(_hub: Hub, _session: Session, request: Request) -> Answer:
    url = f"{str(request.base_url).rstrip('/')}{PATH}"
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2", "url": url,
        "changeset": _CHANGED, "type": "production",
        "formats": ["text/xml", "application/json"],
    }  # fmt: skip
    return "discovery", {
        "changeset": _CHANGED,
        "contact": "the joint front desk of the compound",
        "key_service": "ask the office for a key: lianxin-hub open311-key add",
        "endpoints": [endpoint],
    }


def _services(hub: Hub, session: Session, _request: Request) -> Answer:
    kinds = read_book(session, hub.community).kinds.values()
    return "services", [services.service(kind) for kind in kinds if kind.open311]


def _definition(hub: Hub, session: Session, request: Request) -> Answer:
    code = request.path_params["code"]
    kind = read_book(session, hub.community).kinds.get(code)
    if kind is None or not kind.open311:
        raise GeoReportError(404, f"service_code {code[:40]} was not found")
    return "service_definition", services.definition(kind)


def _requests(hub: Hub, session: Session, request: Request) -> Answer:
    given = asking.once(request.query_params.multi_items())
    book = read_book(session, hub.community)
    wanted = asking.wanted(given, hub.now_ms())
    return "service_requests", reading.requests(session, hub.community, wanted, book)


def _request(hub: Hub, session: Session, request: Request) -> Answer:
    number = asking.number(request.path_params["number"])
    book = read_book(session, hub.community)
    found = reading.request(session, hub.community, number, book)
    if not found:
        raise GeoReportError(404, f"service_request_id {number} was not found")
    return "service_requests", found


def _token(hub: Hub, session: Session, request: Request) -> Answer:
    """A report has its number at once, so the number is its own token."""
    token = request.path_params["token"]
    book = read_book(session, hub.community)
    number = asking.number(token) if re.fullmatch(r"[0-9]{1,15}", token) else None
    if number is None or not reading.request(session, hub.community, number, book):
        raise GeoReportError(404, f"token {token[:40]} was not found")
    return "service_requests", [{"service_request_id": token, "token": token}]


def _requests_or_report(hub: HubOf) -> Callable[..., Any]:
    listed = _get(hub, _requests)

    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            answer: Response = await run_in_threadpool(listed, request)
            return answer
        async with request.form(max_files=1, max_fields=100) as form:
            return await run_in_threadpool(_post, hub(), request, form)

    return endpoint


def _post(hub: Hub, request: Request, sent: FormData) -> Response:
    form = _form(request)
    pairs = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    pairs += request.query_params.multi_items()
    plain = {name: value for name, value in pairs if "[" not in name}
    _same_jurisdiction(hub, plain)
    with Session(hub.engine) as session:  # a stranger holds up no writer
        program = name_of(session, hub.community, plain.get("api_key", ""))
    if program is None:
        raise GeoReportError(403, "api_key is missing or not known; ask the office for one")
    if len(pairs) != len(sent.multi_items()) + len(request.query_params.multi_items()):
        raise GeoReportError(400, "media files are not taken; send media_url instead")
    asked = asking.report(pairs)
    with write_session(hub.engine) as session:
        number = report_matter(
            session, hub.community, asked, read_book(session, hub.community), program=program,
            key=request.headers.get("idempotency-key"), now_ms=hub.now_ms(),
        )  # fmt: skip
    made = [{"service_request_id": str(number), "service_notice": None, "account_id": None}]
    return Response(rendered("service_requests", made, form), media_type=TYPES[form])


def _form(request: Request) -> str:
    form = str(request.path_params.get("form", "xml"))
    if form not in TYPES:
        raise GeoReportError(400, f"format {form[:40]} is not known; expected json or xml")
    return form


def _same_jurisdiction(hub: Hub, given: dict[str, str]) -> None:
    asked = given.get("jurisdiction_id") or hub.community
    if asked != hub.community:
        raise GeoReportError(404, f"jurisdiction_id {asked[:40]} was not found")


def _errors(request: Request, status: int, description: str, **headers: str) -> Response:
    path = request.url.path
    form = "json" if path.endswith(".json") else "xml"
    what = [{"code": status, "description": description}]
    content = rendered("errors", what, form)
    return Response(content, status, media_type=TYPES[form], headers=headers)


def _refused(request: Request, error: GeoReportError) -> Response:
    return _errors(request, error.status, error.description)


def _http(request: Request, error: HTTPException) -> Response:
    return _errors(request, error.status_code, str(error.detail), **dict(error.headers or {}))


def _store(request: Request, _error: OperationalError) -> Response:
    detail = "the store refuses now; nothing was changed, try again"
    return _errors(request, 503, detail, **{"Retry-After": "5"})


def _problem(request: Request, error: ProblemError) -> Response:
    """What the desk would be told; GeoReport knows no conflict, so that one is not now."""
    status = {404: 404, 422: 400}.get(error.status, 503)
    return _errors(request, status, error.detail)
