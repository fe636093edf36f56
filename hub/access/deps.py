"""``Depends(require("admin", "office"))``: the caller, or 401 and 403."""

from collections.abc import Awaitable, Callable
from typing import Annotated, get_args

from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer

from hub.access import tokens
from hub.roles import Role
from hub.web.deps import Caller, HubDep
from hub.web.problem import ProblemError

_bearer = OAuth2PasswordBearer(tokenUrl="/auth/token", auto_error=False)
ROLES: tuple[Role, ...] = get_args(Role)


async def current_caller(hub: HubDep, token: Annotated[str | None, Depends(_bearer)]) -> Caller:
    """Whoever holds the bearer token of the request; else a 401 problem."""
    known = tokens.read(hub.secret, hub.community, token, hub.now_ms()) if token else None
    if known is None or known[1] not in ROLES:
        detail = "no valid bearer token; expected one from POST /auth/token, valid 30 minutes"
        raise ProblemError(401, "unauthorized", detail, {"WWW-Authenticate": "Bearer"})
    return Caller(known[0], known[1], known[2])


def require(*roles: Role) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency that admits these roles only and returns the caller."""

    async def check(caller: Annotated[Caller, Depends(current_caller)]) -> Caller:
        if caller.role not in roles:
            detail = f"role {caller.role} may not do this; expected one of {', '.join(roles)}"
            raise ProblemError(403, "forbidden", detail)
        return caller

    return check
