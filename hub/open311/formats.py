"""GeoReport answers as JSON and XML. Pure."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
_ONE_OF = {
    "services": "service", "attributes": "attribute", "values": "value", "errors": "error",
    "service_requests": "request", "endpoints": "endpoint", "formats": "format", "notes": "note",
}  # fmt: skip
"""What an item of a list is called in XML."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rendered(root: str, what: Any, form: str) -> bytes:
    """``root`` is what XML calls the whole; JSON has no name for it."""
    if form == "json":
        return json.dumps(what, ensure_ascii=False).encode()
    text = "".join(_element(root, what))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _element(name: str, what: Any) -> Iterator[str]:
    if what is None or what == "":
        yield f"<{name}/>"
        return
    yield f"<{name}>"
    if isinstance(what, Mapping):
        for key, value in what.items():
            yield from _element(key, value)
    elif isinstance(what, Sequence) and not isinstance(what, str):
        for item in what:
            yield from _element(_ONE_OF[name], item)
    else:
        text = str(what).lower() if isinstance(what, bool) else str(what)
        yield html.escape(_NO_XML.sub(" ", text), quote=False)
    yield f"</{name}>"
