"""Looking at a household's records leaves a trace."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from hub.access.deps import current_caller
from hub.access.tables import LookUp
from hub.db import write_session
from hub.web.deps import Caller, Hub, HubDep


def record(hub: Hub, caller: Caller, household_id: str, path: str) -> None:
    """Committed before the answer is made."""
    with write_session(hub.engine) as session:
        session.add(
            LookUp(
                community=hub.community,
                household_id=household_id,
                user=caller.user,
                role=caller.role,
                path=path,
                at_ms=hub.now_ms(),
            )
        )


async def looked_up(
    request: Request, hub: HubDep, caller: Annotated[Caller, Depends(current_caller)]
) -> None:
    """A dependency for routers whose paths or queries name a household."""
    named = request.path_params.get("household") or request.query_params.get("household")
    if named:
        await run_in_threadpool(record, hub, caller, str(named)[:80], request.url.path)
