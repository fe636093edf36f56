"""Keyset pages: ``after`` is the opaque place behind the last row of the page before."""

import base64
import binascii
import json
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel, TypeAdapter, ValidationError

from hub.web.problem import ProblemError

Place = TypeVar("Place")

After = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500, description="rows a page")]
DEFAULT_LIMIT = 100


class Page(BaseModel):
    """What every list answers beside its items."""

    next: str | None = None


def encode_place(*values: str | int | None) -> str:
    """The opaque text for a place in an order."""
    packed = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_place(after: str | None, kind: type[Place]) -> Place | None:
    """The place of an ``after``; a 422 problem when it is not one of ours."""
    if after is None:
        return None
    try:
        packed = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        return TypeAdapter(kind).validate_json(packed)
    except (binascii.Error, ValueError, ValidationError):
        detail = "query.after: not a `next` of this list; start again without it"
        raise ProblemError(422, "bad-request", detail) from None
