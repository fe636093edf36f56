"""Bytes and back. A fact is encoded here once; afterwards only its bytes travel."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from wire.base import Message, WireModel
from wire.facts import BODIES, KIND_OF, MAX_LINE_BYTES, Envelope, Stamp, UnknownBody
from wire.session import MAX_BATCH_BYTES, FactsHeader

AnyMessage = TypeVar("AnyMessage", bound=Message)


class BadMessageError(ValueError):
    """Bytes that are not what their topic promises; ``reason`` is a word for a counter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Fact:
    """One decoded fact line: who, when, what."""

    envelope: Envelope
    body: WireModel

    @property
    def id(self) -> str:
        """128 random bits, the fact's name whatever its key."""
        return self.envelope.id


def encode(message: Message) -> bytes:
    """The payload of any message but facts: compact JSON, UTF-8, no absent fields."""
    return message.model_dump_json(exclude_none=True).encode()


def decode(payload: bytes, model: type[AnyMessage]) -> AnyMessage:
    """The message of a payload; raises BadMessageError with the first thing that is wrong."""
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        raise BadMessageError("bad_message", _first(error, model.__name__)) from None


def encode_fact(fact_id: str, stamp: Stamp, body: WireModel, *, test: bool = False) -> bytes:
    """One line, without its LF. Call once per fact: the bytes are the fact from then on."""
    return new_fact(fact_id, stamp, body, test=test)[1]


def new_fact(
    fact_id: str, stamp: Stamp, body: WireModel, *, test: bool = False
) -> tuple[Fact, bytes]:
    """A fact and its line: :func:`decode_fact` reads the same envelope and body from it."""
    envelope = Envelope(
        id=fact_id, kind=KIND_OF[type(body)], test=test or None, **stamp.model_dump()
    )
    head = envelope.model_dump_json(exclude_none=True)
    line = f'{head[:-1]},"body":{body.model_dump_json(exclude_none=True)}}}'.encode()
    return Fact(envelope, body), line


def decode_fact(line: bytes) -> Fact:
    """The fact of one line. An unknown kind is kept as UnknownBody; BadMessageError otherwise."""
    if len(line) > MAX_LINE_BYTES:
        raise BadMessageError("too_long", f"{len(line)} bytes, at most {MAX_LINE_BYTES}")
    raw = _parsed(line)
    if not isinstance(raw, dict):
        raise BadMessageError("not_json", f"a {type(raw).__name__}, expected an object")
    try:
        envelope = Envelope.model_validate(raw)
        body = BODIES.get(envelope.kind, UnknownBody).model_validate(raw.get("body"))
    except ValidationError as error:
        raise BadMessageError("bad_fact", _first(error, "fact")) from None
    return Fact(envelope, body)


def _parsed(line: bytes) -> Any:
    """Pydantic's parser is four times as fast; what it refuses the other one explains."""
    try:
        return from_json(line)
    except ValueError:
        return _explained(line)


def _explained(line: bytes) -> Any:
    try:
        return json.loads(line.decode())  # bytes would be taken for UTF-16 as well
    except (ValueError, RecursionError) as error:
        raise BadMessageError("not_json", str(error)[:200]) from None


def encode_batch(header: FactsHeader, lines: list[bytes]) -> bytes:
    """Header line, then the fact lines as they were recorded."""
    return b"\n".join([encode(header), *lines, b""])


def decode_batch(payload: bytes) -> tuple[FactsHeader, list[bytes]]:
    """Header and raw lines; BadMessageError when truncated, oversized or miscounted.

    Lines are not decoded: one that cannot be read must not hide the others.
    """
    if len(payload) > MAX_BATCH_BYTES:
        raise BadMessageError("too_long", f"{len(payload)} bytes, at most {MAX_BATCH_BYTES}")
    head, *lines = payload.split(b"\n")
    header = decode(head, FactsHeader)
    if not lines or lines.pop() != b"" or len(lines) != header.count:
        raise BadMessageError("truncated", f"{len(lines)} whole lines, header says {header.count}")
    return header, lines


def chain_seed(epoch: str) -> bytes:
    """The chain before the first fact of an epoch."""
    return hashlib.sha256(b"lianxin chain 1 " + epoch.encode()).digest()


def chain_next(previous: bytes, line: bytes) -> bytes:
    """The chain after one more line (without its LF)."""
    return hashlib.sha256(previous + line).digest()


def _first(error: ValidationError, what: str) -> str:
    item = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in item["loc"]) or what
    return f"{where}: {item['msg']}"[:200]
