"""``If-Match``: what was shown is what is done, or nothing is."""

from typing import Annotated

from fastapi import Depends, Header, Response

from hub.web.problem import ProblemError

Tag = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^"?[0-9a-f]{64}"?$',
        description="the `ETag` of what was shown",
        examples=[f'"{"0" * 64}"'],
    ),
]


def _required(tag: Tag = None) -> str:
    if tag is None:
        detail = "header If-Match is missing; expected the ETag of the preview"
        raise ProblemError(428, "if-match-missing", detail)
    return tag.strip('"')


Shown = Annotated[str, Depends(_required)]
"""The tag that a change must carry."""
MAY_NOT_MATCH: dict[int | str, dict[str, object]] = {412: {}, 428: {}}


def tell(response: Response, tag: str) -> None:
    """Give the tag of what is being shown."""
    response.headers["ETag"] = f'"{tag}"'


def require_same(shown: str, now: str) -> None:
    """A 412 problem when something else would be done than was shown."""
    if shown != now:
        detail = "it has changed since it was shown; look again and send the new ETag"
        raise ProblemError(412, "changed-since", detail)
