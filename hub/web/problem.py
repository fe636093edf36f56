"""Errors a caller can handle, as problem documents (RFC 9457)."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

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


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    @app.exception_handler(ProblemError)
    def _problem(_request: Request, error: ProblemError) -> JSONResponse:
        return problem(error.status, error.kind, error.detail, error.headers)

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        return problem(error.status_code, f"http-{error.status_code}", str(error.detail), headers)

    @app.exception_handler(OperationalError)
    def _store(_request: Request, error: OperationalError) -> JSONResponse:
        detail = f"the store refuses: {error.orig}; nothing was changed, try again"
        return problem(503, "store", detail, {"Retry-After": "5"})

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"where": ".".join(str(part) for part in item["loc"]), "detail": item["msg"]}
            for item in error.errors()
        ]
        where = "; ".join(f"{item['where']}: {item['detail']}" for item in errors)
        return problem(422, "bad-request", where[:500], errors=errors)
