"""Errors a caller can handle, as problem documents (RFC 9457)."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Raised by services; ``kind`` is the stable tail of the problem's type URI."""

    def __init__(
        self, status: int, kind: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers


def problem(
    status: int, kind: str, detail: str, headers: dict[str, str] | None = None, **more: object
) -> JSONResponse:
    """One problem document."""
    body = {"type": f"/problems/{kind}", "title": kind.replace("-", " "), "status": status}
    return JSONResponse(
        body | {"detail": detail} | more, status, media_type=MEDIA_TYPE, headers=headers
    )


def _methods(app: FastAPI, path: str) -> list[str]:
    """Of every route with this path; the framework names those of the first one only."""
    documented = app.openapi()["paths"]
    same = [template for template in documented if compile_path(template)[0].match(path)]
    here = [path] if path in same else same  # a fixed path is not one of a parameter's values
    return sorted({method.upper() for template in here for method in documented[template]})


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    @app.exception_handler(ProblemError)
    def _problem(_request: Request, error: ProblemError) -> JSONResponse:
        return problem(error.status, error.kind, error.detail, error.headers)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else {}
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_methods(app, request.url.path))
        return problem(error.status_code, f"http-{error.status_code}", str(error.detail), headers)

    @app.exception_handler(OperationalError)
    def _store(_request: Request, error: OperationalError) -> JSONResponse:
        detail = f"the store refuses: {error.orig}; nothing was changed, try again"
        return problem(503, "store", detail, {"Retry-After": "5"})

    @app.exception_handler(DataError)
    def _data(_request: Request, error: DataError) -> JSONResponse:
        return problem(422, "bad-request", f"the store cannot hold a value: {error.orig}"[:300])

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"where": ".".join(str(part) for part in item["loc"]), "detail": item["msg"]}
            for item in error.errors()
        ]
        where = "; ".join(f"{item['where']}: {item['detail']}" for item in errors)
        return problem(422, "bad-request", where[:500], errors=errors)
