"""``POST /auth/token``: a password becomes a bearer token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel

from hub.access import tokens
from hub.access.limits import LoginLimit
from hub.access.users import role_of
from hub.web.deps import HubDep, ReadDep
from hub.web.problem import ProblemError

router = APIRouter(prefix="/auth", tags=["access"])


class Token(BaseModel):
    """A bearer token and how long it lasts."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the kind of a token, not a secret
    expires_in: int


@router.post("/token")
def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    request: Request,
    hub: HubDep,
    session: ReadDep,
) -> Token:
    """A token for 30 minutes; five wrong passwords a minute, then 429."""
    limit: LoginLimit = request.app.state.login_limit
    now_ms = hub.now_ms()
    if wait_ms := limit.wait_ms(form.username, now_ms):
        headers = {"Retry-After": str(wait_ms // 1000 + 1)}
        detail = "five wrong passwords within a minute; wait and try again"
        raise ProblemError(429, "too-many-attempts", detail, headers)
    role = role_of(session, hub.community, form.username, form.password)
    if role is None:
        limit.failed(form.username, now_ms)
        detail = "no such user or another password"
        raise ProblemError(401, "unauthorized", detail, {"WWW-Authenticate": "Bearer"})
    limit.passed(form.username)
    token = tokens.issue(hub.secret, hub.community, form.username, role, now_ms)
    return Token(access_token=token, expires_in=tokens.LIFETIME_S)
