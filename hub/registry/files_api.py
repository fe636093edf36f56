"""Lists as files over HTTP: the same import and export as the commands'."""

import hashlib
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, File, Form, Header, Query, Response, UploadFile
from pydantic import BaseModel

from hub.access.audit import record
from hub.registry.api import Writer
from hub.registry.changes import Who
from hub.registry.exporting import exported
from hub.registry.importing import import_read
from hub.registry.reading import Read
from hub.registry.sheets import XLSX
from hub.web.deps import HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceDep
from hub.web.lists import CSV
from hub.web.words import Why

router = APIRouter(tags=["files"])
MAX_PROBLEMS = 1000


class ListName(StrEnum):
    """The lists there are."""

    community = "community"
    grids = "grids"
    buildings = "buildings"
    points = "points"
    bins = "bins"
    households = "households"
    cards = "cards"
    blocks = "blocks"
    people = "people"
    contacts = "contacts"


class ImportOut(BaseModel):
    """What was read; ``problems`` names sheet, row and column, and with any nothing was written."""

    imported: bool
    rows: dict[str, int]
    new: int
    changed: int
    same: int
    problems: list[str]
    more_problems: int = 0


class _Asked(BaseModel):
    """What an upload is known by when it is sent again."""

    sha256: str
    dry_run: bool
    why: str


@router.post("/imports/{name}")
def import_list(
    name: ListName,
    *,
    file: Annotated[UploadFile, File(description="CSV or XLSX")],
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
    once: OnceDep,
    why: Annotated[Why, Form()] = "import",
    dry_run: Annotated[bool, Query(description="check only")] = False,
) -> ImportOut:
    """Read a list from a file, all or nothing."""
    content = file.file.read()
    asked = _Asked(sha256=hashlib.sha256(content).hexdigest(), dry_run=dry_run, why=why)

    read = Read()  # before the store is held: a workbook takes its time
    read.file((file.filename or name.value)[-80:], content, name.value)

    def effect() -> ImportOut:
        who = Who(caller.user, caller.role, why, hub.now_ms())
        done = import_read(session, hub.community, read, who, dry_run=dry_run)
        return ImportOut(
            imported=not done.problems and not dry_run,
            rows=done.rows,
            new=done.changed.new,
            changed=done.changed.different,
            same=done.changed.same,
            problems=done.problems[:MAX_PROBLEMS],
            more_problems=max(0, len(done.problems) - MAX_PROBLEMS),
        )

    return once.run(session, caller, asked, ImportOut, effect)


@router.get(
    "/exports/{name}",
    response_class=Response,
    responses={
        200: {
            "description": "CSV, or a workbook by Accept",
            "content": {"text/csv": {}, XLSX: {}},
        }
    },
)
def export_list(
    name: ListName,
    hub: HubDep,
    session: ReadDep,
    caller: Writer,
    accept: Annotated[str, Header(max_length=400)] = "",
) -> Response:
    """A whole list as it can be imported again; no PIN is in it."""
    xlsx = XLSX in accept
    record(hub, caller, "*", f"/exports/{name.value}")
    _, content = exported(session, hub.community, name.value, xlsx=xlsx)
    ending = "xlsx" if xlsx else "csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name.value}.{ending}"',
        "Vary": "Accept",
    }
    return Response(content, media_type=XLSX if xlsx else CSV, headers=headers)
