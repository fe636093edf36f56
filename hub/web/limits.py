"""No request body is larger than its route can need."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 256 * 1024
MAX_UPLOAD = 8 * 1024 * 1024
UPLOADS = "/imports/"
"""Files are sent to paths that begin so."""


class BodyLimit:
    """A 413 problem when the length says too much, or as soon as too much has come.

    The framework's own limit stands outside of every middleware and answers plain text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count what it sends."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most = MAX_UPLOAD if scope["path"].startswith(UPLOADS) else MAX_BODY
        said, came = _length(scope), 0

        async def counted() -> Message:
            nonlocal came
            message: Message = {} if said > most else await receive()
            came += len(message.get("body", b""))
            if max(said, came) > most:
                detail = f"the body is larger than {most} bytes; send less, or in parts"
                raise HTTPException(413, detail, {"Connection": "close"})
            return message

        return await self._app(scope, counted, send)


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
