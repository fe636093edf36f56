"""Bounds of what a request may hold: no length is open, no text has control characters."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime, Field

PLAIN = r"^[^\x00-\x1f\x7f]*$"
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

Why = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=PLAIN,
        description="the caller's words; they stand in the record of changes",
        examples=["card lost, reported at the desk"],
    ),
]
Moment = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST, description="with its zone")]
DayInReach = Annotated[date, Field(ge=_FIRST.date(), le=_LAST.date())]
InPath = Annotated[str, Path(max_length=80, pattern=PLAIN)]
InQuery = Annotated[str | None, Query(max_length=80, pattern=PLAIN)]
