"""``POST /auth/token``: a password becomes a bearer token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel

from hub.access import tokens
from hub.access.limits import LoginLimit
from hub.access.tables import User
from hub.access.users import role_of
from hub.roles import NAME_LENGTH
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
    if len(form.username) > NAME_LENGTH:
        raise _wrong()
    limit: LoginLimit = request.app.state.login_limit
    who = (form.username, request.client.host if request.client else "")
    with limit.room() as entered:
        if not entered:
            raise _too_many("too many log-ins at once", 1)
        now_ms = hub.now_ms()
        if wait_ms := limit.attempt(who, now_ms):
            raise _too_many("five wrong passwords within a minute", wait_ms // 1000 + 1)
        with limit.verifying():
            role = role_of(session, hub.community, form.username, form.password)
    if role is None:
        raise _wrong()
    limit.passed(who)
    desk = session.get_one(User, (hub.community, form.username)).desk
    token = tokens.issue(hub.secret, hub.community, form.username, role, now_ms, desk=desk)
    return Token(access_token=token, expires_in=tokens.LIFETIME_S)


def _wrong() -> ProblemError:
    detail = "no such user or another password"
    return ProblemError(401, "unauthorized", detail, {"WWW-Authenticate": "Bearer"})


def _too_many(what: str, wait_s: int) -> ProblemError:
    detail = f"{what}; wait and try again"
    return ProblemError(429, "too-many-attempts", detail, {"Retry-After": str(wait_s)})
