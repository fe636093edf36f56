"""The slip that a resident leaves with."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from hub.matters.acting import find
from hub.matters.api import Number, Raiser
from hub.matters.book import read_book
from hub.matters.clocks import marks
from hub.matters.slip import Slip, plain
from hub.matters.slip_pdf import SlipError, pdf
from hub.matters.views import Names, belongs
from hub.registry.tables import Community
from hub.web.deps import HubDep, ReadDep
from hub.web.problem import ProblemError

PDF = "application/pdf"
ASK = "合署办公窗口,报编号即可"
_OWN_ALONE = {"volunteer", "technician"}
"""They have no list of matters, and a slip names a place."""
router = APIRouter(prefix="/matters", tags=["matters"])
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Plain text for 58 mm paper, or an A5 page",
        "content": {"text/plain": {"schema": {"type": "string"}}, PDF: {}},
    },
    503: {"description": "No page can be made here; the plain slip works"},
}


@router.get("/{number}/slip", response_class=PlainTextResponse, responses=_ANSWERS)
def get_slip(
    number: Number, request: Request, session: ReadDep, hub: HubDep, caller: Raiser
) -> Response:
    """Number, 归属, 责任人, phone and deadline; a PDF by ``Accept: application/pdf``."""
    known, book = find(session, hub.community, number), read_book(session, hub.community)
    if caller.role in _OWN_ALONE and known.events[0].by.id != caller.user:
        raise ProblemError(404, "no-matter", f"matter {number} is none that {caller.user} reported")
    matter, names = known.matter, Names(session, hub.community)
    kind, home = book.kinds[matter.kind], session.get(Community, hub.community)
    slip = Slip(
        community=home.name if home else hub.community, number=number, kind=kind.name,
        place=matter.place, belongs=belongs(matter.lead, matter.co, matter.basis),
        person=names.of(matter.owner), phone=names.phone(matter.owner),
        due_ms=marks(matter, kind, book.calendar).due_ms, received_ms=matter.received_ms, ask=ASK,
    )  # fmt: skip
    session.close()  # a page takes half a second
    if PDF not in request.headers.get("accept", ""):
        return PlainTextResponse(plain(slip))
    try:
        page = pdf(slip)
    except SlipError as error:
        raise ProblemError(503, "no-page", f"{error}; ask for text/plain meanwhile") from None
    name = f'inline; filename="matter-{number}.pdf"'
    return Response(page, media_type=PDF, headers={"Content-Disposition": name})
