"""Lists as a caller wants them: a ``Link`` to the next page, and CSV instead of JSON by ``Accept``.

A router made with ``route_class=ListRoute`` gets both for every route that answers a page.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

CSV = "text/csv; charset=utf-8"
_BEGIN = re.compile(rb'\{"next":(null|"[^"\\]*"),"items":\[')
"""As every ``Page`` is written."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ListRoute(APIRoute):
    """Adds to an answer of ``items``; any other answer passes as it is."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, and what follows from the page it made."""
        answer_of = super().get_route_handler()

        async def handler(request: Request) -> Response:
            answer = await answer_of(request)
            as_csv = prefers_csv(request.headers.get("accept", ""))
            page = _page(request, answer, whole=as_csv)
            if page is None:
                return answer
            if as_csv:
                answer = _as_csv(page["items"], answer)
            if page.get("next"):
                url = request.url.include_query_params(after=page["next"])
                answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
            answer.headers["Vary"] = "Accept"
            return answer

        return handler


def _page(request: Request, answer: Response, *, whole: bool) -> dict[str, Any] | None:
    """Its ``items`` are read only where they are wanted: that takes as long as a query."""
    is_json = answer.headers.get("content-type", "") == "application/json"
    if request.method != "GET" or answer.status_code != 200 or not is_json:
        return None
    if not whole and (begun := _BEGIN.match(bytes(answer.body))):
        return {"next": json.loads(begun[1])}
    body = json.loads(bytes(answer.body))
    return body if isinstance(body, dict) and isinstance(body.get("items"), list) else None


def prefers_csv(accept: str) -> bool:
    """Whether CSV stands in an ``Accept`` header with a greater weight than JSON."""
    weights = {"text/csv": 0.0, "application/json": 0.0}
    for part in accept.lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        if name in weights:
            weights[name] = _weight(parameters)
    return weights["text/csv"] > weights["application/json"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def _as_csv(items: list[Mapping[str, Any]], answer: Response) -> Response:
    """UTF-8 with a mark, as spreadsheets expect it; the columns are those of the first row."""
    text = io.StringIO()
    names = list(items[0]) if items else []
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([cell(item.get(name)) for name in names] for item in items)
    return Response(text.getvalue().encode("utf-8-sig"), headers=_kept(answer), media_type=CSV)


def _kept(answer: Response) -> dict[str, str]:
    own = {"content-type", "content-length"}
    return {name: value for name, value in answer.headers.items() if name not in own}


def cell(value: object) -> str | int | float:
    """One field; words that a spreadsheet would run as a formula get an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return json.dumps(value, ensure_ascii=False)
