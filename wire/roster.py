"""What the hub tells a point ahead of time: who holds which card, and what it may change."""

from typing import Annotated, Literal

from pydantic import Field

from wire.base import CardToken, Code, Count, Door, Hex256, Message, PersonId, UtcMs, WireModel

MAX_PAGE_BYTES = 64 * 1024
CARDS_PER_PAGE = 600
"""A card is ≤ 90 bytes; a space of payload is kept for people."""

MATTERS = ("device", "facility", "repair", "fire_safety", "blocked_way", "illegal_building",
           "rental", "parking", "other")  # fmt: skip
"""What a supervisor can report without a word, unless the hub says otherwise."""

RosterCard = tuple[CardToken, Door, Literal["ok", "blocked"]]


class RosterPerson(WireModel):
    """Somebody who may open a shift; no name crosses the wire."""

    person: PersonId
    number: Annotated[str, Field(pattern=r"^[0-9]{1,8}$")]
    card: CardToken | None = None
    pin: Annotated[
        str | None, Field(pattern=r"^scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}$", description="hash")
    ] = None
    role: Literal["volunteer", "officer", "technician"] = "volunteer"


class PageRef(WireModel):
    """A page's number and the SHA-256 of its payload."""

    no: Count
    sha256: Hex256


class RosterManifest(Message):
    """Retained. A node swaps to ``version`` when it holds every page named here."""

    version: Count
    made_ms: UtcMs
    cards: Count
    pages: Annotated[tuple[PageRef, ...], Field(max_length=400)]


class RosterPage(Message):
    """Retained, one topic a page, ≤ 64 KB."""

    version: Count
    no: Count
    cards: tuple[RosterCard, ...]
    people: tuple[RosterPerson, ...] = ()


class Settings(Message):
    """Retained: what the hub may change at a point. Everything has a default."""

    version: Count = 0
    tap_order: Literal["first", "last", "either"] = "first"
    claim_window_s: Annotated[int, Field(ge=5, le=600)] = 60
    idle_s: Annotated[int, Field(ge=10, le=3600)] = 90
    undo_s: Annotated[int, Field(ge=5, le=600)] = 60
    matters: Annotated[tuple[Code, ...], Field(max_length=9)] | None = Field(
        None, description="kinds of matter a point may report, by digit; absent = MATTERS"
    )
    same_card_s: Annotated[
        int, Field(ge=1, le=60, description="a card held to the reader is one tap")
    ] = 3
