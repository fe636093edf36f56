"""``Idempotency-Key``: a POST sent again is answered again and not done again.

The key is stored in the transaction of its effect, so a request that was refused may be sent
again under the same key.
"""

import hashlib
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, select, update
from sqlmodel import Session

from hub.db import own_insert, table
from hub.web.deps import Caller, Hub, get_hub
from hub.web.problem import ProblemError
from hub.web.tables import IdempotencyKey

Answer = TypeVar("Answer", bound=BaseModel)
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,64}$",
        description="chosen by the caller, 1 to 64 printable ASCII characters; "
        "the same request under the same key is done once",
        examples=["2026-05-03-card-000123"],
    ),
]
_keys = table(IdempotencyKey)


REPLAYED = {"Idempotency-Replayed": "true"}


def key_reused(key: str) -> ProblemError:
    """What a key for something else is told."""
    detail = (
        f"Idempotency-Key {key} was used for another request; "
        "expected the same path and body, or a new key"
    )
    return ProblemError(422, "idempotency-key-reused", detail)


class Once:
    """Does what one request asks at most once for its key."""

    def __init__(self, request: Request, response: Response, key: str | None) -> None:
        self._hub: Hub = get_hub(request)
        self._where = f"{request.method} {request.url.path}"
        self._response = response
        self._key = key

    def run(
        self,
        session: Session,
        caller: Caller,
        asked: BaseModel | None,
        answer: type[Answer],
        effect: Callable[[], Answer],
    ) -> Answer:
        """The effect's answer, or the one given before; 422 for a key used for something else.

        ``session`` must be a write session and the only one that ``effect`` writes in.
        """
        if self._key is None:
            return effect()
        body = asked.model_dump_json() if asked is not None else ""
        digest = hashlib.sha256(f"{self._where}\n{body}".encode()).hexdigest()
        mine = _of(self._hub.community, caller.user, self._key)
        if not self._claim(session, caller, digest):
            return answer.model_validate_json(self._given(session, mine, digest))
        done = effect()
        said = {"answer": done.model_dump_json()}
        session.execute(update(_keys).where(mine).values(said))
        return done

    def _claim(self, session: Session, caller: Caller, digest: str) -> bool:
        """Whether the key is new; waits for a transaction that holds it."""
        row = {
            "community": self._hub.community,
            "user": caller.user,
            "key": self._key,
            "asked_sha256": digest,
            "at_ms": self._hub.now_ms(),
        }
        claim = (
            own_insert(session.connection(), _keys)
            .values(row)
            .on_conflict_do_nothing()
            .returning(_keys.c.key)
        )
        return session.execute(claim).first() is not None

    def _given(self, session: Session, mine: ColumnElement[bool], digest: str) -> str:
        held = session.execute(select(_keys.c.asked_sha256, _keys.c.answer).where(mine)).one()
        if held.asked_sha256 != digest:
            raise key_reused(str(self._key))
        self._response.headers.update(REPLAYED)
        return str(held.answer)


def _of(community: str, user: str, key: str) -> ColumnElement[bool]:
    c = _keys.c
    return and_(c.community == community, c.user == user, c.key == key)


async def _optional(request: Request, response: Response, key: Key = None) -> Once:
    return Once(request, response, key)


async def _required(request: Request, response: Response, key: Key = None) -> Once:
    if key is None:
        detail = "header Idempotency-Key is missing; expected 1 to 64 characters of your choice"
        raise ProblemError(400, "idempotency-key-missing", detail)
    return Once(request, response, key)


OnceDep = Annotated[Once, Depends(_optional, scope="function")]
OnceForMoney = Annotated[Once, Depends(_required, scope="function")]
"""Where doing it twice would pay twice, the key is not optional."""
