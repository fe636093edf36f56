"""The field types and the model base that every message shares."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class WireModel(BaseModel):
    """A message or a part of one: frozen, and keeping the fields it does not know.

    A newer sender may add a field; dropping it would lose what somebody recorded.
    """

    model_config = ConfigDict(frozen=True, extra="allow")


class Message(WireModel):
    """A whole MQTT payload; ``v`` is the wire version of its sender."""

    v: Literal[1] = 1


Hex128 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="128 random bits, hex")]
Hex256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="a SHA-256, hex")]
TopicPart = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$", description="one topic part")]
CardToken = Annotated[
    str,
    Field(
        pattern=r"^k[1-9][0-9]{0,2}\.[a-z2-7]{52}$",
        description="key number, dot, base32 of HMAC-SHA-256; never a card's own number",
    ),
]
Door = Annotated[
    str,
    Field(pattern=r"^[^\s-]{1,8}-[^\s-]{1,8}-[^\s-]{1,8}$", description="building-unit-room"),
]
PersonId = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$", description="a role's number")]
BinNo = Annotated[int, Field(ge=1, le=99, description="the bin's number at its point")]
Grams = Annotated[int, Field(ge=-9_999_999, le=9_999_999, description="grams")]
Seq = Annotated[int, Field(ge=1, le=2**63 - 1, description="position in its epoch, from 1")]
Cursor = Annotated[int, Field(ge=0, le=2**63 - 1, description="last position held, 0 = none")]
UtcMs = Annotated[
    int,
    Field(
        ge=-62_135_000_000_000,
        le=253_400_000_000_000,
        description="milliseconds since 1970-01-01T00:00Z; years 1 to 9999",
    ),
]
UpMs = Annotated[int, Field(ge=0, le=2**53, description="CLOCK_BOOTTIME in milliseconds")]
Count = Annotated[int, Field(ge=0, le=2**53, description="a count")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$", description="a word a program reads")]
Text = Annotated[str, Field(max_length=200, description="words for a person, ≤ 200 characters")]

Trust = Literal["kernel", "hub", "restored", "none"]
"""Why a wall time may be believed; ``restored`` and ``none`` mean that it may not."""

TRUSTED: frozenset[str] = frozenset({"kernel", "hub"})
