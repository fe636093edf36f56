"""The OpenAPI document: every answer a route may give, problems included."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hub.web.lists import CSV
from hub.web.problem import MEDIA_TYPE

Operation = dict[str, Any]
_WRITES = ("post", "put", "patch")
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/card-unknown"]},
        "title": {"type": "string", "examples": ["card unknown"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["no household holds this card now"]},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_WORDS = {
    "400": "The request cannot be read, or the key of a payment is missing",
    "401": "No valid bearer token",
    "403": "The caller's role may not do this",
    "404": "No such thing",
    "409": "It stands against what is registered or booked",
    "412": "It has changed since it was shown; nothing was done",
    "413": "The body is larger than this route needs",
    "422": "A value is not what is expected; `errors` names each",
    "428": "`If-Match` is missing",
    "429": "Too many attempts; `Retry-After` says when",
    "503": "The store refuses now; nothing was changed, try again",
}


def describe(app: FastAPI) -> None:
    """Make ``app.openapi()`` tell of problems, of further pages and of CSV."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(title=app.title, version=app.version, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own manual does it


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _add_problems(path, method, operation)
            _add_list(operation, schemas)
    return document


def _add_problems(path: str, method: str, operation: Operation) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    declared = {status for status in answers if status in _WORDS}
    for status in sorted(declared | _statuses(path, method, operation)):
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if "content" not in answers.get(status, {}):
            answers[status] = {"description": _WORDS[status], "content": content}


def _statuses(path: str, method: str, operation: Operation) -> set[str]:
    """What may go wrong with any route of this shape; a route declares what else may."""
    has_body = "requestBody" in operation
    rules = (
        (True, {"503"}),
        ("security" in operation, {"401", "403"}),
        ("{" in path, {"404"}),
        ("parameters" in operation or has_body, {"422"}),
        (has_body, {"400", "413"}),
        (method in _WRITES, {"409"}),
        (path == "/auth/token", {"401", "429"}),
    )
    return {status for holds, statuses in rules if holds for status in statuses}


def _add_list(operation: Operation, schemas: dict[str, Any]) -> None:
    """A page is known by its ``items`` and ``next``."""
    answer = operation["responses"].get("200", {})
    content = answer.get("content", {})
    name = str(content.get("application/json", {}).get("schema", {}).get("$ref", ""))
    fields = schemas.get(name.rpartition("/")[2], {}).get("properties", {})
    if not {"items", "next"} <= set(fields):
        return
    content[CSV.partition(";")[0]] = {"schema": {"type": "string"}}
    answer["headers"] = {
        "Link": {
            "description": '`<…>; rel="next"`, when there is another page',
            "schema": {"type": "string"},
        }
    }
